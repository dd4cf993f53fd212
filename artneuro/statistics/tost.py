"""Two one-sided tests: whether a contrast lies within a margin of a number (Schuirmann 1987)."""

import math
from typing import Any, final

import attrs
import numpy as np
from scipy import stats

from artneuro.statistics.contrast import Contrast
from artneuro.statistics.power import smallest_n

ALPHA = 0.05


@final
@attrs.frozen
class Tost:
    """The answer of two one-sided tests.

    Parameters
    ----------
    difference : float
        The estimate, less the number that it is tested against.
    low, high : float
        Its 90 % interval: equivalence at .05 is that it lies within the margin.
    df : float
        Degrees of freedom.
    t : float
        The smaller of the two distances from the margin, in standard errors; below 0 where the estimate lies outside.
    p_below, p_above : float
        Against the difference being below -margin, and above margin.
    effect, effect_low, effect_high : float
        The difference in standard deviations, with its 95 % interval; NaN where nothing varies.
    power : float
        The chance of equivalence, were the true difference 0.
    needed_n : float
        Subjects a group (or pairs) that 80 % power needs; NaN where no number would do.
    """

    difference: float
    low: float
    high: float
    margin: float
    df: float
    t: float
    p_below: float
    p_above: float
    effect_name: str
    effect: float
    effect_low: float
    effect_high: float
    power: float
    needed_n: float

    @property
    def p(self) -> float:
        """The larger of the two p-values: both one-sided tests must reject."""
        return max(self.p_below, self.p_above)

    @property
    def equivalent(self) -> bool:
        """Whether the difference was shown to lie within the margin."""
        return self.p < ALPHA

    @property
    def different(self) -> bool:
        """Whether the whole interval lies outside the margin."""
        return self.low > self.margin or self.high < -self.margin

    def row(self) -> dict[str, Any]:
        """Return it as columns of a table."""
        return {
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "margin": self.margin,
            "df": self.df,
            "p_below": self.p_below,
            "p_above": self.p_above,
            "p": self.p,
            "equivalent": "yes" if self.equivalent else "no",
            "effect_name": self.effect_name,
            "effect": self.effect,
            "effect_low": self.effect_low,
            "effect_high": self.effect_high,
            "power": self.power,
            "needed_n": self.needed_n,
        }


def tost(contrast: Contrast, margin: float, against: float = 0.0) -> Tost:
    """Test whether a contrast lies within a margin of a number.

    Scores that do not vary at all (a sham that changes nothing) have an interval of no width: they are equivalent
    where that point lies within the margin.

    Examples
    --------
    >>> answer = tost(Contrast((np.array([0.01, -0.01, 0.0, 0.01]),), (1.0,)), margin=0.05)
    >>> answer.equivalent, round(answer.p, 4)
    (True, 0.0011)
    """
    difference = contrast.estimate - against
    below, above = difference + margin, margin - difference
    if contrast.constant:
        t = math.copysign(math.inf, min(below, above))
        p_below, p_above = float(below <= 0), float(above <= 0)
        effect = effect_low = effect_high = math.nan
        power, needed = 1.0, float(min(len(group) for group in contrast.groups))
    else:
        t = min(below, above) / contrast.se
        p_below, p_above = (float(stats.t.sf(side / contrast.se, contrast.df)) for side in (below, above))
        effect = contrast.effect(against)
        effect_low, effect_high = contrast.effect_interval(against)
        power = tost_power(margin / contrast.se, contrast.df)
        needed = _needed(contrast, margin)
    low, high = (contrast.estimate,) * 2 if contrast.constant else contrast.interval(1 - 2 * ALPHA)
    return Tost(
        difference=difference,
        low=low - against,
        high=high - against,
        margin=margin,
        df=contrast.df,
        t=t,
        p_below=p_below,
        p_above=p_above,
        effect_name=contrast.effect_name,
        effect=effect,
        effect_low=effect_low,
        effect_high=effect_high,
        power=power,
        needed_n=needed,
    )


def tost_power(ratio: float, df: float) -> float:
    """Return the chance that two one-sided tests reject, were the true difference 0.

    Parameters
    ----------
    ratio : float
        Margin over the true standard error.
    df : float
        Degrees of freedom of its estimate.

    Notes
    -----
    Given an estimate s of the standard error (in units of the true one), both reject where the difference lies within
    ratio - t s; that chance is averaged over the chi distribution of s.

    Examples
    --------
    >>> round(tost_power(3.0, 20), 2)
    0.79
    """
    # 2000 equally likely values of s: the average then errs by less than a thousandth
    likely = np.sqrt(stats.chi2.ppf((np.arange(2000) + 0.5) / 2000, df) / df)
    within = 2 * stats.norm.cdf(ratio - stats.t.isf(ALPHA, df) * likely) - 1
    return float(np.clip(within, 0, None).mean())


def _needed(contrast: Contrast, margin: float) -> float:
    present = len(contrast.groups)

    def power_at(n: int) -> float:
        # groups of n each, with the variances that these have
        parts = [w * w * group.var(ddof=1) / n for w, group in zip(contrast.weights, contrast.groups, strict=True)]
        return tost_power(margin / math.sqrt(sum(parts)), present * (n - 1))

    return smallest_n(power_at)
