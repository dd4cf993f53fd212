"""Contrasts are scipy's t-tests, and generalise them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from artneuro.statistics import achieved_power
from artneuro.statistics.contrast import Contrast

RNG = np.random.default_rng(3)
A, B, C = RNG.normal(0.5, 1.0, 12), RNG.normal(0.0, 2.0, 9), RNG.normal(1.0, 0.5, 7)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("pooled", [True, False])
def test_two_groups_are_scipys_independent_test(alternative, pooled):
    ours = Contrast((A, B), (1.0, -1.0), pooled)
    theirs = stats.ttest_ind(A, B, equal_var=pooled, alternative=alternative)
    assert (ours.t(), ours.df, ours.p(alternative)) == pytest.approx((theirs.statistic, theirs.df, theirs.pvalue))


def test_intervals_are_scipys():
    theirs = stats.ttest_ind(A, B, equal_var=False).confidence_interval(0.9)
    assert Contrast((A, B), (1.0, -1.0)).interval(0.9) == pytest.approx((theirs.low, theirs.high))
    theirs = stats.ttest_1samp(A, 0).confidence_interval(0.95)
    assert Contrast((A,), (1.0,)).interval() == pytest.approx((theirs.low, theirs.high))


def test_one_group_against_a_number():
    theirs = stats.ttest_1samp(A, 0.3, alternative="greater")
    ours = Contrast((A,), (1.0,))
    assert (ours.t(0.3), ours.p("greater", 0.3)) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert ours.effect(0.3) == pytest.approx((A.mean() - 0.3) / A.std(ddof=1))


def test_a_contrast_of_three_groups_is_that_of_least_squares():
    # pooled: the contrast of cell means of an ordinary one-way model
    import statsmodels.api as sm

    values, design = np.concatenate([A, B, C]), np.kron(np.eye(3), np.ones((1, 1)))
    design = np.repeat(np.eye(3), [len(A), len(B), len(C)], axis=0)
    theirs = sm.OLS(values, design).fit().t_test([1.0, -0.5, -0.5])
    ours = Contrast((A, B, C), (1.0, -0.5, -0.5), pooled=True)
    assert (ours.estimate, ours.se) == pytest.approx((theirs.effect[0], theirs.sd[0, 0]))
    assert ours.p() == pytest.approx(float(theirs.pvalue))


def test_cohens_d_is_the_difference_over_the_pooled_deviation():
    pooled = np.sqrt(((len(A) - 1) * A.var(ddof=1) + (len(B) - 1) * B.var(ddof=1)) / (len(A) + len(B) - 2))
    contrast = Contrast((A, B), (1.0, -1.0))
    assert contrast.effect() == pytest.approx((A.mean() - B.mean()) / pooled)
    low, high = contrast.effect_interval()
    assert low < contrast.effect() < high


def test_power_is_that_of_the_design():
    pairs, groups = Contrast((A,), (1.0,)), Contrast((A, A[::-1]), (1.0, -1.0))
    assert pairs.power(0.5) == pytest.approx(achieved_power("paired", 0.5, len(A)))
    assert groups.power(0.5, n=30) == pytest.approx(achieved_power("independent", 0.5, 30))


values = st.lists(st.integers(-50, 50), min_size=4, max_size=12, unique=True).map(lambda xs: np.array(xs, dtype=float))


@settings(max_examples=40, deadline=None)
@given(a=values, b=values, shift=st.floats(-10, 10), scale=st.floats(0.1, 10))
def test_t_does_not_depend_on_unit_and_zero(a, b, shift, scale):
    before = Contrast((a, b), (1.0, -1.0))
    after = Contrast((a * scale + shift, b * scale + shift), (1.0, -1.0))
    # rounding of a sum of numbers up to 500, relative to standard errors of about 1
    assert after.t() == pytest.approx(before.t(), rel=1e-7, abs=1e-9)
    assert after.df == pytest.approx(before.df, rel=1e-7)
    assert after.effect() == pytest.approx(before.effect(), rel=1e-7, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(a=values, b=values, rng=st.randoms(use_true_random=False))
def test_the_order_of_subjects_changes_nothing(a, b, rng):
    shuffled = a.copy()
    rng.shuffle(shuffled)
    assert Contrast((shuffled, b), (1.0, -1.0)).p() == pytest.approx(Contrast((a, b), (1.0, -1.0)).p(), rel=1e-9)
    assert Contrast((b, a), (1.0, -1.0)).t() == pytest.approx(-Contrast((a, b), (1.0, -1.0)).t())


def test_groups_that_do_not_vary_have_the_degrees_of_freedom_of_their_subjects():
    still = Contrast((np.full(3, 2.0), np.full(4, 2.0)), (1.0, -1.0))
    assert (still.df, still.estimate, still.constant) == (5.0, 0.0, True)
