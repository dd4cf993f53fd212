"""Friedman against scipy; Kendall's W against its definition."""

import numpy as np
import pytest
from scipy import stats

from artneuro.errors import DesignError
from artneuro.statistics import friedman
from artneuro.statistics.friedman import kendall_w

# Hollander and Wolfe 1973, p. 140, rounding first base (R's example of friedman.test)
ROUNDING = [
    [5.40, 5.50, 5.55], [5.85, 5.70, 5.75], [5.20, 5.60, 5.50], [5.55, 5.50, 5.40], [5.90, 5.85, 5.70],
    [5.45, 5.55, 5.60], [5.40, 5.40, 5.35], [5.45, 5.50, 5.35], [5.25, 5.15, 5.00], [5.85, 5.80, 5.70],
    [5.25, 5.20, 5.10], [5.65, 5.55, 5.45], [5.60, 5.35, 5.45], [5.05, 5.00, 4.95], [5.50, 5.50, 5.40],
    [5.45, 5.55, 5.50], [5.55, 5.55, 5.35], [5.45, 5.50, 5.55], [5.50, 5.45, 5.25], [5.65, 5.60, 5.40],
    [5.70, 5.65, 5.55], [6.30, 6.30, 6.25],
]  # fmt: skip


def test_rounding_times(within):
    # R: friedman.test(RoundingTimes): chi-squared = 11.143, df = 2, p-value = 0.003805
    result = friedman(within(ROUNDING), dv="auc", within="clamp")
    row = result.table.iloc[0]
    assert (row["q"], row["df"], row["p"]) == pytest.approx((11.143, 2, 0.003805), abs=5e-4)
    assert row["effect"] == pytest.approx(11.143 / (22 * 2), abs=1e-5)  # W = Q / (n (k - 1))
    assert row["effect_low"] < row["effect"] < row["effect_high"]
    assert "within 22 subjects: Q(2) = 11.14, p = .004, Kendall's W = .25" in result.sentences[0]
    assert len(result.tables["posthoc"]) == 3


def test_w_of_many_draws_is_scipys_q():
    draws = np.random.default_rng(0).integers(0, 4, (5, 6, 3)).astype(float)
    expected = [stats.friedmanchisquare(*block.T).statistic / 12 for block in draws]
    assert kendall_w([draws]) == pytest.approx(np.array(expected))
    assert kendall_w([np.ones((1, 4, 3))]) == pytest.approx([0.0])


def test_arms_within_twins(of_arms, plant_growth):
    row = friedman(of_arms(plant_growth), dv="auc", within="arm").table.iloc[0]
    assert row["q"] == pytest.approx(stats.friedmanchisquare(*plant_growth.values()).statistic)


def test_two_levels_and_constant_blocks_are_refused(within):
    with pytest.raises(DesignError, match=r"2 levels.*needs 3.*`parametric: false`"):
        friedman(within([[0.9, 0.8], [0.7, 0.6]]), dv="auc", within="clamp")
    with pytest.raises(DesignError, match="within each block is constant"):
        friedman(within([[0.9] * 3, [0.7] * 3]), dv="auc", within="clamp")
