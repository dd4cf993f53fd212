"""Kruskal and Wallis against R and scipy; the effect against its definition."""

import numpy as np
import pytest
from scipy import stats

from artneuro.statistics import kruskal
from artneuro.statistics.kruskal import epsilon_squared


def test_plant_growth(strangers, plant_growth):
    # R: kruskal.test(weight ~ group, PlantGrowth): chi-squared = 7.9882, df = 2, p-value = 0.01842
    result = kruskal(strangers(plant_growth), dv="auc", between="arm")
    row = result.table.iloc[0]
    assert (row["h"], row["df"], row["p"]) == pytest.approx((7.9882, 2, 0.01842), abs=5e-5)
    assert row["effect"] == pytest.approx(7.9882 / 29, abs=1e-5)
    assert row["effect_low"] < row["effect"] < row["effect_high"]
    assert result.sentences[0].startswith("auc by arm: H(2) = 7.99, p = .018, epsilon-squared = .28")


def test_the_effect_is_h_over_n_less_one_also_with_ties():
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, 6, (5, n)).astype(float) for n in (7, 9, 4)]
    expected = [stats.kruskal(*(group[place] for group in draws)).statistic / 19 for place in range(5)]
    assert epsilon_squared(draws) == pytest.approx(np.array(expected))
    assert epsilon_squared([np.ones((1, 3)), np.ones((1, 3))]) == pytest.approx([0.0])


def test_twins_are_pointed_out_and_nothing_is_random(of_arms, plant_growth):
    first, second = (kruskal(of_arms(plant_growth), dv="auc", between="arm") for _ in range(2))
    assert any("`friedman`" in note for note in first.notes)
    assert first.table.equals(second.table)


def test_only_ranks_matter(strangers, plant_growth):
    stretched = {arm: np.exp(values) for arm, values in plant_growth.items()}
    before, after = (kruskal(strangers(data), dv="auc", between="arm").table for data in (plant_growth, stretched))
    assert after.equals(before)
