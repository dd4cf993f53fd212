"""Equivalence: whether two means are the same within a margin, which a non-significant difference never shows."""

import math
from collections.abc import Iterable, Sequence
from typing import final

import pandas as pd
import xarray as xr

from artneuro.errors import DesignError, Problem
from artneuro.fields import define_spec, gt, param
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics import assumptions
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.design import Question
from artneuro.statistics.factors import BETWEEN_DOC, WITHIN_DOC, factor_problems, one_factor
from artneuro.statistics.means import REMEDIES, check, two_means, units
from artneuro.statistics.result import Result
from artneuro.statistics.tost import Tost, tost
from artneuro.statistics.twins import PAIRING_DOC, Pairing
from artneuro.statistics.wording import degrees, effect, interval, level, number, p_value, statistic


def equivalence(
    record: xr.Dataset,
    *,
    dv: str,
    margin: float,
    between: str | None = None,
    within: str | None = None,
    against: float | None = None,
    pairing: Pairing = "auto",
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test whether two means (or a mean and a number) differ by less than a margin (two one-sided tests).

    Parameters
    ----------
    record, dv, between, within, against, pairing, where, average
        As in `t_test`; variances need not be equal.
    margin : float
        The largest difference that would not matter, in the unit of the variable; declared before.

    Returns
    -------
    Result
        Table "equivalence", one row: a, b, how, n, difference, low, high (90 %: equivalent at .05 where it lies within
        the margin), margin, df, p_below, p_above (against a difference below -margin, above margin), p (the larger),
        equivalent ("yes" or "no"), effect_name, effect, effect_low, effect_high (95 %), power (if the true difference
        is 0), needed_n (for 80 %). Table "assumptions".

    Raises
    ------
    DesignError
        Where the record cannot answer, with the reason.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"auc": (("subject", "clamp"), [[0.80, 0.81], [0.70, 0.69], [0.75, 0.75], [0.60, 0.61]])},
    ...     {"clamp": ["zero", "mean"]})
    >>> equivalence(record, dv="auc", within="clamp", margin=0.05).sentences[0].split(", difference")[0]
    'auc, zero and mean, paired by subject: equivalent within 0.05, t(3) = 9.92, p = .001'
    """
    if margin <= 0:
        raise DesignError(f"a margin is a difference that would not matter, above 0; came {margin:g}")
    factor, pairing = one_factor(record, between, within, pairing)
    compared, names, notes = two_means(record, dv, factor, against, pairing, False, where, average)
    answer = tost(compared.contrast, margin, against or 0.0)
    names = [names[0], names[1] if len(names) > 1 else level(against or 0.0)]
    row = {"a": names[0], "b": names[1], "how": compared.how, "n": compared.contrast.n, **answer.row()}
    checks = check(compared.contrast, names if factor else names[:1], False)
    needed = "no number of" if math.isnan(answer.needed_n) else f"{answer.needed_n:.0f}"
    power = f"Power, if the true difference is 0, = {answer.power:.2f}; 80% power needs {needed} {units(compared)}."
    return Result(
        "equivalence",
        dv,
        {"equivalence": pd.DataFrame([row]), "assumptions": checks},
        (sentence(f"{dv}, {names[0]} and {names[1]}, {compared.how}", answer), power),
        (*notes, *compared.notes, *assumptions.doubts(checks, REMEDIES)),
    )


def sentence(what: str, answer: Tost) -> str:
    """Return two one-sided tests in the usual form."""
    size = f", {effect(answer.effect_name, answer.effect, answer.effect_low, answer.effect_high)}"
    return (
        f"{what}: {'' if answer.equivalent else 'not shown to be '}equivalent within {level(answer.margin)}, "
        f"t({degrees(answer.df)}) = {statistic(answer.t)}, {p_value(answer.p)}, "
        f"difference = {number(answer.difference)}, {interval(answer.low, answer.high, 90)}"
        f"{size if math.isfinite(answer.effect) else ', the same in every subject'}."
    )


@final
@register("equivalence")
@define_spec
class Equivalence(Analysis):
    """Two one-sided tests that two means, or a mean and a number, differ by less than a margin."""

    of: str = param(doc="the variable, as Record.variable")
    margin: float = param(doc="largest difference that would not matter, in the unit of the variable", check=gt(0))
    between: str | None = param(None, doc=BETWEEN_DOC)
    within: str | None = param(None, doc=WITHIN_DOC)
    against: float | None = param(None, doc="a number to compare with, where there is no factor")
    pairing: Pairing = param("auto", doc=PAIRING_DOC)

    def problems(self) -> Iterable[Problem]:
        """Refuse a test without anything to compare."""
        return factor_problems({"between": self.between, "within": self.within, "against": self.against})

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"between": self.between, "within": self.within})

    def _test(self, record: xr.Dataset) -> Result:
        return equivalence(
            record,
            dv=self.of,
            margin=self.margin,
            between=self.between,
            within=self.within,
            against=self.against,
            pairing=self.pairing,
            where=self.where,
            average=self.average,
        )
