"""Contrast: a weighted difference of means with its standard error; every test of one difference is made of it."""

import math
from functools import cached_property
from typing import Any, final

import attrs
import numpy as np
from scipy import stats

from artneuro.statistics import _pingouin
from artneuro.statistics.effects import d_interval
from artneuro.statistics.power import Alternative, t_power

Array = np.ndarray[Any, Any]


@final
@attrs.frozen(eq=False, slots=False)
class Contrast:
    """A weighted sum of the means of groups of independent scores.

    One group of differences makes the paired t-test, one group of values the one-sample test, two groups with weights
    1 and -1 Welch's (or, pooled, Student's) test.

    Parameters
    ----------
    groups : tuple of arrays
        One score a subject (or a block of twins) each.
    weights : tuple of float
        One a group.
    pooled : bool
        Whether the groups share one variance (Student) or each has its own (Welch, Satterthwaite).

    Examples
    --------
    >>> contrast = Contrast((np.array([1.0, 2.0, 3.0]), np.array([4.0, 6.0, 8.0])), (1.0, -1.0))
    >>> round(contrast.t(), 3), round(contrast.df, 3)
    (-3.098, 2.941)
    """

    groups: tuple[Array, ...]
    weights: tuple[float, ...]
    pooled: bool = False

    @cached_property
    def estimate(self) -> float:
        """The weighted sum of the means."""
        return float(sum(w * group.mean() for w, group in zip(self.weights, self.groups, strict=True)))

    @cached_property
    def _variances(self) -> list[float]:
        return [float(group.var(ddof=1)) for group in self.groups]

    @cached_property
    def sd(self) -> float:
        """Standard deviation of the scores, pooled over groups: the unit of the standardised effect."""
        dfs = [len(group) - 1 for group in self.groups]
        return math.sqrt(sum(df * v for df, v in zip(dfs, self._variances, strict=True)) / sum(dfs))

    @cached_property
    def _parts(self) -> list[float]:
        """Share of each group in the squared standard error."""
        variances = [self.sd**2] * len(self.groups) if self.pooled else self._variances
        rows = zip(self.weights, variances, self.groups, strict=True)
        return [w * w * variance / len(group) for w, variance, group in rows]

    @cached_property
    def se(self) -> float:
        """Standard error of the estimate."""
        return math.sqrt(sum(self._parts))

    @cached_property
    def df(self) -> float:
        """Degrees of freedom of t (Welch and Satterthwaite's, unless pooled)."""
        if self.pooled or len(self.groups) == 1:
            return float(sum(len(group) - 1 for group in self.groups))
        parts = [(part, len(group) - 1) for part, group in zip(self._parts, self.groups, strict=True)]
        if not any(self._parts):  # nothing varies, in every group alike
            return float(sum(df for _, df in parts))
        return sum(self._parts) ** 2 / sum(part**2 / df for part, df in parts)

    @property
    def constant(self) -> bool:
        """Whether no group varies, up to rounding (a part in 10^13 of its numbers)."""
        return all(np.ptp(group) <= 1e-13 * np.abs(group).max() for group in self.groups)

    @property
    def n(self) -> int:
        """Independent scores: subjects, or pairs."""
        return sum(len(group) for group in self.groups)

    def t(self, against: float = 0.0) -> float:
        """Return t of the estimate against a number."""
        return (self.estimate - against) / self.se

    def p(self, alternative: Alternative = "two-sided", against: float = 0.0) -> float:
        """Return the p-value of the estimate against a number."""
        t = self.t(against)
        if alternative == "two-sided":
            return float(2 * stats.t.sf(abs(t), self.df))
        return float(stats.t.sf(t if alternative == "greater" else -t, self.df))

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of the estimate."""
        reach = float(stats.t.isf((1 - confidence) / 2, self.df)) * self.se
        return self.estimate - reach, self.estimate + reach

    @property
    def effect_name(self) -> str:
        """Name of the standardised effect: d over the standard deviation within groups, or of the differences."""
        return "Cohen's d" if len(self.groups) > 1 else "Cohen's d_z"

    def effect(self, against: float = 0.0) -> float:
        """Return the estimate (less a number) in standard deviations."""
        return (self.estimate - against) / self.sd

    @property
    def scale(self) -> float:
        """Standard error of the estimate, in standard deviations, if variances were equal."""
        return math.sqrt(sum(w * w / len(group) for w, group in zip(self.weights, self.groups, strict=True)))

    @property
    def _df_equal(self) -> float:
        return float(self.n - len(self.groups))

    def effect_interval(self, against: float = 0.0, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of the standardised effect (equal variances assumed, as Cohen's d does)."""
        return d_interval(self.effect(against), self.scale, self._df_equal, confidence)

    def power(self, effect: float, n: int | None = None, alternative: Alternative = "two-sided") -> float:
        """Return the power for a standardised effect, with these groups or with `n` subjects in each."""
        sizes = [n if n is not None else len(group) for group in self.groups]
        scale = math.sqrt(sum(w * w / size for w, size in zip(self.weights, sizes, strict=True)))
        return t_power(effect / scale, float(sum(sizes) - len(sizes)), alternative)

    def bayes(self, against: float = 0.0) -> float:
        """Return BF10 of two groups, of pairs or of one sample; NaN for other contrasts."""
        if len(self.groups) > 2:
            return math.nan
        sizes = [len(group) for group in self.groups]
        return _pingouin.bayes_t(self.t(against), sizes[0], sizes[1] if len(sizes) == 2 else None)
