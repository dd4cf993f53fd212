"""Effect sizes with intervals, by inverting the distribution that the test statistic has under an effect."""

import math
from collections.abc import Callable

from scipy import optimize, stats


def _inverted(tail: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Return the noncentrality at which `tail` meets `target`; the nearer bound where it does so nowhere between."""
    at_low, at_high = tail(low) - target, tail(high) - target
    if at_low * at_high > 0:
        return low if abs(at_low) < abs(at_high) else high
    return float(optimize.brentq(lambda ncp: tail(ncp) - target, low, high, xtol=1e-8))


def d_interval(d: float, scale: float, df: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a standardised difference.

    Parameters
    ----------
    d : float
        The difference over its standard deviation.
    scale : float
        Standard error over standard deviation of the difference, so that t = d / scale.
    df : float
        Degrees of freedom of t.

    Returns
    -------
    low, high : float
        Exact for Student's and the paired t-test, close for Welch's; by inverting the noncentral t (Cumming and Finch
        2001, eq. 14).

    Examples
    --------
    >>> low, high = d_interval(0.5, 10 ** -0.5, 9)
    >>> round(low, 2), round(high, 2)
    (-0.17, 1.15)
    """
    t, tail = abs(d) / scale, (1 - confidence) / 2
    # T >= t where the noncentrality is at least t s - Z, with s^2 a chi-square over df and Z normal: far quantiles of
    # both bracket the interval, and keep scipy's noncentral t to where it converges
    if t > 1e4:  # where scipy's noncentral t no longer converges, Z is nothing beside t s, and its quantiles are known
        low, high = (d * math.sqrt(float(stats.chi2.ppf(level, df)) / df) for level in (tail, 1 - tail))
        return (low, high) if d >= 0 else (high, low)
    far = tail / 1000
    reach = float(stats.norm.isf(far))
    least, most = (math.sqrt(float(stats.chi2.ppf(level, df)) / df) for level in (far, 1 - far))
    low = _inverted(lambda ncp: float(stats.nct.sf(t, df, ncp)), tail, t * least - reach, t * most + reach) * scale
    high = _inverted(lambda ncp: float(stats.nct.cdf(t, df, ncp)), tail, t * least - reach, t * most + reach) * scale
    return (low, high) if d >= 0 else (-high, -low)


def eta_squared(f: float, df1: float, df2: float) -> float:
    """Return partial eta squared: the share of variance that an effect accounts for, beside its own error.

    Examples
    --------
    >>> round(eta_squared(4.0, 2, 57), 3)
    0.123
    """
    return f * df1 / (f * df1 + df2)


def f_tail(f: float, df1: float, df2: float, noncentrality: float) -> float:
    """Return the chance of an F above `f`, given the noncentrality.

    Examples
    --------
    >>> round(f_tail(3.32, 2, 30, 0.0), 3)
    0.05
    """
    # scipy 1.17 gives a negative chance at noncentrality 0, where F is the central one
    return float(stats.ncf.sf(f, df1, df2, noncentrality) if noncentrality > 0 else stats.f.sf(f, df1, df2))


def eta_interval(
    f: float, df1: float, df2: float, observations: float, confidence: float = 0.90
) -> tuple[float, float]:
    """Return the interval of partial eta squared, by inverting the noncentral F (Steiger 2004, eq. 5).

    90 % by default, as is usual: F tests one side only, so this interval excludes 0 where p < .05. Exact between
    subjects, close within.

    Parameters
    ----------
    observations : float
        Independent observations: subjects, or blocks times (levels - 1) within them. The noncentrality is that many
        times eta / (1 - eta).

    Examples
    --------
    >>> low, high = eta_interval(4.0, 2, 57, observations=60)
    >>> round(low, 3), round(high, 3)
    (0.009, 0.242)
    """
    tail = (1 - confidence) / 2
    far = tail / 1000  # far quantiles of the parts of F bracket the interval, as in `d_interval`
    most = df1 * f * float(stats.chi2.isf(far, df2)) / df2
    reach = (math.sqrt(most) + float(stats.norm.isf(far))) ** 2

    def share(noncentrality: float) -> float:
        return noncentrality / (noncentrality + observations)

    if df1 * f > 1e8:  # beyond what scipy's noncentral F computes, the numerator is its noncentrality
        low, high = (df1 * f * float(stats.chi2.ppf(level, df2)) / df2 for level in (tail, 1 - tail))
        return share(low), share(high)
    low = _inverted(lambda ncp: f_tail(f, df1, df2, ncp), tail, 0.0, reach)
    high = _inverted(lambda ncp: f_tail(f, df1, df2, ncp), 1 - tail, 0.0, reach)
    return share(low), share(high)


def r_interval(r: float, error: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a correlation on Fisher's scale, where its standard error is `error`.

    A correlation of 1 or -1 has none there (NaN): that no value fell out of line does not say that none would.

    Examples
    --------
    >>> low, high = r_interval(0.5, (30 - 3) ** -0.5)
    >>> round(low, 2), round(high, 2)
    (0.17, 0.73)
    """
    if abs(r) >= 1:
        return math.nan, math.nan
    reach = float(stats.norm.ppf(0.5 + confidence / 2)) * error
    return math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach)


def bayes_f(partial_eta_squared: float, n: float, df1: float) -> float:
    """Return BF10 of an effect in an ANOVA, from the difference in BIC (Masson 2011, eqs. 8 to 10).

    Parameters
    ----------
    n : float
        Independent observations: subjects, or subjects times (levels - 1) within subjects.
    df1 : float
        Parameters that the effect adds.

    Examples
    --------
    >>> round(bayes_f(0.3, 60, 2), 1)
    739.4
    """
    if partial_eta_squared >= 1:
        return math.inf
    exponent = -(n * math.log1p(-partial_eta_squared) + df1 * math.log(n)) / 2
    return math.exp(exponent) if exponent < 700 else math.inf  # exp overflows past 709
