"""Assumptions are checked by the usual tests, and what cannot be checked is said."""

import numpy as np
import pytest
from scipy import stats

from artneuro.statistics import assumptions

RNG = np.random.default_rng(0)


def test_normality_is_shapiros():
    values = RNG.exponential(size=25)
    (row,) = assumptions.normality({"clean": values})
    theirs = stats.shapiro(values)
    assert (row["statistic"], row["p"]) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert row["holds"] == "no"


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
def test_too_few_or_equal_values_are_not_tested_and_said_so(values):
    checks = assumptions.table(assumptions.normality({"clean": np.array(values)}))
    assert checks["holds"].tolist() == ["not tested"]
    assert assumptions.doubts(checks, {}) == ["Normality was not tested for clean: too few values, or all equal."]


def test_equal_variances_are_levenes():
    a, b = RNG.normal(0, 1, 15), RNG.normal(0, 4, 15)
    (row,) = assumptions.equal_variances({"a": a, "b": b})
    assert row["p"] == pytest.approx(stats.levene(a, b).pvalue)
    (row,) = assumptions.equal_variances({"a": a[:2], "b": b[:2]})
    assert row["holds"] == "not tested"


def test_sphericity_is_mauchlys():
    # by its definition: det of the covariance of orthonormal contrasts over (trace / d)^d
    wide = RNG.normal(size=(15, 4)) * [1, 1, 2, 4]
    (row,) = assumptions.sphericity(wide, "clamp")
    contrasts = np.linalg.qr(np.column_stack([np.ones(4), np.eye(4)[:, :3]]))[0][:, 1:]
    covariance = contrasts.T @ np.cov(wide.T) @ contrasts
    assert row["statistic"] == pytest.approx(np.linalg.det(covariance) / (np.trace(covariance) / 3) ** 3)
    assert row["holds"] == "no"
    assert assumptions.sphericity(wide[:, :2], "clamp") == []
    assert assumptions.sphericity(wide[:4], "clamp")[0]["holds"] == "not tested"


def test_doubts_carry_the_remedy():
    checks = assumptions.table(assumptions.normality({"a": RNG.exponential(size=40), "b": RNG.normal(size=40)}))
    (doubt,) = assumptions.doubts(checks, {"normality": "Do otherwise."})
    assert doubt.startswith("Normality is in doubt for a (Shapiro-Wilk W = 0.")
    assert doubt.endswith("Do otherwise.")
