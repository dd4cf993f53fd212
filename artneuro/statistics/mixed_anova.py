"""Mixed ANOVA: arms between subjects, conditions within them, and whether the one depends on the other."""

from collections.abc import Sequence
from typing import final

import attrs
import pandas as pd
import xarray as xr

from artneuro.errors import DesignError
from artneuro.fields import define_spec, param
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics import _pingouin, assumptions, f_table
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.design import Question
from artneuro.statistics.factors import BETWEEN_DOC, require_between
from artneuro.statistics.result import Result
from artneuro.statistics.rm_anova import twin_table
from artneuro.statistics.sample import Sample, blocks, draw, require_spread, require_two
from artneuro.statistics.twins import PAIRING_DOC, Pairing, paired_by_seed, single
from artneuro.statistics.wording import listing

TWINS_TOO = (
    "The arms hold twins (equal seeds), which the mixed ANOVA takes for strangers. The repeated-measures ANOVA with "
    "both factors within twins, given beside it, uses the design."
)


def mixed_anova(
    record: xr.Dataset,
    *,
    dv: str,
    between: str,
    within: str,
    pairing: Pairing = "auto",
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test one factor between subjects, one within, and their interaction.

    Arms that hold twins are tested twice, as in `anova`: as declared, and with both factors within twins.

    Parameters
    ----------
    record : Dataset
        With a dim `subject`.
    dv : str
        The variable.
    between : str
        A coordinate of subjects (arm).
    within : str
        A dim of the variable (clamp).
    pairing : "auto", "paired" or "independent"
        Whether twins are also compared within their seed.

    Returns
    -------
    Result
        Table "mixed_anova": the two factors and their interaction, columns as in `rm_anova`. Table "within_twins" where
        there are twins. Table "assumptions".

    Raises
    ------
    DesignError
        Where a group has fewer than two complete subjects or nothing varies.

    Examples
    --------
    >>> import numpy as np
    >>> auc = np.array([[0.9, 0.7], [0.8, 0.7], [0.95, 0.65], [0.6, 0.5], [0.5, 0.45], [0.55, 0.5]])
    >>> record = xr.Dataset(
    ...     {"auc": (("subject", "clamp"), auc)}, {"clamp": ["zero", "mean"], "arm": ("subject", list("aaabbb"))})
    >>> mixed_anova(record, dv="auc", between="arm", within="clamp").sentences[2].split(", partial")[0]
    'auc by arm * clamp: F(1, 4) = 4.92, p = .091'
    """
    require_between(record, between)
    sample = draw(record, [dv], [between, within], where=where, average=average)
    if within not in sample.conditions:
        raise DesignError(
            f"{within!r} does not vary within subjects; declare `anova` with `between: [{between}, {within}]`"
        )
    table, checks, notes = mixed_table(sample, dv, between, within)
    tables = {"mixed_anova": table, "assumptions": checks}
    sentences = [f_table.sentence(dv, row, checks) for _, row in table.iterrows()]
    if paired_by_seed(sample, [between], single(sample.levels(between)), pairing):
        within_twins = twin_table(sample, dv, [between, within])
        tables |= within_twins.tables
        sentences += within_twins.sentences
        notes = (*notes, TWINS_TOO, *within_twins.notes)
    doubts = assumptions.doubts(checks, f_table.REMEDIES)
    return Result("mixed_anova", dv, tables, tuple(sentences), tuple(dict.fromkeys((*sample.notes, *notes, *doubts))))


def mixed_table(
    sample: Sample, dv: str, between: str, within: str
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """Return the ANOVA of complete subjects, its assumptions, and what was left out."""
    for factor in (between, within):
        if len(levels := sample.levels(factor)) < 2:
            raise DesignError(f"{factor} has one level left ({listing(levels)}), so there is nothing to compare")
    wide, notes = blocks(sample, dv, [within], "subject")
    rows = sample.table[sample.table["subject"].isin(wide.index)]
    arms = rows.drop_duplicates("subject").set_index("subject")[between].reindex(wide.index)
    residuals = wide - wide.groupby(arms).transform("mean")
    residuals = residuals.sub(residuals.mean(axis=1), axis=0)
    groups = {level: wide[arms == level].mean(axis=1).to_numpy(float) for level in sample.levels(between)}
    for level, values in groups.items():
        require_two(len(values), f"{between} {level}", attrs.evolve(sample, notes=(*sample.notes, *notes)))
    size = float(wide.abs().to_numpy().max())
    require_spread(groups, f"the mean of {dv} over {within}", size)
    require_spread({"residuals": residuals.to_numpy().ravel()}, f"{dv} less its means", size)
    found = _pingouin.mixed_anova(rows, dv, between, within, "subject")
    n, inner = len(wide), len(wide.columns) - 1
    table = f_table.with_effects(
        found, {row["source"]: float(n if row["source"] == between else n * inner) for _, row in found.iterrows()}
    )
    checks = assumptions.table(
        assumptions.normality({"residuals": residuals.to_numpy().ravel()}),
        assumptions.equal_variances(groups),
        assumptions.sphericity(residuals.to_numpy(float), within),
    )
    return table, checks, notes


@final
@register("mixed_anova")
@define_spec
class MixedAnova(Analysis):
    """ANOVA of one factor between and one within subjects; where arms hold twins, within twins as well."""

    of: str = param(doc="the variable, as Record.variable")
    between: str = param(doc=BETWEEN_DOC)
    within: str = param(doc="factor within subjects: a dim of the variable, such as clamp")
    pairing: Pairing = param("auto", doc=PAIRING_DOC)

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"between": self.between, "within": self.within})

    def _test(self, record: xr.Dataset) -> Result:
        return mixed_anova(
            record,
            dv=self.of,
            between=self.between,
            within=self.within,
            pairing=self.pairing,
            where=self.where,
            average=self.average,
        )
