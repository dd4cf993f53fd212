"""Friedman: whether conditions differ within subjects, or arms within twins, asking nothing of the distribution."""

from collections.abc import Sequence
from typing import Any, final

import attrs
import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from artneuro.errors import DesignError
from artneuro.fields import define_spec, param
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.selection import Where
from artneuro.statistics import _pingouin
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.design import Question
from artneuro.statistics.factors import WITHIN_DOC
from artneuro.statistics.pairs import CORRECTION_DOC, Correction, compare_pairs, pair_sentences
from artneuro.statistics.resampling import bootstrap
from artneuro.statistics.result import Result
from artneuro.statistics.sample import blocks, draw, require_spread, require_two
from artneuro.statistics.twins import paired_by_seed, single
from artneuro.statistics.wording import degrees, effect, listing, p_value, statistic

NAME = "Kendall's W"


def friedman(
    record: xr.Dataset,
    *,
    dv: str,
    within: str,
    correction: Correction = "holm",
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test whether the levels of a factor differ in rank within blocks (subjects, or twins where it is arm).

    Parameters
    ----------
    record, dv, within, where, average
        As in `rm_anova`; three levels or more.
    correction : str
        Of the Wilcoxon tests of all pairs that follow.

    Returns
    -------
    Result
        Table "friedman", one row: source, q, df, p (chi-square approximation), effect_name, effect, effect_low,
        effect_high. The effect is Kendall's W, with a bootstrap interval over blocks. Table "posthoc" as in `pairwise`
        with rank tests. There is no power, as in `kruskal`.

    Raises
    ------
    DesignError
        Where there are fewer than three levels or two complete blocks, or nothing varies.

    Examples
    --------
    >>> import numpy as np
    >>> auc = np.array([[0.9, 0.8, 0.7], [0.8, 0.75, 0.7], [0.9, 0.85, 0.6], [0.85, 0.86, 0.8]])
    >>> record = xr.Dataset({"auc": (("subject", "clamp"), auc)}, {"clamp": ["zero", "mean", "noise"]})
    >>> friedman(record, dv="auc", within="clamp").sentences[0].split(", Kendall")[0]
    'auc by clamp, within 4 subjects: Q(2) = 6.50, p = .039'
    """
    sample = draw(record, [dv], [within], where=where, average=average)
    levels = sample.levels(within)
    if len(levels) < 3:
        raise DesignError(
            f"{within} has {len(levels)} levels ({listing(levels)}); Friedman's test needs 3. "
            "Two are compared by `pairwise` with `parametric: false`."
        )
    by, how = "subject", "subjects"
    if within not in sample.conditions:
        paired_by_seed(sample, [within], single(levels), "paired")  # refuses arms that share no seeds
        by, how = "seed", "sets of twins (one seed each)"
    wide, left_out = blocks(sample, dv, [within], by)
    require_two(
        len(wide), f"the set of complete blocks ({how})", attrs.evolve(sample, notes=(*sample.notes, *left_out))
    )
    values = wide.to_numpy(float)
    require_spread({str(block): row for block, row in zip(wide.index, values, strict=True)}, f"{dv} within each block")
    q, df, p, w = _pingouin.friedman(sample.table[sample.table[by].isin(wide.index)], dv, within, by)
    low, high = bootstrap([values], kendall_w, Stream(0).child("statistics", "friedman"))
    row = {
        "source": within,
        "q": q,
        "df": df,
        "p": p,
        "effect_name": NAME,
        "effect": w,
        "effect_low": low,
        "effect_high": high,
    }
    said = (
        f"{dv} by {within}, within {len(wide)} {how}: Q({degrees(df)}) = {statistic(q)}, {p_value(p)}, "
        f"{effect(NAME, w, low, high, bounded=True)}."
    )
    pairs, pairs_left_out = compare_pairs(sample, dv, within, "paired", correction, parametric=False)
    return Result(
        "friedman",
        dv,
        {"friedman": pd.DataFrame([row]), "posthoc": pairs},
        (said, *pair_sentences(dv, pairs)),
        tuple(dict.fromkeys((*sample.notes, *left_out, *pairs_left_out))),
    )


def kendall_w(groups: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Return Kendall's W, corrected for ties, of one group shaped (draws, block, level).

    It is the variance of the mean ranks of levels over the mean variance of ranks within blocks; 0 where no block
    varies.
    """
    ranks = stats.rankdata(groups[0], axis=-1)
    centre = (ranks.shape[-1] + 1) / 2
    of_means = ((ranks.mean(axis=1) - centre) ** 2).sum(axis=-1)
    within = ((ranks - centre) ** 2).sum(axis=-1).mean(axis=-1)
    agreement: np.ndarray[Any, Any] = np.divide(of_means, within, out=np.zeros_like(of_means), where=within > 0)
    return agreement


@final
@register("friedman")
@define_spec
class Friedman(Analysis):
    """Friedman's test of one factor within subjects or twins, and Wilcoxon tests of all pairs."""

    of: str = param(doc="the variable, as Record.variable")
    within: str = param(doc=WITHIN_DOC)
    correction: Correction = param("holm", doc=CORRECTION_DOC)

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"within": self.within})

    def _test(self, record: xr.Dataset) -> Result:
        return friedman(
            record, dv=self.of, within=self.within, correction=self.correction, where=self.where, average=self.average
        )
