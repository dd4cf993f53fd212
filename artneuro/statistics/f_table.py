"""What every ANOVA reports beside F: effect size with interval, Bayes factor, power, and the sentence."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from artneuro.statistics.effects import bayes_f, eta_interval, eta_squared
from artneuro.statistics.power import f_power
from artneuro.statistics.wording import bayes, degrees, effect, p_value, statistic

ETA = "partial eta-squared"

REMEDIES: Mapping[str, str] = {
    "normality": "A rank test (`kruskal`, `friedman`) does without it.",
    "equal variances": "Welch's ANOVA (`welch_anova`) does without them.",
    "sphericity": "The degrees of freedom in the sentence are corrected after Greenhouse and Geisser.",
}
"""What to use where an assumption of an ANOVA does not hold."""


def with_effects(found: pd.DataFrame, observations: Mapping[str, float]) -> pd.DataFrame:
    """Add partial_eta_squared, eta_low, eta_high (90 %), bf10 and power to source, df1, df2, f, p.

    Parameters
    ----------
    observations : mapping of source to float
        Independent observations behind each effect: subjects, or blocks times (levels - 1) within them.
    """
    rows = []
    for _, row in found.iterrows():
        f, df1, df2, n = float(row["f"]), float(row["df1"]), float(row["df2"]), observations[row["source"]]
        eta = eta_squared(f, df1, df2)
        low, high = eta_interval(f, df1, df2, n)
        rows.append(
            {
                "partial_eta_squared": eta,
                "eta_low": low,
                "eta_high": high,
                "bf10": bayes_f(eta, n, df1),
                "power": f_power(eta, df1, df2, n),
            }
        )
    return pd.concat([found.reset_index(drop=True), pd.DataFrame(rows)], axis=1)


def corrected(row: "pd.Series[Any]", checks: pd.DataFrame) -> tuple[float, float, float, str]:
    """Return df1, df2, p and a word: corrected after Greenhouse and Geisser unless sphericity was seen to hold."""
    df1, df2, p = float(row["df1"]), float(row["df2"]), float(row["p"])
    spherical = checks[(checks["assumption"] == "sphericity") & (checks["of"] == row["source"])]["holds"]
    if math.isnan(row.get("p_gg", math.nan)) or (len(spherical) and (spherical == "yes").all()):
        return df1, df2, p, ""
    epsilon = float(row["epsilon"])
    return df1 * epsilon, df2 * epsilon, float(row["p_gg"]), " (Greenhouse-Geisser)"


def sentence(dv: str, row: "pd.Series[Any]", checks: pd.DataFrame, how: str = "") -> str:
    """Return a row of an ANOVA in the usual form."""
    df1, df2, p, correction = corrected(row, checks)
    size = effect(ETA, row["partial_eta_squared"], row["eta_low"], row["eta_high"], percent=90, bounded=True)
    weight = "" if np.isnan(row["bf10"]) else f", {bayes(row['bf10'])}"
    return (
        f"{dv} by {row['source']}{how}: F({degrees(df1)}, {degrees(df2)}) = {statistic(row['f'])}, "
        f"{p_value(p)}{correction}, {size}{weight}, power = {row['power']:.2f}."
    )
