"""Power: the chance that a test finds an effect of a given size, and the subjects that a planned effect needs."""

import math
from collections.abc import Callable
from functools import partial
from typing import Literal

import pandas as pd
from scipy import stats

from artneuro.errors import DesignError
from artneuro.statistics import _pingouin
from artneuro.statistics.effects import f_tail

Alternative = Literal["two-sided", "greater", "less"]
Design = Literal["one-sample", "paired", "independent", "anova", "rm_anova", "correlation"]

MOST = 10**7
"""Beyond this many subjects, an effect is as good as none."""


def t_power(noncentrality: float, df: float, alternative: Alternative = "two-sided", alpha: float = 0.05) -> float:
    """Return the power of a t-test whose statistic has this noncentrality."""
    if alternative == "less":
        noncentrality = -noncentrality
    critical = float(stats.t.isf(alpha / 2 if alternative == "two-sided" else alpha, df))
    # beyond this the power is 1 (or 0) to the last digit, and scipy's noncentral t need not converge
    if abs(noncentrality) > 10 * critical + 10:
        return 1.0 if noncentrality > 0 or alternative == "two-sided" else 0.0
    near = float(stats.nct.sf(critical, df, noncentrality))
    # the other tail is the survival of the mirrored distribution, which is more exact than a cdf
    return near + float(stats.nct.sf(critical, df, -noncentrality)) if alternative == "two-sided" else near


def f_power(partial_eta_squared: float, df1: float, df2: float, observations: float, alpha: float = 0.05) -> float:
    """Return the power of an F-test for an effect of this partial eta squared (Cohen 1988, eq. 8.3.4).

    `observations` are independent: subjects, or blocks times (levels - 1) within them.
    """
    if partial_eta_squared > 1 - 1e-9:  # nothing is left unexplained; the noncentrality would not be finite
        return 1.0
    noncentrality = partial_eta_squared / (1 - partial_eta_squared) * observations
    return f_tail(float(stats.f.isf(alpha, df1, df2)), df1, df2, noncentrality)


def achieved_power(
    design: Design,
    effect: float,
    n: int,
    *,
    levels: int = 2,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
) -> float:
    """Return the chance that a test finds an effect.

    Parameters
    ----------
    design : str
        "one-sample", "paired" and "independent" (t-tests), "anova" (one-way), "rm_anova" (one-way) or "correlation".
    effect : float
        Cohen's d (t-tests; over the standard deviation of the differences where paired), partial eta squared
        (ANOVA), or r.
    n : int
        Subjects an arm; pairs or blocks where paired or repeated; subjects of a correlation.
    levels : int
        Arms or conditions of an ANOVA.

    Examples
    --------
    >>> round(achieved_power("independent", 0.5, 64), 2)
    0.8
    """
    if n < 2:
        raise DesignError(f"the power of {n} subjects is not defined; a test needs at least 2")
    if design == "correlation":
        return _pingouin.power_r(effect, n, alternative, alpha)
    if design == "anova":
        return f_power(effect, levels - 1, levels * (n - 1), levels * n, alpha)
    if design == "rm_anova":
        return f_power(effect, levels - 1, (levels - 1) * (n - 1), (levels - 1) * n, alpha)
    samples = 2 if design == "independent" else 1
    return t_power(effect * math.sqrt(n / samples), samples * (n - 1), alternative, alpha)


def needed_n(
    design: Design,
    effect: float,
    *,
    power: float = 0.8,
    levels: int = 2,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
) -> int:
    """Return how many subjects (an arm, or pairs) a planned effect needs; parameters as in `achieved_power`.

    Raises
    ------
    DesignError
        Where no number of subjects would do, because the effect is nothing or lies on the other side.

    Examples
    --------
    >>> needed_n("independent", 0.5), needed_n("paired", 0.5), needed_n("anova", 0.2, levels=3)
    (64, 34, 14)
    """
    n = smallest_n(
        lambda n: achieved_power(design, effect, n, levels=levels, alternative=alternative, alpha=alpha), power
    )
    if math.isnan(n):
        raise DesignError(
            f"no number of subjects finds an effect of {effect:g} ({design}, {alternative}) with power {power:g}; "
            "plan for the smallest effect that would matter"
        )
    return int(n)


def smallest_n(power_at: Callable[[int], float], target: float = 0.8, least: int = 2) -> float:
    """Return the smallest n whose power meets `target`; NaN where none does."""
    low, high = least - 1, least
    while not power_at(high) >= target:  # also goes on past NaN
        low, high = high, high * 2
        if high > MOST:
            return math.nan
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_at(middle) >= target else (middle, high)
    return high


def power_table(
    effect_name: str, observed: float, planned: float | None, n: int, power_at: Callable[[float, int], float]
) -> pd.DataFrame:
    """Return achieved power and the n that 80 % power needs, for the observed and the planned effect.

    Parameters
    ----------
    power_at : callable
        (effect, n) -> power.

    Returns
    -------
    DataFrame
        Columns: effect_is ("observed" or "planned"), effect_name, effect, n, power, needed_n (NaN where no n would
        do). The power of an observed effect says no more than its p; that of a planned one does.
    """
    effects = {"observed": observed} if planned is None else {"observed": observed, "planned": planned}
    rows = [
        {
            "effect_is": which,
            "effect_name": effect_name,
            "effect": effect,
            "n": n,
            "power": power_at(effect, n),
            "needed_n": smallest_n(partial(power_at, effect)),
        }
        for which, effect in effects.items()
    ]
    return pd.DataFrame(rows)


def power_words(table: pd.DataFrame, of: str) -> str:
    """Return the power table as a sentence."""
    sentences = []
    for _, row in table.iterrows():
        enough = f"80% power needs {row['needed_n']:.0f} {of}"
        needed = f"no number of {of} gives 80% power" if math.isnan(row["needed_n"]) else enough
        power = "cannot be told" if math.isnan(row["power"]) else f"= {row['power']:.2f}"
        sentences.append(
            f"Power for the {row['effect_is']} effect ({row['effect_name']} = {row['effect']:.3g}) "
            f"with {row['n']} {of} {power}; {needed}."
        )
    return " ".join(sentences)
