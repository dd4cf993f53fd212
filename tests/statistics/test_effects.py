"""Intervals invert the distribution that they say they invert, and have the coverage that they claim."""

import math

import numpy as np
import pytest
from scipy import stats

from artneuro.statistics.effects import bayes_f, d_interval, eta_interval, eta_squared, r_interval


@pytest.mark.parametrize(("d", "n"), [(0.0, 5), (0.5, 10), (-1.2, 8), (3.0, 20), (40.0, 10)])
def test_d_interval_leaves_its_tails_in_the_noncentral_t(d, n):
    scale, df = n**-0.5, n - 1
    low, high = d_interval(d, scale, df)
    t = d / scale
    assert stats.nct.sf(t, df, low / scale) == pytest.approx(0.025, abs=1e-6)
    assert stats.nct.cdf(t, df, high / scale) == pytest.approx(0.025, abs=1e-6)


def test_d_interval_of_the_mirrored_effect_is_mirrored():
    low, high = d_interval(0.7, 0.4, 7)
    assert d_interval(-0.7, 0.4, 7) == pytest.approx((-high, -low))


def test_d_interval_has_a_limit_where_the_distribution_cannot_be_computed():
    just, beyond = (d_interval(t * 0.1, 0.1, 9) for t in (9999.0, 10001.0))
    assert beyond[0] / just[0] == pytest.approx(1, abs=1e-3)  # the limit neglects Z, a part in 10^4 of t
    assert beyond[1] / just[1] == pytest.approx(1, abs=1e-3)
    assert d_interval(-1e7, 0.1, 9)[0] < -1e7 < d_interval(-1e7, 0.1, 9)[1] < 0


@pytest.mark.parametrize(("f", "df1", "df2"), [(4.0, 2, 57), (10.0, 1, 8), (300.0, 3, 36)])
def test_eta_interval_leaves_its_tails_in_the_noncentral_f(f, df1, df2):
    n = df1 + df2 + 1
    low, high = eta_interval(f, df1, df2, n)
    assert stats.ncf.sf(f, df1, df2, low / (1 - low) * n) == pytest.approx(0.05, abs=1e-5)
    assert stats.ncf.cdf(f, df1, df2, high / (1 - high) * n) == pytest.approx(0.05, abs=1e-5)
    assert low < eta_squared(f, df1, df2) < high


def test_eta_interval_has_a_limit_where_the_distribution_cannot_be_computed():
    just, beyond = (eta_interval(f, 1, 9, 10) for f in (0.99e8, 1.01e8))
    # 1 - eta falls as 1 / F: two per cent apart
    assert (1 - just[0]) / (1 - beyond[0]) == pytest.approx(1.02, abs=0.002)
    assert (1 - just[1]) / (1 - beyond[1]) == pytest.approx(1.02, abs=0.002)
    assert eta_interval(1e30, 3, 9, 10) == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize(("p", "excludes"), [(0.049, True), (0.051, False)])
def test_eta_interval_excludes_zero_where_f_is_significant(p, excludes):
    low, _ = eta_interval(float(stats.f.isf(p, 2, 30)), 2, 30, 33)
    assert (low > 0) is excludes


def test_r_interval_is_scipys():
    x, y = np.random.default_rng(0).normal(size=(2, 25))
    found = stats.pearsonr(x, y)
    expected = found.confidence_interval(0.95)
    assert r_interval(found.statistic, (25 - 3) ** -0.5) == pytest.approx((expected.low, expected.high))
    assert all(map(math.isnan, r_interval(1.0, 0.1)))


def test_bayes_f_follows_the_difference_in_bic():
    # two nested least-squares fits: BIC = n ln(SSE / n) + k ln n
    rng = np.random.default_rng(2)
    y, group = rng.normal(size=30), np.repeat([0, 1, 2], 10)
    total = ((y - y.mean()) ** 2).sum()
    within = sum(((y[group == g] - y[group == g].mean()) ** 2).sum() for g in range(3))
    bic_null, bic_full = 30 * math.log(total / 30), 30 * math.log(within / 30) + 2 * math.log(30)
    assert bayes_f(1 - within / total, 30, 2) == pytest.approx(math.exp((bic_null - bic_full) / 2))
    assert bayes_f(1.0, 10, 1) == math.inf
