"""All pairs, by t-tests and by ranks, corrected for their number."""

import numpy as np
import pytest
from scipy import stats

from artneuro.errors import DesignError, SpecificationError
from artneuro.statistics import Pairwise, pairwise, t_test


def test_pairs_of_strangers_are_welch_tests_after_holm(strangers, plant_growth):
    table = pairwise(strangers(plant_growth), dv="auc", between="arm").table
    p = [
        stats.ttest_ind(plant_growth[a], plant_growth[b], equal_var=False).pvalue
        for a, b in [("ctrl", "trt1"), ("ctrl", "trt2"), ("trt1", "trt2")]
    ]
    assert table["p"].tolist() == pytest.approx(p)
    # Holm by hand: smallest times 3, next times 2, largest times 1, never falling
    order = np.argsort(p)
    corrected = np.maximum.accumulate(np.array(p)[order] * [3, 2, 1]).clip(max=1)
    assert table["p_corrected"].to_numpy()[order] == pytest.approx(corrected)


def test_each_pair_is_the_t_test_of_its_two_levels(of_arms, plant_growth):
    record = of_arms(plant_growth)
    table = pairwise(record, dv="auc", between="arm", correction="none").table
    alone = t_test(record, dv="auc", between="arm", where={"arm": ("trt1", "trt2")}).table
    shared = [column for column in alone.columns if column in table.columns]
    assert table.iloc[2][shared].tolist() == alone.iloc[0][shared].tolist()
    assert set(table["how"]) == {"paired by seed (twins)"}


def test_ranks_of_strangers(strangers, plant_growth):
    row = pairwise(strangers(plant_growth), dv="auc", between="arm", parametric=False).table.iloc[2]
    a, b = plant_growth["trt1"], plant_growth["trt2"]
    assert row["p"] == pytest.approx(stats.mannwhitneyu(a, b).pvalue)
    above = sum(np.sign(x - y) for x in a for y in b)
    assert row["effect"] == pytest.approx(above / 100)  # rank-biserial: share of pairs above less share below
    assert row["effect_low"] < row["effect"] < row["effect_high"]


def test_ranks_of_twins(of_arms, sleep):
    result = pairwise(of_arms(sleep), dv="auc", between="arm", parametric=False)
    row = result.table.iloc[0]
    differences = np.subtract(sleep["first"], sleep["second"])
    differences = differences[differences != 0]  # Wilcoxon's own rule; one patient gained the same
    assert row["p"] == pytest.approx(stats.wilcoxon(differences).pvalue)
    assert row["effect"] == -1.0  # every other patient gained more under the second
    assert "rank-biserial r = -1.00" in result.sentences[0]


def test_a_pair_that_does_not_vary_leaves_the_others_tested(within):
    values = np.array([[0.9, 0.7, 0.7], [0.8, 0.75, 0.75], [0.7, 0.6, 0.6]])
    result = pairwise(within(values), dv="auc", within="clamp")
    table = result.table.set_index(["a", "b"])
    assert table.loc[("mean", "noise"), "test"] == "none"
    assert np.isnan(table.loc[("mean", "noise"), "p_corrected"])
    assert np.isfinite(table.loc[("zero", "mean"), "p_corrected"])
    assert any("constant" in note and "mean against noise" in note for note in result.notes)
    assert "auc, mean against noise: not tested, difference = 0 throughout." in result.sentences


def test_a_factor_is_needed(of_arms, sleep):
    with pytest.raises(DesignError, match="give the factor"):
        pairwise(of_arms(sleep), dv="auc")
    with pytest.raises(SpecificationError, match="one of between and within"):
        Pairwise(of="R.auc")
