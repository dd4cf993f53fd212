"""Association: a correlation with its standard error on Fisher's scale; every test of one correlation is made of it."""

import math
from collections.abc import Sequence
from typing import Any, Literal, final

import attrs
import numpy as np
from scipy import stats

from artneuro.errors import DesignError
from artneuro.statistics import _pingouin
from artneuro.statistics.effects import r_interval
from artneuro.statistics.power import Alternative
from artneuro.statistics.sample import Sample
from artneuro.statistics.wording import listing

Array = np.ndarray[Any, Any]
Method = Literal["pearson", "spearman"]


@final
@attrs.frozen
class Association:
    """A correlation.

    Parameters
    ----------
    r : float
        Pearson's r, Spearman's rho, a partial or a repeated-measures correlation.
    df : float
        Degrees of freedom of its t-test.
    n : int
        Subjects behind it.
    error : float
        Standard error of its Fisher transform.
    name : str
        "r", "rho", "partial r", "repeated-measures r", ...
    """

    r: float
    df: float
    n: int
    error: float
    name: str

    def p(self, alternative: Alternative = "two-sided", against: float = 0.0) -> float:
        """Return the p-value against a number: by t against 0, on Fisher's scale otherwise."""
        if against == 0 and abs(self.r) < 1:
            t = self.r * math.sqrt(self.df / (1 - self.r**2))
            tail = stats.t(self.df)
        else:
            t = (_fisher(self.r) - _fisher(against)) / self.error
            tail = stats.norm()
        if alternative == "two-sided":
            return float(2 * tail.sf(abs(t)))
        return float(tail.sf(t if alternative == "greater" else -t))

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return its interval."""
        return r_interval(self.r, self.error, confidence)

    def power(self, r: float, n: int | None = None, alternative: Alternative = "two-sided") -> float:
        """Return the power for a true correlation `r`, with these subjects or with `n`.

        Every pair of values beyond those that fix means and covariates counts (df + 2 of them).
        """
        effective = self.df + 2 if n is None else (self.df + 2) * n / self.n
        return _pingouin.power_r(r, int(effective), alternative, 0.05)

    def bayes(self) -> float:
        """Return BF10 of a Pearson correlation; NaN for the others, which have none established."""
        return _pingouin.bayes_r(self.r, self.n) if self.name == "r" else math.nan


def _fisher(r: float) -> float:
    return math.copysign(math.inf, r) if abs(r) >= 1 else math.atanh(r)


def associate(
    sample: Sample, x: str, y: str, method: Method, covariates: Sequence[str] = (), within: str | None = None
) -> Association:
    """Return the correlation of two columns over subjects, or over a condition within subjects.

    Parameters
    ----------
    covariates : sequence of str
        What is held constant (partial correlation).
    within : str, optional
        A condition (epoch): the correlation over its levels that subjects share (Bakdash and Marusich 2017).

    Raises
    ------
    DesignError
        Where a column is constant, or there are too few subjects.
    """
    if within is not None:
        return _within(sample, x, y, within)
    columns = {name: sample.table[name].to_numpy(float) for name in (x, y, *covariates)}
    n, k = len(sample.table), len(covariates)
    if n < k + 4:
        raise DesignError(
            f"{n} subjects have {listing(columns)}; a correlation with an interval needs at least {k + 4}. "
            f"{sample.losses}".strip()
        )
    for name, values in columns.items():
        _require_varied(values, name, "over subjects")
    r, _ = _pingouin.correlation(columns[x], columns[y], method, [columns[name] for name in covariates])
    name = {"pearson": "r", "spearman": "rho"}[method]
    # Bonett and Wright 2000, eq. 3: ranks spread more the stronger they agree
    spread = math.sqrt(1 + r * r / 2) if method == "spearman" else 1.0
    return Association(r, n - k - 2, n, spread / math.sqrt(n - k - 3), f"partial {name}" if k else name)


def _within(sample: Sample, x: str, y: str, within: str) -> Association:
    by = "subject" if within in sample.conditions else "seed"
    sizes = sample.table.groupby(by, sort=False)[x].size()
    alone = sizes[sizes < 2]
    rows = sample.table[~sample.table[by].isin(alone.index)]
    blocks = int(rows[by].nunique())
    if blocks < 3:  # pingouin's own bound: with two blocks the common slope is hardly a slope of the cohort
        raise DesignError(
            f"{blocks} {by}s have 2 levels of {within} or more; a correlation within needs 3. {sample.losses}".strip()
        )
    for name in (x, y):
        centred = (rows[name] - rows.groupby(by)[name].transform("mean")).to_numpy(float)
        _require_varied(centred, name, f"along {within} within each {by}", float(rows[name].abs().max()))
    r, df, _ = _pingouin.rm_correlation(rows, x, y, by)
    if df < 2:
        raise DesignError(f"a correlation within {blocks} {by}s over {len(rows)} values leaves no interval; add levels")
    return Association(r, df, blocks, 1 / math.sqrt(df - 1), "repeated-measures r")


def _require_varied(values: Array, name: str, where: str, size: float = 0.0) -> None:
    if np.ptp(values) <= 1e-13 * max(size, float(np.abs(values).max()), 1e-300):  # rounding alone, see require_spread
        raise DesignError(f"{name} is constant {where}, so its correlation is not defined")
