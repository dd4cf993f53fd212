"""Permutation test: whether two means differ, by how often chance arrangements differ as much."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, final

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from artneuro.errors import Problem
from artneuro.fields import define_spec, ge, param
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.selection import Where
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.design import Question
from artneuro.statistics.factors import ALTERNATIVE_DOC, BETWEEN_DOC, WITHIN_DOC, factor_problems, one_factor
from artneuro.statistics.means import two_means
from artneuro.statistics.power import Alternative
from artneuro.statistics.resampling import bootstrap
from artneuro.statistics.result import Result
from artneuro.statistics.twins import PAIRING_DOC, Pairing, require_varied
from artneuro.statistics.wording import effect, interval, level, number, p_value

Array = np.ndarray[Any, Any]
Middle = Literal["mean", "median"]


def permutation(
    record: xr.Dataset,
    *,
    dv: str,
    between: str | None = None,
    within: str | None = None,
    against: float | None = None,
    pairing: Pairing = "auto",
    middle: Middle = "mean",
    alternative: Alternative = "two-sided",
    draws: int = 9999,
    stream: Stream | None = None,
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test a difference without assuming a distribution.

    Pairs (twins, conditions within subjects) and one sample exchange the signs of their differences, strangers their
    groups. All arrangements are used where there are not more than `draws`; otherwise `draws` of them, the observed
    one counted in.

    Parameters
    ----------
    record, dv, between, within, against, pairing, alternative, where, average
        As in `t_test`.
    middle : "mean" or "median"
        What is compared; of pairs, the middle of their differences.
    draws : int
        Most arrangements.
    stream : Stream, optional
        The randomness; ``Stream(0)``, narrowed to this test, if left out. The same stream gives the same p.

    Returns
    -------
    Result
        Table "permutation", one row: a, b, how, n, statistic ("difference of means", ...), difference, low, high (95 %,
        bootstrap), p, draws, exact ("yes" or "no"), effect_name, effect, effect_low, effect_high. Power is not given:
        that of `t_test` is close.

    Raises
    ------
    DesignError
        Where the record cannot answer, with the reason.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"auc": ("subject", [0.9, 0.8, 0.85, 0.7, 0.65, 0.6])}, {"arm": ("subject", ["clean"] * 3 + ["half"] * 3)})
    >>> permutation(record, dv="auc", between="arm").sentences[0].split(", Cohen")[0]
    'auc, clean against half, independent: difference of means = 0.2000, 95% CI [0.1333, 0.2667], p = .100 (exact, 20)'
    """
    stream = (stream if stream is not None else Stream(0)).child("statistics", "permutation")
    factor, pairing = one_factor(record, between, within, pairing)
    compared, names, notes = two_means(record, dv, factor, against, pairing, False, where, average)
    require_varied(compared, f"{dv} ({compared.how})")
    contrast, bound = compared.contrast, against or 0.0
    # a mean of differences that is tested against a number is a mean of shifted differences against 0
    groups = [group - bound for group in contrast.groups] if len(contrast.groups) == 1 else list(contrast.groups)
    reduce = np.mean if middle == "mean" else np.median

    def difference(*samples: Array, axis: int = -1) -> Array:
        first: Array = reduce(samples[0], axis=axis)
        return first - reduce(samples[1], axis=axis) if len(samples) == 2 else first

    answer = stats.permutation_test(
        groups,
        difference,
        permutation_type="samples" if len(groups) == 1 else "independent",
        vectorized=True,
        n_resamples=draws,
        alternative=alternative,
        rng=stream.child("arrangements").numpy(),
    )
    low, high = bootstrap(groups, lambda drawn: difference(*drawn), stream.child("interval"))
    used = len(answer.null_distribution)
    exact = used <= draws and used == _arrangements(groups)
    effect_low, effect_high = contrast.effect_interval(bound)
    name = f"difference of {middle}s" if len(contrast.groups) == 2 else f"{middle} difference"
    row: dict[str, Any] = {
        "a": names[0],
        "b": names[1] if len(names) > 1 else level(bound),
        "how": compared.how,
        "n": contrast.n,
        "statistic": name,
        "difference": float(answer.statistic),
        "low": low,
        "high": high,
        "p": float(answer.pvalue),
        "draws": used,
        "exact": "yes" if exact else "no",
        "effect_name": contrast.effect_name,
        "effect": contrast.effect(bound),
        "effect_low": effect_low,
        "effect_high": effect_high,
    }
    sided = "" if alternative == "two-sided" else f", one-sided: {alternative}"
    said = (
        f"{dv}, {row['a']} against {row['b']}, {compared.how}: {name} = {number(row['difference'])}, "
        f"{interval(low, high)}, {p_value(row['p'])} ({'exact' if exact else 'random'}, {used}{sided}), "
        f"{effect(contrast.effect_name, row['effect'], effect_low, effect_high)}."
    )
    return Result("permutation", dv, {"permutation": pd.DataFrame([row])}, (said,), (*notes, *compared.notes))


def _arrangements(groups: list[Array]) -> float:
    """Return how many arrangements there are."""
    if len(groups) == 1:
        return 2.0 ** len(groups[0])
    total = sum(map(len, groups))
    return float(np.prod([(total - place) / (place + 1) for place in range(len(groups[0]))]).round())


@final
@register("permutation")
@define_spec
class Permutation(Analysis):
    """Permutation test of two means or medians, or of one against a number; arms of twins are paired."""

    of: str = param(doc="the variable, as Record.variable")
    between: str | None = param(None, doc=BETWEEN_DOC)
    within: str | None = param(None, doc=WITHIN_DOC)
    against: float | None = param(None, doc="a number to test against, where there is no factor")
    pairing: Pairing = param("auto", doc=PAIRING_DOC)
    middle: Middle = param("mean", doc="what is compared")
    alternative: Alternative = param("two-sided", doc=ALTERNATIVE_DOC)
    draws: int = param(9999, doc="most arrangements; all of them where there are no more", check=ge(99))
    seed: int = param(0, doc="root of the randomness", check=ge(0))

    def problems(self) -> Iterable[Problem]:
        """Refuse a test without anything to compare."""
        return factor_problems({"between": self.between, "within": self.within, "against": self.against})

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"between": self.between, "within": self.within})

    def _test(self, record: xr.Dataset) -> Result:
        return permutation(
            record,
            dv=self.of,
            between=self.between,
            within=self.within,
            against=self.against,
            pairing=self.pairing,
            middle=self.middle,
            alternative=self.alternative,
            draws=self.draws,
            stream=Stream(self.seed),
            where=self.where,
            average=self.average,
        )
