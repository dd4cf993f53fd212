"""ANOVA against R's published numbers, statsmodels and scipy."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats

from artneuro.errors import DesignError
from artneuro.statistics import anova, rm_anova


def test_plant_growth(strangers, plant_growth):
    # R: summary(aov(weight ~ group, PlantGrowth)): F(2, 27) = 4.846, p = 0.0159; TukeyHSD as below
    result = anova(strangers(plant_growth), dv="auc", between="arm", posthoc="tukey")
    row = result.table.iloc[0]
    assert (row["f"], row["df1"], row["df2"], row["p"]) == pytest.approx((4.846, 2, 27, 0.01591), abs=5e-4)
    pairs = result.tables["posthoc"]
    assert pairs["p"].tolist() == pytest.approx([0.3908711, 0.1979960, 0.0120064], abs=1e-6)
    assert (-pairs["difference"]).tolist() == pytest.approx([-0.371, 0.494, 0.865])
    assert pairs["high"].tolist() == pytest.approx([1.0622161, 0.1972161, -0.1737839], abs=1e-6)
    assert pairs["low"].tolist() == pytest.approx([-0.3202161, -1.1852161, -1.5562161], abs=1e-6)
    assert result.sentences[0].startswith("auc by arm: F(2, 27) = 4.85, p = .016, partial eta-squared = .26, 90% CI [")
    assert "within_twins" not in result.tables


def test_games_howell_is_scipys(strangers, plant_growth):
    pairs = anova(strangers(plant_growth), dv="auc", between="arm", posthoc="games-howell").tables["posthoc"]
    theirs = stats.tukey_hsd(*plant_growth.values(), equal_var=False)
    interval = theirs.confidence_interval()
    for row, (a, b) in zip(pairs.itertuples(), [(0, 1), (0, 2), (1, 2)], strict=True):
        assert row.p == pytest.approx(theirs.pvalue[a, b], abs=1e-6)
        assert (row.low, row.high) == pytest.approx((interval.low[a, b], interval.high[a, b]), abs=1e-6)


def test_arms_of_twins_are_also_tested_within_twins(of_arms, plant_growth):
    record = of_arms(plant_growth)
    result = anova(record, dv="auc", between="arm", posthoc="tukey")
    assert result.table["f"].iloc[0] == pytest.approx(4.846, abs=5e-4)
    alone = rm_anova(record, dv="auc", within="arm")
    assert result.tables["within_twins"].equals(alone.table)
    assert result.tables["paired"].equals(alone.tables["posthoc"])
    assert any("within 10 sets of twins" in sentence for sentence in result.sentences)
    assert any("The arms hold twins" in note for note in result.notes)


def test_independent_leaves_the_twins_out_and_says_so(of_arms, plant_growth):
    result = anova(of_arms(plant_growth), dv="auc", between="arm", pairing="independent")
    assert set(result.tables) == {"anova", "assumptions", "power"}
    assert any("tested as strangers because the analysis says so" in note for note in result.notes)


def test_twins_that_cannot_answer_leave_the_test_that_was_asked_for(of_arms):
    values = [0.9, 0.8, 0.85, 0.7]
    record = of_arms({"clean": values, "half": [value - 0.1 for value in values]})  # twins differ by a constant
    result = anova(record, dv="auc", between="arm")
    assert np.isfinite(result.table["f"].iloc[0])
    assert any("There is no test within twins" in note for note in result.notes)


def unbalanced(strangers):
    rng = np.random.default_rng(5)
    record = strangers({"a": rng.normal(0, 1, 7), "b": rng.normal(0.5, 1, 9), "c": rng.normal(1, 1, 6)})
    dose = np.array(list("xxxyyyy" + "xxxxyyyyy" + "xxyyyy"))
    return record.assign_coords(dose=("subject", dose))


def test_two_way_unbalanced_is_type_two_of_statsmodels(strangers):
    record = unbalanced(strangers)
    table = anova(record, dv="auc", between=["arm", "dose"]).table.set_index("source")
    frame = pd.DataFrame({"y": record.auc.values, "arm": record.arm.values, "dose": record.dose.values})
    theirs = sm.stats.anova_lm(smf.ols("y ~ C(arm) * C(dose)", frame).fit(), typ=2)
    for source, name in [("arm", "C(arm)"), ("dose", "C(dose)"), ("arm * dose", "C(arm):C(dose)")]:
        assert table.loc[source, "f"] == pytest.approx(theirs.loc[name, "F"])
        assert table.loc[source, "p"] == pytest.approx(theirs.loc[name, "PR(>F)"])
        share = theirs.loc[name, "sum_sq"] / (theirs.loc[name, "sum_sq"] + theirs.loc["Residual", "sum_sq"])
        assert table.loc[source, "partial_eta_squared"] == pytest.approx(share)


def test_an_empty_cell_is_refused(strangers):
    record = unbalanced(strangers)
    keep = (record.arm != "a") | (record.dose != "x")
    with pytest.raises(DesignError, match=r"1 of the 6 cells of arm x dose are empty"):
        anova(record.isel(subject=keep.values), dv="auc", between=["arm", "dose"])


def test_what_one_anova_cannot_do_says_what_can(strangers, plant_growth, within):
    record = unbalanced(strangers)
    with pytest.raises(DesignError, match="one analysis a factor"):
        anova(record, dv="auc", between=["arm", "dose"], posthoc="tukey")
    with pytest.raises(DesignError, match="mixed_model"):
        anova(record, dv="auc", between=["arm", "dose", "seed"])
    with pytest.raises(DesignError, match="varies within subjects"):
        anova(within([[0.9, 0.7], [0.8, 0.75]]), dv="auc", between="clamp")


def test_unequal_variances_are_said_with_the_remedy(strangers):
    rng = np.random.default_rng(1)
    result = anova(strangers({"a": rng.normal(0, 0.1, 20), "b": rng.normal(0, 3, 20)}), dv="auc", between="arm")
    assert any("Equal variances is in doubt" in note and "`welch_anova`" in note for note in result.notes)


def test_scale_and_zero_do_not_matter(strangers, plant_growth):
    moved = {arm: [3 * value - 7 for value in values] for arm, values in plant_growth.items()}
    before, after = (anova(strangers(data), dv="auc", between="arm").table.iloc[0] for data in (plant_growth, moved))
    for column in ("f", "p", "partial_eta_squared", "eta_low", "bf10", "power"):
        assert after[column] == pytest.approx(before[column], rel=1e-9)
