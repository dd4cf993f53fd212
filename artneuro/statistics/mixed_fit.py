"""Fit of a linear mixed model by restricted maximum likelihood; statsmodels does the work."""

import warnings
from typing import Any, final

import attrs
import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec
from statsmodels.tools.sm_exceptions import ModelWarning

from artneuro.errors import DesignError
from artneuro.statistics.coding import Coded
from artneuro.statistics.sample import Sample
from artneuro.statistics.wording import listing

Array = np.ndarray[Any, Any]

SIMPLER = "Take less into it: no `slope`, no `interactions`, fewer levels; or more subjects."

BOUNDARY = 1e-4
"""A variance below this share of the residual variance is zero: the optimiser stops at about a millionth."""


@final
@attrs.frozen(eq=False)
class MixedFit:
    """A fitted mixed model, as tables (see `mixed_model`) and notes."""

    coefficients: pd.DataFrame
    terms: pd.DataFrame
    random: pd.DataFrame
    model: pd.DataFrame
    notes: tuple[str, ...]


def fit_mixed(sample: Sample, dv: str, coded: Coded, by: str, slope: str | None) -> MixedFit:
    """Fit fixed effects that are coded, with a random intercept (and slope) for each level of `by`.

    Raises
    ------
    DesignError
        Where nothing varies, or the fit is singular or does not converge.
    """
    rows = sample.table
    outcome = rows[dv].to_numpy(float)
    centre, spread = outcome.mean(), outcome.std(ddof=1)
    if spread <= 1e-13 * max(abs(centre), 1e-300):  # rounding alone, see require_spread
        raise DesignError(f"{dv} is constant, so there is nothing to explain")
    groups = pd.factorize(rows[by])[0]
    random = np.column_stack([np.ones(len(rows)), *([rows[slope].to_numpy(float)] if slope else [])])
    nested = _nested(rows, groups) if by == "seed" and rows["subject"].duplicated().any() else None
    # the outcome is standardised, so that the optimiser meets the same numbers whatever the unit
    model = MixedLM((outcome - centre) / spread, coded.treatment, groups, exog_re=random, exog_vc=nested)
    fit = _optimised(model)
    if fit is None:
        raise DesignError(f"the mixed model of {dv} did not converge. {SIMPLER}")
    covariance = _covariance(fit) * spread**2
    beta = np.asarray(fit.fe_params) * spread
    beta[0] += centre
    variances = _variances(fit, spread, by, slope, nested is not None)
    notes = _boundary(variances)
    residual = variances["residual"]
    between = float(np.einsum("ri,ij,rj->r", random, np.asarray(fit.cov_re) * spread**2, random).mean())
    between += variances.get("subject within seed", 0.0)
    explained = float((coded.treatment @ beta).var())
    total = explained + between + residual
    facts = {
        "rows": len(rows),
        "blocks": int(groups.max()) + 1,
        "r_squared_marginal": explained / total,
        "r_squared_conditional": (explained + between) / total,
        "log_likelihood": float(fit.llf),
    }
    return MixedFit(
        _coefficients(coded, beta, covariance, float(np.sqrt(between + residual))),
        _terms(coded, beta, covariance),
        pd.DataFrame(
            [{"name": name, "variance": v, "sd": float(np.sqrt(max(v, 0.0)))} for name, v in variances.items()]
        ),
        pd.DataFrame([facts]),
        notes,
    )


def _optimised(model: MixedLM) -> Any:
    """Return the first fit that converges; None where none does.

    Gradients vanish or explode where a variance is nearly zero, which is common, and gradient methods then stop beside
    the optimum; these methods need none. The tight search may walk into a variance of exactly zero, where the matrices
    have no inverse; the looser ones stop before.
    """
    fit = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for method, tolerance in (("powell", 1e-10), ("powell", 1e-4), ("nm", 1e-4)):
            try:
                tried = model.fit(reml=True, method=[method], ftol=tolerance)
            except np.linalg.LinAlgError:
                continue
            covariance = _covariance(tried)
            if tried.converged and np.isfinite(covariance).all() and (np.diag(covariance) > 0).all():
                fit = tried
                break
    for warning in caught:
        # what statsmodels says of convergence is judged by its callers; its searches divide by zero on their way
        if not issubclass(warning.category, ModelWarning | RuntimeWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return fit


def _covariance(fit: Any) -> Array:
    """Return the covariance of the fixed effects."""
    fixed = len(fit.fe_params)
    return np.asarray(fit.cov_params())[:fixed, :fixed]


def _nested(rows: pd.DataFrame, groups: Array) -> VCSpec:
    """Return one intercept a subject, within each seed, as statsmodels wants it."""
    matrices, names = [], []
    for group in range(int(groups.max()) + 1):
        subjects = rows["subject"][groups == group]
        within = list(dict.fromkeys(subjects))
        matrices.append(np.column_stack([(subjects == one).to_numpy(float) for one in within]))
        names.append([str(one) for one in within])
    return VCSpec(["subject"], [names], [matrices])


def _variances(fit: Any, spread: float, by: str, slope: str | None, nested: bool) -> dict[str, float]:
    inner = np.asarray(fit.cov_re) * spread**2
    variances = {by: float(inner[0, 0])}
    if slope:
        variances[f"slope of {slope} between {by}s"] = float(inner[1, 1])
    if nested:
        variances["subject within seed"] = float(fit.vcomp[0]) * spread**2
    return {**variances, "residual": float(fit.scale) * spread**2}


def _boundary(variances: dict[str, float]) -> tuple[str, ...]:
    """Say in words which random effects came out as nothing (a singular fit, at the boundary)."""
    nothing = [name for name, value in variances.items() if value < BOUNDARY * variances["residual"]]
    if not nothing:
        return ()
    return (
        f"The variance of {listing(nothing)} is estimated as zero (a singular fit, at the boundary): there is no more "
        "of it than chance makes, or there are too few values to tell. The fixed effects stand; a model without that "
        "random effect says the same.",
    )


def _coefficients(coded: Coded, beta: Array, covariance: Array, sd: float) -> pd.DataFrame:
    errors = np.sqrt(np.diag(covariance))
    z = beta / errors
    reach = float(stats.norm.isf(0.025)) * errors
    return pd.DataFrame(
        {
            "term": coded.names,
            "coefficient": beta,
            "low": beta - reach,
            "high": beta + reach,
            "se": errors,
            "z": z,
            "p": 2 * stats.norm.sf(np.abs(z)),
            "effect_name": "coefficient / SD",
            "effect": beta / sd,
            "effect_low": (beta - reach) / sd,
            "effect_high": (beta + reach) / sd,
        }
    )


def _terms(coded: Coded, beta: Array, covariance: Array) -> pd.DataFrame:
    # both codings span the same columns, so that of deviations follows without another fit
    turn = np.linalg.lstsq(coded.deviation, coded.treatment, rcond=None)[0]
    turned, spread = turn @ beta, turn @ covariance @ turn.T
    rows = []
    for source, columns in coded.terms.items():
        part = turned[columns]
        chi2 = float(part @ np.linalg.solve(spread[np.ix_(columns, columns)], part))
        rows.append({"source": source, "chi2": chi2, "df": len(columns), "p": float(stats.chi2.sf(chi2, len(columns)))})
    return pd.DataFrame(rows)
