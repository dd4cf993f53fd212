"""Ratio: how much of one quantity another is, such as the share of a harm that remains under a treatment."""

import math
from collections.abc import Sequence
from typing import final

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from artneuro.errors import DesignError
from artneuro.fields import define_spec, param
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.contrast import Array, Contrast
from artneuro.statistics.design import Question
from artneuro.statistics.factors import as_one_group
from artneuro.statistics.result import Result
from artneuro.statistics.sample import draw, require_spread, require_two
from artneuro.statistics.wording import degrees, interval, level, number, p_value, statistic

UNBOUNDED = (
    "The interval has no end, because the mean of {over} cannot be told from 0, and so no ratio is too large. More "
    "subjects would bound it."
)


def ratio(
    record: xr.Dataset,
    *,
    dv: str,
    over: str,
    against: float = 1.0,
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Estimate the ratio of the means of two variables of the same subjects.

    A mean of ratios would follow the subjects whose denominator happens to be small; the ratio of means does not. Its
    interval is Fieller's: all numbers r for which a one-sample t-test does not reject that y - r x has a mean of 0.

    Parameters
    ----------
    record : Dataset
        With a dim `subject`.
    dv, over : str
        The variables above and below the line, y and x.
    against : float
        A ratio to test against; 1: both are the same.
    where, average
        As in `t_test`.

    Returns
    -------
    Result
        Table "ratio", one row: of, over, n, mean, mean_over, ratio, low, high (95 %), against, t, df, p (two-sided).
        Where the mean below the line cannot be told from 0 at .05, the interval is (-inf, inf).

    Raises
    ------
    DesignError
        Where there are fewer than two subjects, the mean below the line is 0, or nothing varies.

    References
    ----------
    Fieller 1954, Some problems in interval estimation, J. R. Stat. Soc. B 16, 175-185.

    Examples
    --------
    >>> harm = {"left": ("subject", [0.02, 0.04, 0.01, 0.02]), "whole": ("subject", [0.04, 0.05, 0.03, 0.04])}
    >>> ratio(xr.Dataset(harm), dv="left", over="whole").sentences[0]
    'left over whole, by subject: ratio = 0.5625, 95% CI [0.09050, 0.8134], t(3) = -7.00, p = .006 against 1, n = 4.'
    """
    sample = as_one_group(draw(record, [dv, over], where=where, average=average))
    y, x = (sample.table[name].to_numpy(float) for name in (dv, over))
    require_two(len(y), f"{dv} over {over}", sample)
    if not x.mean():
        raise DesignError(f"{over} has a mean of 0, and nothing has a share in nothing. {sample.losses}".strip())
    scores = y - against * x
    require_spread({f"{dv} less {against:g} times {over}": scores}, f"{dv} over {over}", float(np.abs(x).max()))
    differences = Contrast((scores,), (1.0,))
    share = float(y.mean() / x.mean())
    low, high = fieller(y, x)
    t, p = differences.t(), differences.p()
    row = {
        "of": dv,
        "over": over,
        "n": len(y),
        "mean": float(y.mean()),
        "mean_over": float(x.mean()),
        "ratio": share,
        "low": low,
        "high": high,
        "against": against,
        "t": t,
        "df": differences.df,
        "p": p,
    }
    bounded = math.isfinite(low)
    said = (
        f"{dv} over {over}, by subject: ratio = {number(share)}, "
        f"{interval(low, high) if bounded else 'no bounded interval'}, t({degrees(differences.df)}) = {statistic(t)}, "
        f"{p_value(p)} against {level(against)}, n = {len(y)}."
    )
    notes = sample.notes if bounded else (*sample.notes, UNBOUNDED.format(over=over))
    return Result("ratio", dv, {"ratio": pd.DataFrame([row])}, (said,), notes)


def fieller(y: Array, x: Array, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of the ratio of two means, mean(y) / mean(x), of pairs.

    All numbers r with (mean(y) - r mean(x))^2 <= t^2 (s_yy - 2 r s_xy + r^2 s_xx) / n, where s are variances and the
    covariance, and t the critical value with n - 1 degrees of freedom: a quadratic in r. Its solutions are an interval
    where mean(x) differs from 0 at that confidence; otherwise they have no end, and what is returned is (-inf, inf).

    Examples
    --------
    >>> fieller(np.array([2.0, 3.0, 4.0]), np.array([1.0, 0.0, -1.0]))
    (-inf, inf)
    """
    n = len(x)
    reach = float(stats.t.isf((1 - confidence) / 2, n - 1)) ** 2 / n
    ((s_yy, s_xy), (_, s_xx)) = np.cov(y, x, ddof=1)
    above, below = float(y.mean()), float(x.mean())
    a, b, c = below**2 - reach * s_xx, above * below - reach * s_xy, above**2 - reach * s_yy
    if a <= 0:
        return -math.inf, math.inf
    half = math.sqrt(max(0.0, b * b - a * c))
    return (b - half) / a, (b + half) / a


@final
@register("ratio")
@define_spec
class Ratio(Analysis):
    """How much of one variable another is: the ratio of their means over the same subjects, with Fieller's interval."""

    of: str = param(doc="the variable above the line, as Record.variable")
    over: str = param(doc="the variable below the line, as Record.variable")
    against: float = param(1.0, doc="a ratio to test against; 1: both are the same")

    def _asks(self) -> Question:
        return self._question({"of": self.of, "over": self.over}, {})

    def _test(self, record: xr.Dataset) -> Result:
        return ratio(record, dv=self.of, over=self.over, against=self.against, where=self.where, average=self.average)
