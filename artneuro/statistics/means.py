"""Comparisons of means: two levels of a factor, or one group and a number, as a row and as a sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import xarray as xr

from artneuro.errors import DesignError
from artneuro.selection import Where
from artneuro.statistics import assumptions
from artneuro.statistics.contrast import Contrast
from artneuro.statistics.factors import ALL, as_one_group
from artneuro.statistics.power import Alternative
from artneuro.statistics.sample import draw
from artneuro.statistics.twins import Compared, Pairing, compare_cells
from artneuro.statistics.wording import bayes, degrees, effect, interval, level, listing, number, statistic

REMEDIES: Mapping[str, str] = {
    "normality": "A permutation test (`permutation`) does without it.",
    "equal variances": "Welch's test (`variances: unequal`) does without them.",
}
"""What to use where an assumption of a t-test does not hold."""


def two_means(
    record: xr.Dataset,
    dv: str,
    factor: str | None,
    against: float | None,
    pairing: Pairing,
    pooled: bool,
    where: Where | None,
    average: Sequence[str],
) -> tuple[Compared, list[str], tuple[str, ...]]:
    """Return the contrast of the two levels that are left (or of one group with a number), their names, and notes."""
    if (factor is None) == (against is None):
        raise DesignError("give a factor (`between: arm`) or a number (`against: 0`), one of the two")
    sample = draw(record, [dv], [factor] if factor else [], where=where, average=average)
    if factor is None:
        return compare_cells(as_one_group(sample), dv, [ALL], {(ALL,): 1.0}), [ALL], sample.notes
    names = sample.levels(factor)
    if len(names) != 2:
        raise DesignError(
            f"{factor} has {len(names)} levels ({listing(names)}), and this test compares two. "
            f"Choose them (`where: {{{factor}: [a, b]}}`), or use anova. {sample.losses}".strip()
        )
    compared = compare_cells(sample, dv, [factor], {(names[0],): 1.0, (names[1],): -1.0}, pairing, pooled)
    return compared, names, sample.notes


def check(contrast: Contrast, names: Sequence[str], pooled: bool) -> pd.DataFrame:
    """Return the assumptions of a contrast, checked."""
    if len(contrast.groups) == 1:
        label = "differences" if len(names) > 1 else names[0]
        return assumptions.table(assumptions.normality({label: contrast.groups[0]}))
    groups = dict(zip(names, contrast.groups, strict=True))
    variances = assumptions.equal_variances(groups) if pooled else []
    return assumptions.table(assumptions.normality(groups), variances)


def test_name(contrast: Contrast, names: Sequence[str]) -> str:
    """Return the name of the t-test that a contrast amounts to."""
    if len(contrast.groups) == 1:
        return "paired t" if len(names) > 1 else "one-sample t"
    return "Student t" if contrast.pooled else "Welch t"


def units(compared: Compared) -> str:
    """Return what n counts."""
    if compared.how.startswith("paired"):
        return "pairs"
    return "subjects" if compared.how == "one sample" else "subjects a group"


def mean_row(compared: Compared, names: Sequence[str], against: float, alternative: Alternative) -> pd.DataFrame:
    """Return a comparison of means as a table of one row."""
    contrast = compared.contrast
    means = list(compared.means.values())
    low, high = contrast.interval()
    effect_low, effect_high = contrast.effect_interval(against)
    row = {
        "a": names[0],
        "b": names[1] if len(names) > 1 else level(against),
        "how": compared.how,
        "test": test_name(contrast, names),
        "n": contrast.n,
        "mean_a": means[0],
        "mean_b": means[1] if len(means) > 1 else against,
        "difference": contrast.estimate - against,
        "low": low - against,
        "high": high - against,
        "t": contrast.t(against),
        "df": contrast.df,
        "p": contrast.p(alternative, against),
        "effect_name": contrast.effect_name,
        "effect": contrast.effect(against),
        "effect_low": effect_low,
        "effect_high": effect_high,
        "bf10": contrast.bayes(against),
    }
    return pd.DataFrame([row])


def sentence(dv: str, row: "pd.Series[Any]", probability: str) -> str:
    """Return a row of `mean_row` in the usual form, with its p in words."""
    return (
        f"{dv}, {row['a']} against {row['b']}, {row['how']}: t({degrees(row['df'])}) = {statistic(row['t'])}, "
        f"{probability}, difference = {number(row['difference'])}, {interval(row['low'], row['high'])}, "
        f"{effect(row['effect_name'], row['effect'], row['effect_low'], row['effect_high'])}, {bayes(row['bf10'])}."
    )
