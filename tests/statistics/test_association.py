"""Correlations against scipy, least squares and their own definitions."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from artneuro.errors import DesignError
from artneuro.statistics.association import Association, associate
from artneuro.statistics.sample import Sample, draw

RNG = np.random.default_rng(7)
X = RNG.normal(size=20)
Y = 0.5 * X + RNG.normal(size=20)
Z = 0.4 * X - 0.6 * Y + RNG.normal(size=20)


def sample(**columns) -> Sample:
    table = pd.DataFrame({"subject": [str(place) for place in range(len(columns["x"]))], **columns})
    return Sample(table, (), (), {}, table[["subject"]])


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_pearson_is_scipys(alternative):
    found = associate(sample(x=X, y=Y), "x", "y", "pearson")
    theirs = stats.pearsonr(X, Y, alternative=alternative)
    assert (found.r, found.p(alternative)) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert found.interval() == pytest.approx(tuple(stats.pearsonr(X, Y).confidence_interval()))


def test_spearman_is_scipys():
    found = associate(sample(x=X, y=Y), "x", "y", "spearman")
    theirs = stats.spearmanr(X, Y)
    assert (found.r, found.p()) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert found.name == "rho"
    pearson = Association(found.r, found.df, 20, 17**-0.5, "r")
    assert found.interval()[1] - found.interval()[0] > pearson.interval()[1] - pearson.interval()[0]


def test_partial_correlation_is_that_of_residuals():
    found = associate(sample(x=X, y=Y, z=Z), "x", "y", "pearson", ["z"])
    residuals = [values - np.polyval(np.polyfit(Z, values, 1), Z) for values in (X, Y)]
    assert found.r == pytest.approx(stats.pearsonr(*residuals).statistic)
    # of a regression on both, the coefficient of x has the same p
    frame = pd.DataFrame({"x": X, "y": Y, "z": Z})
    assert found.p() == pytest.approx(smf.ols("y ~ x + z", frame).fit().pvalues["x"])
    assert (found.df, found.name) == (17, "partial r")


def within_record(n=8, epochs=5, slope=-1.0, seed=0):
    rng = np.random.default_rng(seed)
    level = rng.normal(0, 5, (n, 1))
    x = level + rng.normal(size=(n, epochs))
    return xr.Dataset(
        {
            "x": (("subject", "epoch"), x),
            "y": (("subject", "epoch"), slope * (x - level) + 2 * level + rng.normal(0, 0.3, x.shape)),
        },
        {"subject": [f"a-{place}" for place in range(n)], "arm": ("subject", ["a"] * n), "epoch": range(epochs)},
    )


def test_repeated_measures_correlation_is_an_ancova():
    # Bakdash and Marusich 2017: r = sign(slope) sqrt(SS_x / (SS_x + SS_error)), subjects as factor
    rows = draw(within_record(), ["x", "y"], ["epoch"])
    found = associate(rows, "x", "y", "pearson", within="epoch")
    fit = smf.ols("y ~ C(subject) + x", rows.table).fit()
    without = smf.ols("y ~ C(subject)", rows.table).fit()
    by_x = without.ssr - fit.ssr
    assert found.r == pytest.approx(np.sign(fit.params["x"]) * np.sqrt(by_x / (by_x + fit.ssr)))
    assert found.p() == pytest.approx(fit.pvalues["x"], rel=1e-6)
    assert (found.df, found.n) == (fit.df_resid, 8)
    # between subjects the two rise together, within them one falls as the other rises
    assert stats.pearsonr(rows.table["x"], rows.table["y"]).statistic > 0.9
    assert found.r < -0.9


def test_against_a_number_other_than_zero_fishers_scale_is_used():
    found = Association(0.5, 28, 30, 27**-0.5, "r")
    z = (np.arctanh(0.5) - np.arctanh(0.2)) * np.sqrt(27)
    assert found.p("greater", 0.2) == pytest.approx(stats.norm.sf(z))
    assert found.p("less", 0.2) == pytest.approx(stats.norm.cdf(z))


def test_power_is_that_of_simulation():
    x, noise = np.random.default_rng(0).normal(size=(2, 3000, 25))
    y = 0.5 * x + np.sqrt(1 - 0.25) * noise
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    r = (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    found = np.abs(r) * np.sqrt(23 / (1 - r**2)) > stats.t.isf(0.025, 23)
    # standard error of a share of 3000 is below 0.01; three of them, and the approximation's own hundredth
    assert Association(0.4, 23, 25, 22**-0.5, "r").power(0.5) == pytest.approx(found.mean(), abs=0.04)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": [1.0, 1.0, 1.0, 1.0], "y": [1.0, 2.0, 3.0, 4.0]}, "x is constant over subjects"),
        ({"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 4.0]}, "3 subjects have x and y; .* at least 4"),
    ],
)
def test_what_has_no_correlation_is_refused(columns, message):
    with pytest.raises(DesignError, match=message):
        associate(sample(**columns), "x", "y", "pearson")


def test_constant_within_subjects_is_refused():
    record = within_record()
    record["x"][:] = record.x[:, :1].values
    with pytest.raises(DesignError, match="x is constant along epoch within each subject"):
        associate(draw(record, ["x", "y"], ["epoch"]), "x", "y", "pearson", within="epoch")
    with pytest.raises(DesignError, match=r"2 subjects have 2 levels of epoch or more; .* needs 3"):
        associate(draw(within_record(n=2), ["x", "y"], ["epoch"]), "x", "y", "pearson", within="epoch")


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-100, 100), scale=st.floats(0.01, 100), rng=st.randoms(use_true_random=False))
def test_unit_zero_and_order_of_subjects_do_not_matter(shift, scale, rng):
    order = list(range(20))
    rng.shuffle(order)
    moved = associate(sample(x=(X * scale + shift)[order], y=Y[order]), "x", "y", "pearson")
    assert moved.r == pytest.approx(associate(sample(x=X, y=Y), "x", "y", "pearson").r, abs=1e-9)
