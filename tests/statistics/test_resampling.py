"""The bootstrap draws subjects, from its stream alone, and covers what it claims to cover."""

import numpy as np
import pytest

from artneuro.seeds import Stream
from artneuro.statistics.resampling import bootstrap


def mean(groups):
    return groups[0].mean(axis=1)


def test_the_interval_of_a_mean_is_about_that_of_t():
    values = np.random.default_rng(0).normal(0, 1, 200)
    low, high = bootstrap([values], mean, Stream(0))
    reach = 1.96 * values.std(ddof=1) / np.sqrt(200)
    # limits of 2000 draws err by a few hundredths of a standard error of the mean (0.07)
    assert (low, high) == pytest.approx((values.mean() - reach, values.mean() + reach), abs=0.015)


def test_the_stream_decides():
    values = np.random.default_rng(0).normal(0, 1, 20)
    assert bootstrap([values], mean, Stream(0)) == bootstrap([values], mean, Stream(0))
    assert bootstrap([values], mean, Stream(0)) != bootstrap([values], mean, Stream(1))


def test_whole_subjects_are_drawn():
    rows = np.column_stack([np.arange(10.0), -np.arange(10.0)])
    low, high = bootstrap([rows], lambda groups: np.abs(groups[0].sum(axis=2)).max(axis=1), Stream(0))
    assert (low, high) == (0.0, 0.0)  # each row adds up to nothing, in whatever draw
