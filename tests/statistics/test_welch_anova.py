"""Welch's ANOVA against R."""

import pytest

from artneuro.errors import DesignError
from artneuro.statistics import welch_anova


def test_plant_growth(strangers, plant_growth):
    # R: oneway.test(weight ~ group, PlantGrowth): F = 5.181, num df = 2, denom df = 17.128, p-value = 0.01739
    result = welch_anova(strangers(plant_growth), dv="auc", between="arm", posthoc="games-howell")
    row = result.table.iloc[0]
    assert (row["f"], row["df1"], row["df2"], row["p"]) == pytest.approx((5.181, 2, 17.128, 0.01739), abs=5e-4)
    assert result.sentences[0].startswith("auc by arm, variances unequal: F(2, 17.13) = 5.18, p = .017")
    assert len(result.tables["posthoc"]) == 3
    assert not any("twins" in note for note in result.notes)


def test_twins_are_pointed_out(of_arms, plant_growth):
    result = welch_anova(of_arms(plant_growth), dv="auc", between="arm")
    assert any("The groups hold twins" in note and "`rm_anova`" in note for note in result.notes)


def test_a_group_that_does_not_vary_is_refused(strangers):
    with pytest.raises(DesignError, match=r"constant within every group \(arm b: 1\)"):
        welch_anova(strangers({"a": [0.1, 0.2, 0.3], "b": [1.0, 1.0, 1.0]}), dv="auc", between="arm")
