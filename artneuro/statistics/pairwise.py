"""Pairwise tests: which levels of a factor differ, each pair by itself, corrected for their number."""

from collections.abc import Iterable, Sequence
from typing import final

import xarray as xr

from artneuro.errors import DesignError, Problem
from artneuro.fields import define_spec, param
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.design import Question
from artneuro.statistics.factors import BETWEEN_DOC, WITHIN_DOC, factor_problems, one_factor
from artneuro.statistics.pairs import CORRECTION_DOC, Correction, compare_pairs, pair_sentences
from artneuro.statistics.result import Result
from artneuro.statistics.sample import draw
from artneuro.statistics.twins import PAIRING_DOC, Pairing


def pairwise(
    record: xr.Dataset,
    *,
    dv: str,
    between: str | None = None,
    within: str | None = None,
    pairing: Pairing = "auto",
    correction: Correction = "holm",
    parametric: bool = True,
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test every pair of levels of a factor.

    Parameters
    ----------
    record : Dataset
        With a dim `subject`.
    dv : str
        The variable.
    between, within : str
        The factor, one of the two.
    pairing : "auto", "paired" or "independent"
        Whether arms are compared twin by twin; auto: where they share seeds.
    correction : "holm", "bonferroni", "sidak", "fdr" or "none"
        How p-values are corrected for the number of pairs.
    parametric : bool
        t-tests (paired or Welch), or Wilcoxon's and Mann and Whitney's rank tests.

    Returns
    -------
    Result
        Table "pairwise", one row a pair: with t-tests the columns of `t_test`; with rank tests a, b, how, test, n,
        mean_a, mean_b, difference (of medians), statistic, p, effect_name, effect (rank-biserial r), effect_low,
        effect_high. Both also have p_corrected and correction.

    Raises
    ------
    DesignError
        Where a pair has fewer than two subjects or does not vary.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"auc": ("subject", [0.9, 0.8, 0.85, 0.7, 0.65, 0.6])}, {"arm": ("subject", ["clean"] * 3 + ["half"] * 3)})
    >>> pairwise(record, dv="auc", between="arm").sentences[0].split(", difference")[0]
    'auc, clean against half, independent: t(4) = 4.90, p = .008 after Holm'
    """
    factor, pairing = one_factor(record, between, within, pairing)
    if factor is None:
        raise DesignError("give the factor whose levels are compared: `between: arm`, or `within: clamp`")
    sample = draw(record, [dv], [factor], where=where, average=average)
    sample.groups(dv, factor)
    table, left_out = compare_pairs(sample, dv, factor, pairing, correction, parametric)
    return Result("pairwise", dv, {"pairwise": table}, pair_sentences(dv, table), (*sample.notes, *left_out))


@final
@register("pairwise")
@define_spec
class Pairwise(Analysis):
    """t-tests or rank tests of all pairs of levels, corrected for their number."""

    of: str = param(doc="the variable, as Record.variable")
    between: str | None = param(None, doc=BETWEEN_DOC)
    within: str | None = param(None, doc=WITHIN_DOC)
    pairing: Pairing = param("auto", doc=PAIRING_DOC)
    correction: Correction = param("holm", doc=CORRECTION_DOC)
    parametric: bool = param(True, doc="t-tests; otherwise rank tests")

    def problems(self) -> Iterable[Problem]:
        """Refuse a test without a factor, or with two."""
        return factor_problems({"between": self.between, "within": self.within})

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"between": self.between, "within": self.within})

    def _test(self, record: xr.Dataset) -> Result:
        return pairwise(
            record,
            dv=self.of,
            between=self.between,
            within=self.within,
            pairing=self.pairing,
            correction=self.correction,
            parametric=self.parametric,
            where=self.where,
            average=self.average,
        )
