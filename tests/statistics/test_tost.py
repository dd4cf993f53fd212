"""Two one-sided tests against statsmodels, and their power against simulation."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

from artneuro.statistics.contrast import Contrast
from artneuro.statistics.tost import tost, tost_power

RNG = np.random.default_rng(5)
A, B = RNG.normal(0.50, 0.02, 14), RNG.normal(0.505, 0.03, 11)


def test_pairs_are_statsmodels():
    x, y = A[:11], B
    p, low, high = ttost_paired(x, y, -0.02, 0.02)
    ours = tost(Contrast((x - y,), (1.0,)), 0.02)
    assert (ours.p, ours.p_below, ours.p_above) == pytest.approx((p, low[1], high[1]))


def test_strangers_are_statsmodels():
    p, low, high = ttost_ind(A, B, -0.02, 0.02, usevar="unequal")
    ours = tost(Contrast((A, B), (1.0, -1.0)), 0.02)
    assert (ours.p, ours.p_below, ours.p_above) == pytest.approx((p, low[1], high[1]))


@pytest.mark.parametrize("margin", [0.005, 0.01, 0.02, 0.04])
def test_equivalence_is_that_the_90_percent_interval_lies_within_the_margin(margin):
    ours = tost(Contrast((A, B), (1.0, -1.0)), margin)
    assert ours.equivalent is (-margin < ours.low and ours.high < margin)


@pytest.mark.parametrize(("shift", "different"), [(0.2, True), (-0.2, True), (0.0, False)])
def test_different_is_that_the_interval_lies_outside(shift, different):
    answer = tost(Contrast((A + shift, B), (1.0, -1.0)), 0.02)
    assert answer.different is different
    assert not (answer.different and answer.equivalent)


def test_a_number_to_be_compared_with_only_shifts():
    shifted, against = tost(Contrast((A - 0.5,), (1.0,)), 0.02), tost(Contrast((A,), (1.0,)), 0.02, against=0.5)
    numbers = {key: value for key, value in shifted.row().items() if not isinstance(value, str)}
    assert {key: against.row()[key] for key in numbers} == pytest.approx(numbers, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("value", "equivalent"), [(0.0, True), (0.01, True), (0.05, False)])
def test_scores_that_do_not_vary_are_their_own_interval(value, equivalent):
    answer = tost(Contrast((np.full(6, value),), (1.0,)), 0.02)
    assert (answer.low, answer.high) == pytest.approx((value, value), rel=1e-12)
    assert answer.equivalent is equivalent
    assert answer.different is not equivalent
    assert np.isnan(answer.effect)


def test_power_is_what_simulation_finds():
    rng = np.random.default_rng(0)
    draws = rng.normal(0, 1, (4000, 20))
    error = draws.std(axis=1, ddof=1) / np.sqrt(20)
    reach = stats.t.isf(0.05, 19) * error
    share = ((draws.mean(axis=1) - reach > -0.7) & (draws.mean(axis=1) + reach < 0.7)).mean()
    # standard error of a share of 4000 is below 0.008; three of them
    assert tost_power(0.7 * np.sqrt(20), 19) == pytest.approx(share, abs=0.024)


def test_needed_n_gives_the_power_that_it_promises():
    sd = 1.0
    scores = np.array([-1.0, 1.0] * 5)
    scores = scores / scores.std(ddof=1) * sd
    answer = tost(Contrast((scores,), (1.0,)), 0.5)
    n = int(answer.needed_n)
    assert tost_power(0.5 * np.sqrt(n), n - 1) >= 0.8 > tost_power(0.5 * np.sqrt(n - 1), n - 2)
