"""Kruskal and Wallis: whether arms differ, asking nothing of the distribution."""

from collections.abc import Sequence
from typing import Any, final

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from artneuro.fields import define_spec, param
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.selection import Where
from artneuro.statistics import _pingouin
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.design import Question
from artneuro.statistics.factors import BETWEEN_DOC, require_between
from artneuro.statistics.pairs import CORRECTION_DOC, Correction, compare_pairs, pair_sentences
from artneuro.statistics.resampling import bootstrap
from artneuro.statistics.result import Result
from artneuro.statistics.sample import draw
from artneuro.statistics.twins import STRANGERS, twins_note
from artneuro.statistics.wording import degrees, effect, p_value, statistic


def kruskal(
    record: xr.Dataset,
    *,
    dv: str,
    between: str,
    correction: Correction = "holm",
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test whether the levels of a factor between subjects differ in rank.

    Parameters
    ----------
    record, dv, between, where, average
        As in `anova`.
    correction : str
        Of the Mann-Whitney tests of all pairs that follow.

    Returns
    -------
    Result
        Table "kruskal", one row: source, h, df, p, effect_name, effect, effect_low, effect_high. The effect is epsilon
        squared, H / (n - 1) (Tomczak and Tomczak 2014), with a bootstrap interval. Table "posthoc" as in `pairwise`
        with rank tests. There is no power: rank tests have one only under a distribution, which they do not ask for.

    Raises
    ------
    DesignError
        Where a group has fewer than two subjects or nothing varies.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"auc": ("subject", [0.9, 0.8, 0.85, 0.7, 0.65, 0.6])}, {"arm": ("subject", ["clean"] * 3 + ["half"] * 3)})
    >>> kruskal(record, dv="auc", between="arm").sentences[0].split(", epsilon")[0]
    'auc by arm: H(1) = 3.86, p = .050'
    """
    require_between(record, between)
    sample = draw(record, [dv], [between], where=where, average=average)
    groups = sample.groups(dv, between)
    h, df, p = _pingouin.kruskal(sample.table, dv, between)
    low, high = bootstrap(list(groups.values()), epsilon_squared, Stream(0).child("statistics", "kruskal"))
    row: dict[str, Any] = {
        "source": between,
        "h": h,
        "df": df,
        "p": p,
        "effect_name": "epsilon-squared",
        "effect": h / (len(sample.table) - 1),
        "effect_low": low,
        "effect_high": high,
    }
    size = effect("epsilon-squared", row["effect"], low, high, bounded=True)
    said = f"{dv} by {between}: H({degrees(df)}) = {statistic(h)}, {p_value(p)}, {size}."
    pairs, left_out = compare_pairs(sample, dv, between, "independent", correction, parametric=False)
    return Result(
        "kruskal",
        dv,
        {"kruskal": pd.DataFrame([row]), "posthoc": pairs},
        (said, *pair_sentences(dv, pairs)),
        (*sample.notes, *(note for note in left_out if note != STRANGERS), *twins_note(sample, [between], "friedman")),
    )


def epsilon_squared(groups: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Return H / (n - 1), corrected for ties, of groups shaped (draws, n).

    H corrected for ties is (n - 1) times the share of the variance of ranks that lies between groups, so this is that
    share; 0 where all values are equal.
    """
    ranks = stats.rankdata(np.concatenate(groups, axis=1), axis=1)
    centre = (ranks.shape[1] + 1) / 2
    total = ((ranks - centre) ** 2).sum(axis=1)
    edges = np.cumsum([group.shape[1] for group in groups])[:-1]
    between = sum(part.shape[1] * (part.mean(axis=1) - centre) ** 2 for part in np.split(ranks, edges, axis=1))
    shares: np.ndarray[Any, Any] = np.divide(between, total, out=np.zeros_like(total), where=total > 0)
    return shares


@final
@register("kruskal")
@define_spec
class Kruskal(Analysis):
    """Kruskal-Wallis test of one factor between subjects, and Mann-Whitney tests of all pairs."""

    of: str = param(doc="the variable, as Record.variable")
    between: str = param(doc=BETWEEN_DOC)
    correction: Correction = param("holm", doc=CORRECTION_DOC)

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"between": self.between})

    def _test(self, record: xr.Dataset) -> Result:
        return kruskal(
            record,
            dv=self.of,
            between=self.between,
            correction=self.correction,
            where=self.where,
            average=self.average,
        )
