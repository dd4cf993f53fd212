"""Numbers as sentences: the usual form of statistical reports."""

import math
from collections.abc import Iterable


def number(value: float) -> str:
    """Return a quantity in its own unit, to four significant digits, zeros included.

    Examples
    --------
    >>> number(0.512345), number(0.76), number(1234567.0), number(1234.0), number(0.0)
    ('0.5123', '0.7600', '1.235e+06', '1234', '0')
    """
    return f"{value:#.4g}".removesuffix(".") if value else "0"


def statistic(value: float) -> str:
    """Return a test statistic or standardised effect, to two decimals."""
    return f"{round(value, 2) + 0.0:.2f}"  # adding 0 makes -0 a plain zero


def degrees(value: float) -> str:
    """Return degrees of freedom: whole where they are whole.

    Examples
    --------
    >>> degrees(57.0), degrees(16.284)
    ('57', '16.28')
    """
    return f"{value:.0f}" if abs(value - round(value)) < 1e-9 else f"{value:.2f}"  # 1e-9: rounding of sums


def share(value: float) -> str:
    """Return a number that cannot exceed 1 in size, without its leading zero.

    Examples
    --------
    >>> share(0.3), share(-0.456), share(1.0)
    ('.30', '-.46', '1.00')
    """
    text = statistic(value)
    return text.replace("0.", ".", 1) if abs(value) < 1 and text.lstrip("-").startswith("0.") else text


def p_value(p: float) -> str:
    """Return a p-value.

    Examples
    --------
    >>> p_value(0.0312), p_value(2e-7)
    ('p = .031', 'p < .001')
    """
    if math.isnan(p):
        return "p undefined"
    if p < 0.001:
        return "p < .001"
    text = f"{p:.3f}"
    return f"p = {text[1:] if text.startswith('0') else text}"


def bayes(bf10: float) -> str:
    """Return a Bayes factor; past ten thousand (or below its inverse) only the order of magnitude is worth saying."""
    if math.isinf(bf10):
        return "BF10 > 1e+300"
    if bf10 >= 1e4 or bf10 <= 1e-4:
        return f"BF10 = {bf10:.1e}"
    return f"BF10 = {bf10:.3g}"


def interval(low: float, high: float, percent: int = 95, bounded: bool = False) -> str:
    """Return an interval; `bounded` numbers cannot exceed 1 in size.

    Examples
    --------
    >>> interval(0.1, 0.456, bounded=True)
    '95% CI [.10, .46]'
    """
    if math.isnan(low) or math.isnan(high):
        return "no interval"
    show = share if bounded else number
    return f"{percent}% CI [{show(low)}, {show(high)}]"


def effect(name: str, value: float, low: float, high: float, percent: int = 95, bounded: bool = False) -> str:
    """Return a standardised effect with its interval."""
    show = share if bounded else statistic
    limits = "no interval" if math.isnan(low) else f"{percent}% CI [{show(low)}, {show(high)}]"
    return f"{name} = {show(value)}, {limits}"


def listing(names: Iterable[object], limit: int = 12) -> str:
    """Return names as a list in words; past `limit`, how many more there are.

    Examples
    --------
    >>> listing("abc"), listing(range(20), limit=2)
    ('a, b and c', '0, 1 and 18 more')
    """
    words = [str(name) for name in names]
    if len(words) > limit:
        words = [*words[:limit], f"{len(words) - limit} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "none"


def level(value: object) -> str:
    """Return a level of a factor as text: 0.5 and not 0.5000000001."""
    return f"{value:g}" if isinstance(value, float) else str(value)
