"""Welch's ANOVA: whether arms differ, without assuming that they vary equally."""

from collections.abc import Sequence
from typing import final

import xarray as xr

from artneuro.fields import define_spec, param
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics import _pingouin, assumptions, f_table
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.anova import Posthoc, posthoc_sentences, posthoc_table
from artneuro.statistics.design import Question
from artneuro.statistics.factors import BETWEEN_DOC, require_between
from artneuro.statistics.result import Result
from artneuro.statistics.sample import draw, require_spread
from artneuro.statistics.twins import twins_note


def welch_anova(
    record: xr.Dataset,
    *,
    dv: str,
    between: str,
    posthoc: Posthoc | None = None,
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test whether the levels of a factor between subjects differ, each with its own variance.

    Parameters
    ----------
    record, dv, between, posthoc, where, average
        As in `anova`; "games-howell" is the post-hoc test that fits.

    Returns
    -------
    Result
        Table "welch_anova", one row: source, df1, df2, f, p, partial_eta_squared, eta_low, eta_high (90 %), bf10 (NaN:
        none is established), power. Table "posthoc" as in `anova`. Table "assumptions".

    Raises
    ------
    DesignError
        Where a group has fewer than two subjects or does not vary.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"auc": ("subject", [0.9, 0.8, 0.85, 0.7, 0.65, 0.6])}, {"arm": ("subject", ["clean"] * 3 + ["half"] * 3)})
    >>> welch_anova(record, dv="auc", between="arm").sentences[0].split(", partial")[0]
    'auc by arm, variances unequal: F(1, 4) = 24.00, p = .008'
    """
    require_between(record, between)
    sample = draw(record, [dv], [between], where=where, average=average)
    groups = sample.groups(dv, between)
    for level, values in groups.items():  # each variance is a denominator
        require_spread({f"{between} {level}": values}, dv)
    found = _pingouin.welch_anova(sample.table, dv, between)
    # the degrees of freedom stand for the subjects; BIC has no sense where every group has its own variance
    observations = float(found["df1"].iloc[0] + found["df2"].iloc[0] + 1)
    table = f_table.with_effects(found, {between: observations}).assign(bf10=float("nan"))
    checks = assumptions.table(assumptions.normality(groups))
    tables = {"welch_anova": table, "assumptions": checks}
    sentences = [f_table.sentence(dv, table.iloc[0], checks, ", variances unequal")]
    if posthoc:
        tables["posthoc"] = posthoc_table(sample, dv, between, posthoc)
        sentences += posthoc_sentences(dv, tables["posthoc"], posthoc)
    notes = (
        *sample.notes,
        *assumptions.doubts(checks, f_table.REMEDIES),
        *twins_note(sample, [between], "rm_anova"),
    )
    return Result("welch_anova", dv, tables, tuple(sentences), notes)


@final
@register("welch_anova")
@define_spec
class WelchAnova(Analysis):
    """Welch's ANOVA of one factor between subjects."""

    of: str = param(doc="the variable, as Record.variable")
    between: str = param(doc=BETWEEN_DOC)
    posthoc: Posthoc | None = param(None, doc="comparison of all pairs after it; games-howell fits")

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"between": self.between})

    def _test(self, record: xr.Dataset) -> Result:
        return welch_anova(
            record, dv=self.of, between=self.between, posthoc=self.posthoc, where=self.where, average=self.average
        )
