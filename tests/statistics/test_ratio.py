"""Ratios of means and Fieller's interval, against the t-tests that define it."""

import math

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from artneuro.errors import DesignError
from artneuro.statistics import Ratio, ratio
from artneuro.statistics.ratio import fieller

RNG = np.random.default_rng(3)
X = RNG.normal(0.05, 0.01, 9)
Y = 0.8 * X + RNG.normal(0, 0.006, 9)


@pytest.fixture
def record(of_arms):
    return of_arms({"control": Y}, name="left", harm={"control": X})


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_at_its_limits_a_t_test_is_about_to_reject(confidence):
    for limit in fieller(Y, X, confidence):
        assert stats.ttest_1samp(Y - limit * X, 0).pvalue == pytest.approx(1 - confidence, rel=1e-9)
    low, high = fieller(Y, X, confidence)
    assert low < Y.mean() / X.mean() < high


def test_units_change_the_ratio_and_not_what_is_known_of_it():
    low, high = fieller(Y, X)
    assert fieller(3 * Y, 7 * X) == pytest.approx((3 / 7 * low, 3 / 7 * high))
    assert fieller(X, Y) == pytest.approx((1 / high, 1 / low))


def test_an_exact_multiple_has_an_interval_of_no_width():
    assert fieller(0.5 * X, X) == pytest.approx((0.5, 0.5), rel=1e-6)  # a root of a number that is 0 but for rounding


def test_it_holds_the_true_ratio_as_often_as_it_says():
    """19 in 20: of 2,000 cohorts 1,900, give or take 20 (two standard deviations); denominators may be small."""
    rng = np.random.default_rng(0)
    x = rng.normal(1.0, 1.0, (2000, 6))
    y = 0.7 * x + rng.normal(0, 0.5, x.shape)
    limits = [fieller(*pair) for pair in zip(y, x, strict=True)]
    bounded = [(low, high) for low, high in limits if math.isfinite(low)]
    assert 0 < len(limits) - len(bounded) < 1500
    held = sum(low <= 0.7 <= high for low, high in limits)
    # sets without an end are read as the whole line here, a little more than they are
    assert 1880 <= held <= 1960


def test_a_row_and_a_sentence(record):
    result = ratio(record, dv="left", over="harm")
    row = result.table.iloc[0]
    assert row["ratio"] == pytest.approx(Y.mean() / X.mean())
    assert (row["low"], row["high"]) == pytest.approx(fieller(Y, X))
    assert row["p"] == pytest.approx(stats.ttest_rel(Y, X).pvalue)
    assert (row["n"], row["df"]) == (9, 8)
    assert result.sentences[0].startswith("left over harm, by subject: ratio = 0.")
    assert result.sentences[0].endswith("against 1, n = 9.")
    half = ratio(record, dv="left", over="harm", against=0.5).table.iloc[0]
    assert half["p"] == pytest.approx(stats.ttest_1samp(Y - 0.5 * X, 0).pvalue)
    assert (half["low"], half["high"]) == (row["low"], row["high"])


def test_where_nothing_is_known_to_be_there_no_share_is_too_large(of_arms):
    few = of_arms({"control": [0.02, 0.01, 0.0]}, name="left", harm={"control": [0.05, -0.01, 0.02]})
    result = ratio(few, dv="left", over="harm")
    assert (result.table["low"].iloc[0], result.table["high"].iloc[0]) == (-math.inf, math.inf)
    assert "no bounded interval" in result.sentences[0]
    assert "the mean of harm cannot be told from 0" in result.notes[-1]


def test_two_records_are_put_side_by_side_subject_by_subject():
    def part(values, removals):
        coords = {"subject": ["c-0", "c-1", "c-2"], "arm": ("subject", ["c"] * 3), "removal": removals}
        return xr.Dataset({"sensitivity": (("subject", "removal"), values)}, coords)

    goes_on = part([[0, 9, 0.04], [0, 9, 0.06], [0, 9, 0.05]], [0, 20, 40])
    anew = part([[0, 0.03], [0, 0.03], [0, 0.03]], [0, 40])
    share = Ratio(of="Anew.sensitivity", over="GoesOn.sensitivity", where={"removal": 40})
    assert share.run({"GoesOn": goes_on, "Anew": anew}).table["ratio"].iloc[0] == pytest.approx(0.6)


def test_nothing_has_a_share_in_nothing(of_arms):
    with pytest.raises(DesignError, match="harm has a mean of 0"):
        ratio(of_arms({"c": [1.0, 2.0]}, name="left", harm={"c": [1.0, -1.0]}), dv="left", over="harm")
    with pytest.raises(DesignError, match="constant within every group"):
        ratio(of_arms({"c": [1.0, 2.0]}, name="left", harm={"c": [1.0, 2.0]}), dv="left", over="harm")


def test_twins_of_several_arms_are_no_strangers(of_arms):
    with pytest.raises(DesignError, match="would stand in one group"):
        ratio(of_arms({"a": Y, "b": Y}, name="left", harm={"a": X, "b": X}), dv="left", over="harm")
