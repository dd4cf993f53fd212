"""Linear regression: how much of one measure several others account for."""

import math
from collections.abc import Sequence
from typing import Any, final

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats
from statsmodels.stats.diagnostic import het_breuschpagan

from artneuro.errors import DesignError
from artneuro.fields import define_spec, param, some
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics import _pingouin, assumptions
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.correlation import pooling_note
from artneuro.statistics.design import Question
from artneuro.statistics.effects import bayes_f, eta_interval
from artneuro.statistics.f_table import ETA
from artneuro.statistics.factors import PLANNED_DOC
from artneuro.statistics.power import f_power, power_table, power_words
from artneuro.statistics.result import Result
from artneuro.statistics.sample import draw
from artneuro.statistics.wording import bayes, degrees, effect, interval, listing, number, p_value, statistic

Array = np.ndarray[Any, Any]

REMEDIES = {
    "normality": "Its p-values lean on it where subjects are few; Spearman's correlation does not.",
    "equal variances": "Standard errors may be wrong; transform the outcome, or compare arms by Welch's ANOVA.",
}


def regression(
    record: xr.Dataset,
    *,
    dv: str,
    predictors: str | Sequence[str],
    planned: float | None = None,
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Fit a variable by a linear function of others, one row a subject (ordinary least squares).

    Parameters
    ----------
    record : Dataset
        With a dim `subject`.
    dv : str
        The outcome.
    predictors : str or sequence of str
        Variables of the record. For arms and conditions as predictors, use `anova` or `mixed_model`.
    planned : float, optional
        R squared that the study was planned for.

    Returns
    -------
    Result
        Table "regression", one row a term: term, coefficient, low, high (95 %), se, t, df, p, partial_eta_squared,
        eta_low, eta_high (90 %), bf10. Table "model", one row: n, r_squared, r_low, r_high (90 %), adjusted_r_squared,
        f, df1, df2, p. Tables "assumptions" (of the residuals) and "power".

    Raises
    ------
    DesignError
        Where a variable is constant, predictors repeat each other, or there are too few subjects.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"auc": ("subject", [0.9, 0.8, 0.6, 0.5, 0.4]), "loss": ("subject", [1.0, 1.2, 2.0, 1.9, 3.0])})
    >>> regression(record, dv="auc", predictors="loss").sentences[0].split(", 90%")[0]
    'auc from loss, 5 subjects: F(1, 3) = 22.20, p = .018, R-squared = .88'
    """
    names = [predictors] if isinstance(predictors, str) else list(predictors)
    sample = draw(record, [dv, *names], where=where, average=average, pooling=True)
    n, k = len(sample.table), len(names)
    if n < k + 3:
        raise DesignError(
            f"{n} subjects have every variable; a regression on {k} needs at least {k + 3}. {sample.losses}".strip()
        )
    outcome = sample.table[dv].to_numpy(float)
    inputs = sample.table[names].to_numpy(float)
    _require_rank(inputs, outcome, names, dv)
    found = _pingouin.regression(pd.DataFrame(inputs), outcome)
    df = n - k - 1
    if found["r_squared"].iloc[0] > 1 - 1e-12:  # rounding is all that is left
        raise DesignError(f"{listing(names)} account for {dv} exactly; a computed identity needs no test")
    table, model = _tables(found, names, n, df)
    fitted = found["coefficient"].to_numpy()
    residuals = outcome - fitted[0] - inputs @ fitted[1:]
    checks = assumptions.table(
        assumptions.normality({"residuals": residuals}), _steady(residuals, inputs, listing(names))
    )
    row = model.iloc[0]
    powers = power_table("R-squared", row["r_squared"], planned, n, lambda r, size: _power(r, k, size))
    return Result(
        "regression",
        dv,
        {"regression": table, "model": model, "assumptions": checks, "power": powers},
        (*_sentences(dv, names, table, row), power_words(powers, "subjects")),
        (*sample.notes, *pooling_note(sample, None), *assumptions.doubts(checks, REMEDIES)),
    )


def _power(r_squared: float, predictors: int, n: int) -> float:
    return f_power(r_squared, predictors, n - predictors - 1, n) if n > predictors + 1 else math.nan


def _require_rank(inputs: Array, outcome: Array, names: Sequence[str], dv: str) -> None:
    for name, values in zip([dv, *names], [outcome, *inputs.T], strict=True):
        if np.ptp(values) <= 1e-13 * max(float(np.abs(values).max()), 1e-300):  # rounding alone, see require_spread
            raise DesignError(f"{name} is constant over subjects, so nothing can be fitted by or to it")
    standard = (inputs - inputs.mean(axis=0)) / inputs.std(axis=0)
    # singular values of standardised predictors: a millionth is a predictor that the others repeat
    if np.linalg.svd(standard, compute_uv=False).min() < 1e-6 * np.sqrt(len(inputs)):
        raise DesignError(f"{listing(names)} repeat each other (one is a sum of the others); leave one out")


def _tables(found: pd.DataFrame, names: Sequence[str], n: int, df: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    reach = float(stats.t.isf(0.025, df))
    rows = []
    for place, (_, row) in enumerate(found.iterrows()):
        f = float(row["t"]) ** 2
        low, high = eta_interval(f, 1, df, n)
        eta = f / (f + df)
        rows.append(
            {
                "term": ["intercept", *names][place],
                "coefficient": row["coefficient"],
                "low": row["coefficient"] - reach * row["se"],
                "high": row["coefficient"] + reach * row["se"],
                "se": row["se"],
                "t": row["t"],
                "df": float(df),
                "p": row["p"],
                "partial_eta_squared": eta,
                "eta_low": low,
                "eta_high": high,
                "bf10": bayes_f(eta, n, 1),
            }
        )
    r_squared, k = float(found["r_squared"].iloc[0]), len(names)
    f = r_squared / k / ((1 - r_squared) / df)
    low, high = eta_interval(f, k, df, n)
    model = {
        "n": n,
        "r_squared": r_squared,
        "r_low": low,
        "r_high": high,
        "adjusted_r_squared": float(found["adjusted_r_squared"].iloc[0]),
        "f": f,
        "df1": float(k),
        "df2": float(df),
        "p": float(stats.f.sf(f, k, df)),
    }
    return pd.DataFrame(rows), pd.DataFrame([model])


def _steady(residuals: Array, inputs: Array, of: str) -> list[dict[str, Any]]:
    """Check that residuals vary equally along the predictors (Breusch and Pagan)."""
    lagrange, p, _, _ = het_breuschpagan(residuals, np.column_stack([np.ones(len(inputs)), inputs]))
    return [assumptions.checked("equal variances", of, "Breusch-Pagan LM", float(lagrange), float(p))]


def _sentences(dv: str, names: Sequence[str], table: pd.DataFrame, model: "pd.Series[float]") -> list[str]:
    whole = (
        f"{dv} from {listing(names)}, {model['n']:.0f} subjects: F({degrees(model['df1'])}, {degrees(model['df2'])}) = "
        f"{statistic(model['f'])}, {p_value(model['p'])}, "
        f"{effect('R-squared', model['r_squared'], model['r_low'], model['r_high'], 90, bounded=True)}."
    )
    terms = [
        f"{dv} changes by {number(row['coefficient'])} a unit of {row['term']}, {interval(row['low'], row['high'])}: "
        f"t({degrees(row['df'])}) = {statistic(row['t'])}, {p_value(row['p'])}, "
        f"{effect(ETA, row['partial_eta_squared'], row['eta_low'], row['eta_high'], 90, bounded=True)}"
        f", {bayes(row['bf10'])}."
        for _, row in table.iloc[1:].iterrows()
    ]
    return [whole, *terms]


@final
@register("regression")
@define_spec
class Regression(Analysis):
    """Linear regression of one variable on others, one row a subject."""

    of: str = param(doc="the outcome, as Record.variable")
    predictors: str | tuple[str, ...] = param(doc="one or several variables, as Record.variable", check=some())
    planned: float | None = param(None, doc=PLANNED_DOC)

    def _asks(self) -> Question:
        return self._question({"of": self.of, "predictors": self.predictors}, {}, pooling=True)

    def _test(self, record: xr.Dataset) -> Result:
        return regression(
            record,
            dv=self.of,
            predictors=self.predictors,
            planned=self.planned,
            where=self.where,
            average=self.average,
        )
