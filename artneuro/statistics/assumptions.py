"""What a test takes for granted, checked beside it."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from artneuro.statistics import _pingouin
from artneuro.statistics.wording import listing, p_value

ALPHA = 0.05
"""Below this p, an assumption is said not to hold."""

_COLUMNS = ("assumption", "of", "statistic_name", "statistic", "p", "holds")


def table(*parts: list[dict[str, Any]]) -> pd.DataFrame:
    """Return checks as a table: assumption, of, statistic_name, statistic, p, holds ("yes", "no", "not tested")."""
    return pd.DataFrame([row for part in parts for row in part], columns=list(_COLUMNS))


def checked(assumption: str, of: str, statistic_name: str, statistic: float, p: float) -> dict[str, Any]:
    """Return one check as a row of the table; a p that is NaN says that it could not be made."""
    holds = "not tested" if math.isnan(p) else "yes" if p >= ALPHA else "no"
    return dict(zip(_COLUMNS, (assumption, of, statistic_name, statistic, p, holds), strict=True))


def normality(groups: Mapping[str, np.ndarray[Any, Any]]) -> list[dict[str, Any]]:
    """Check that each group is normal (Shapiro and Wilk); below four values, or where all are equal, it cannot be."""
    rows = []
    for name, values in groups.items():
        testable = len(values) >= 4 and np.ptp(values) > 0
        w, p = _pingouin.normality(values) if testable else (math.nan, math.nan)
        rows.append(checked("normality", name, "Shapiro-Wilk W", w, p))
    return rows


def equal_variances(groups: Mapping[str, np.ndarray[Any, Any]]) -> list[dict[str, Any]]:
    """Check that groups have one variance (Levene, about the medians)."""
    # of two values each, both lie equally far from their median: Levene's denominator is zero
    testable = any(len(values) > 2 for values in groups.values())
    w, p = _pingouin.equal_variances(list(groups.values())) if testable else (math.nan, math.nan)
    return [checked("equal variances", listing(groups), "Levene W", w, p)]


def sphericity(wide: np.ndarray[Any, Any], factor: str) -> list[dict[str, Any]]:
    """Check that all differences between levels have one variance (Mauchly); (block, level), 3 levels or more."""
    n, levels = wide.shape
    if levels < 3:
        return []
    testable = n > levels  # with fewer blocks the covariance of the differences has no inverse
    w, p = _pingouin.sphericity(wide) if testable else (math.nan, math.nan)
    return [checked("sphericity", factor, "Mauchly W", w, p)]


def doubts(checks: pd.DataFrame, remedies: Mapping[str, str]) -> list[str]:
    """Return a note for each assumption that does not hold or was not tested, with what to use instead."""
    notes = []
    for assumption, rows in checks.groupby("assumption", sort=False):
        failed = rows[rows["holds"] == "no"]
        if len(failed):
            which = listing(
                f"{row['of']} ({row['statistic_name']} = {row['statistic']:.2f}, {p_value(row['p'])})"
                for _, row in failed.iterrows()
            )
            notes.append(f"{str(assumption).capitalize()} is in doubt for {which}. {remedies[str(assumption)]}")
        untested = rows[rows["holds"] == "not tested"]
        if len(untested):
            which = listing(untested["of"])
            notes.append(f"{str(assumption).capitalize()} was not tested for {which}: too few values, or all equal.")
    return notes
