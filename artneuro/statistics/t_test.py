"""t-tests: whether one mean is above another, or above a number."""

from collections.abc import Iterable, Sequence
from typing import Literal, final

import xarray as xr

from artneuro.errors import Problem
from artneuro.fields import define_spec, param
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics import assumptions
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.design import Question
from artneuro.statistics.factors import (
    ALTERNATIVE_DOC,
    BETWEEN_DOC,
    PLANNED_DOC,
    WITHIN_DOC,
    factor_problems,
    one_factor,
)
from artneuro.statistics.means import REMEDIES, check, mean_row, sentence, two_means, units
from artneuro.statistics.power import Alternative, power_table, power_words
from artneuro.statistics.result import Result
from artneuro.statistics.twins import PAIRING_DOC, Pairing, require_varied
from artneuro.statistics.wording import p_value


def t_test(
    record: xr.Dataset,
    *,
    dv: str,
    between: str | None = None,
    within: str | None = None,
    against: float | None = None,
    pairing: Pairing = "auto",
    variances: Literal["unequal", "equal"] = "unequal",
    alternative: Alternative = "two-sided",
    planned: float | None = None,
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test whether two means differ, or whether one differs from a number.

    Paired where the two levels are conditions of the same subjects or arms of twins, otherwise Welch's test (or
    Student's, with ``variances="equal"``); one-sample where there is no factor.

    Parameters
    ----------
    record : Dataset
        With a dim `subject`.
    dv : str
        The variable.
    between, within : str, optional
        The factor: a coordinate of subjects (arm), or a dim (clamp). Two of its levels must be left by `where`; the
        first is compared with the second, in the order of the list.
    against : float, optional
        The number to test against, where there is no factor.
    pairing : "auto", "paired" or "independent"
        Whether arms are compared twin by twin; auto: where they share seeds.
    alternative : "two-sided", "greater" or "less"
        What is asked of the first level against the second.
    planned : float, optional
        An effect (Cohen's d) that the study was planned for; its power and the n it needs are reported.

    Returns
    -------
    Result
        Table "t_test", one row: a, b, how, test, n, mean_a, mean_b, difference, low, high (95 % interval of the
        difference), t, df, p, effect_name, effect, effect_low, effect_high, bf10 (two-sided). Tables "assumptions" and
        "power".

    Raises
    ------
    DesignError
        Where the record cannot answer, with the reason.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"auc": ("subject", [0.5, 0.6, 0.4, 0.7, 0.9, 0.8])},
    ...     {"arm": ("subject", ["half"] * 3 + ["clean"] * 3), "seed": ("subject", [0, 1, 2] * 2),
    ...      "subject": [f"{arm}-{seed}" for arm in ("half", "clean") for seed in range(3)]})
    >>> result = t_test(record, dv="auc", between="arm", where={"arm": ("clean", "half")})
    >>> result.sentences[0].split(", difference")[0]
    'auc, clean against half, paired by seed (twins): t(2) = 5.20, p = .035'
    """
    factor, pairing = one_factor(record, between, within, pairing)
    compared, names, notes = two_means(record, dv, factor, against, pairing, variances == "equal", where, average)
    require_varied(compared, f"{dv} ({compared.how})")
    contrast, bound = compared.contrast, against or 0.0
    checks = check(contrast, names, variances == "equal")
    powers = power_table(
        contrast.effect_name,
        contrast.effect(bound),
        planned,
        min(len(group) for group in contrast.groups),
        lambda size, n: contrast.power(size, n, alternative),
    )
    row = mean_row(compared, names, bound, alternative)
    sided = "" if alternative == "two-sided" else f" (one-sided: {alternative})"
    probability = f"{p_value(row['p'].iloc[0])}{sided}"
    return Result(
        name="t_test",
        of=dv,
        tables={"t_test": row, "assumptions": checks, "power": powers},
        sentences=(sentence(dv, row.iloc[0], probability), power_words(powers, units(compared))),
        notes=(*notes, *compared.notes, *assumptions.doubts(checks, REMEDIES)),
    )


@final
@register("t_test")
@define_spec
class TTest(Analysis):
    """t-test of two means, or of one against a number; arms of twins are paired."""

    of: str = param(doc="the variable, as Record.variable")
    between: str | None = param(None, doc=BETWEEN_DOC)
    within: str | None = param(None, doc=WITHIN_DOC)
    against: float | None = param(None, doc="a number to test against, where there is no factor")
    pairing: Pairing = param("auto", doc=PAIRING_DOC)
    variances: Literal["unequal", "equal"] = param("unequal", doc="Welch's test, or Student's")
    alternative: Alternative = param("two-sided", doc=ALTERNATIVE_DOC)
    planned: float | None = param(None, doc=PLANNED_DOC)

    def problems(self) -> Iterable[Problem]:
        """Refuse a test without anything to compare."""
        return factor_problems({"between": self.between, "within": self.within, "against": self.against})

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"between": self.between, "within": self.within})

    def _test(self, record: xr.Dataset) -> Result:
        return t_test(
            record,
            dv=self.of,
            between=self.between,
            within=self.within,
            against=self.against,
            pairing=self.pairing,
            variances=self.variances,
            alternative=self.alternative,
            planned=self.planned,
            where=self.where,
            average=self.average,
        )
