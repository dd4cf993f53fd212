"""Mixed ANOVA against the simpler tests that its effects are made of."""

import numpy as np
import pytest
from scipy import stats

from artneuro.errors import DesignError
from artneuro.statistics import mixed_anova, rm_anova


def parts(record):
    values = record.auc.values
    return values[:8], values[8:]


def test_effects_are_tests_of_means_and_differences(crossed):
    record = crossed(interaction=0.05)
    result = mixed_anova(record, dv="auc", between="arm", within="clamp")
    table = result.table.set_index("source")
    control, turnover = parts(record)
    between = stats.ttest_ind(control.mean(1), turnover.mean(1))  # of two groups, F = t^2
    assert table.loc["arm", "f"] == pytest.approx(between.statistic**2)
    assert table.loc["arm", "p"] == pytest.approx(between.pvalue)
    inter = stats.ttest_ind(np.diff(control)[:, 0], np.diff(turnover)[:, 0])
    assert table.loc["arm * clamp", "f"] == pytest.approx(inter.statistic**2)
    # equal groups: the effect within is the grand mean difference over its pooled error
    pooled = (np.var(np.diff(control), ddof=1) + np.var(np.diff(turnover), ddof=1)) / 2
    f = np.diff(record.auc.values).mean() ** 2 / (pooled / 16)
    assert table.loc["clamp", "f"] == pytest.approx(f)
    assert (table["df1"].tolist(), table["df2"].tolist()) == ([1, 1, 1], [14, 14, 14])


def test_twins_are_also_tested_within_twins(crossed):
    record = crossed(interaction=0.05)
    result = mixed_anova(record, dv="auc", between="arm", within="clamp")
    assert result.tables["within_twins"].equals(rm_anova(record, dv="auc", within=["arm", "clamp"]).table)
    assert any("hold twins" in note for note in result.notes)
    alone = mixed_anova(record, dv="auc", between="arm", within="clamp", pairing="independent")
    assert "within_twins" not in alone.tables


def test_an_incomplete_subject_is_left_out_and_named(crossed):
    record = crossed()
    record["auc"][3, 1] = np.nan
    result = mixed_anova(record, dv="auc", between="arm", within="clamp", pairing="independent")
    assert result.table["df2"].tolist() == [13, 13, 13]
    assert any("subject control-3 (nothing in mean)" in note for note in result.notes)


def test_a_factor_between_subjects_is_no_condition(crossed):
    with pytest.raises(DesignError, match=r"does not vary within subjects; declare `anova`"):
        mixed_anova(crossed(), dv="auc", between="arm", within="seed", where={"clamp": "zero"})


def test_a_group_of_one_is_refused(crossed):
    record = crossed().isel(subject=slice(0, 9))
    with pytest.raises(DesignError, match="arm turnover has 1 subject"):
        mixed_anova(record, dv="auc", between="arm", within="clamp")
