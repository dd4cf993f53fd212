"""Regression lines, against scipy's and against statsmodels' interval of the mean."""

import numpy as np
import statsmodels.api as sm
from scipy import stats

from artneuro.figures.regression import regression
from artneuro.seeds import Stream


def test_line_and_band_are_those_of_statsmodels():
    rng = Stream(0).numpy()
    x = rng.normal(size=12)
    y = 2 * x + rng.normal(size=12)
    line = regression(x, y)
    fitted = sm.OLS(y, sm.add_constant(x)).fit()
    theirs = fitted.get_prediction(sm.add_constant(line["x"].to_numpy())).summary_frame(alpha=0.05)
    # rtol: another order of summation
    np.testing.assert_allclose(line["fit"], theirs["mean"], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(line["low"], theirs["mean_ci_lower"], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(line["high"], theirs["mean_ci_upper"], rtol=1e-10, atol=1e-12)
    slope = (line["fit"].iloc[-1] - line["fit"].iloc[0]) / np.ptp(x)
    np.testing.assert_allclose(slope, stats.linregress(x, y).slope, rtol=1e-10)


def test_it_spans_the_dots_and_no_more():
    line = regression(np.array([1.0, 5.0, 2.0]), np.array([0.0, 1.0, 0.5]))
    assert line["x"].agg(["min", "max"]).tolist() == [1.0, 5.0]


def test_no_line_through_two_dots_or_a_constant():
    assert regression(np.array([0.0, 1.0]), np.array([0.0, 1.0])) is None
    assert regression(np.ones(5), np.arange(5.0)) is None
