"""Printing: numbers and tables as the report shows them, by the rules of the sentences (`statistics.wording`).

Test statistics, standardised effects and power have two decimals; p has three, without the leading zero; whole numbers
are whole; every other number has four digits that count, zeros included. The files beside the report have all digits.
"""

import math
from collections.abc import Mapping, Sequence
from typing import final

import attrs

from artneuro.statistics.wording import bayes, degrees, statistic
from artneuro.statistics.wording import number as quantity
from artneuro.study.account import Table

MINUS = "\N{MINUS SIGN}"
NOT_GIVEN = "not given"

STATISTICS = frozenset(
    {"t", "f", "q", "h", "statistic", "power", "effect", "effect_low", "effect_high"}
    | {"partial_eta_squared", "eta_low", "eta_high", "epsilon"}
)
"""Columns with two decimals: test statistics, standardised effects, power."""

COUNTS = frozenset(["n", "df", "df1", "df2", "needed_n", "draws"])
"""Columns of whole numbers, which a file may have as 9.0."""

ALIKE = frozenset(["how", "test", "n", "df", "effect_name", "correction", "statistic_name", "assumption", "effect_is"])
"""Columns that are said once, above the table, where they are the same in every row."""

FIRST = ("difference", "low", "high", "p_corrected", "p", "effect", "effect_low", "effect_high")
"""What a comparison is read for; it comes straight after what is compared."""


def number(value: float, unitless: bool = False) -> str:
    """Return a number as a reader wants it, with a true minus.

    Parameters
    ----------
    unitless : bool
        Whether it is a test statistic, a standardised effect or a power, which have two decimals.

    Examples
    --------
    >>> number(-0.123456), number(0.76), number(float("nan")), number(float("-inf"))
    ('−0.1235', '0.7600', 'not given', '−∞')
    >>> number(1.0, unitless=True), number(14.5123, unitless=True)
    ('1.00', '14.51')
    """
    if math.isnan(value):
        return NOT_GIVEN
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    return (statistic(value) if unitless else quantity(value)).replace("-", MINUS)


def p_value(p: float) -> str:
    """Return a p value in the usual form.

    Examples
    --------
    >>> p_value(0.00012), p_value(0.0312), p_value(1.0), p_value(float("nan"))
    ('< .001', '.031', '1.000', 'not given')
    """
    if math.isnan(p):
        return NOT_GIVEN
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


@final
@attrs.frozen
class Sheet:
    """A table as the page shows it.

    Parameters
    ----------
    columns : tuple of (name, whether all of it are numbers)
    rows : tuple of rows, each a tuple of text
    alike : str
        What is the same in every row and therefore has no column, in words; empty where nothing is.
    """

    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    alike: str = ""


def sheet(table: Table) -> Sheet:
    """Lay out a table: what it is read for first, what is the same in every row above it.

    Examples
    --------
    >>> rows = (("9.0", "clean", "0.81234", "0.2", "1e-9"), ("9.0", "half", "0.5", "0.1", "0.2"))
    >>> shown = sheet(Table("paired", "paired.csv", ("df", "a", "mean_a", "difference", "p"), rows, 2))
    >>> [name for name, _ in shown.columns], shown.rows[0], shown.alike
    (['a', 'difference', 'p', 'mean_a'], ('clean', '0.2000', '< .001', '0.8123'), 'df 9')
    """
    along = {name: [row[place] for row in table.rows] for place, name in enumerate(table.columns)}
    alike = {name: texts[0] for name, texts in along.items() if _said_once(name, texts)}
    shown = {name: along[name] for name in _ordered(along) if name not in alike}
    small = "effect" in along and "difference" not in along  # then low and high are those of the effect
    cells = [[_cell(name, text, small) for text in texts] for name, texts in shown.items()]
    return Sheet(
        tuple((name, any(texts) and all(map(_is_number, texts))) for name, texts in shown.items()),
        tuple(zip(*cells, strict=True)),
        ", ".join(f"{name.replace('_', ' ')} {_cell(name, text, small)}" for name, text in alike.items()),
    )


def _said_once(name: str, texts: Sequence[str]) -> bool:
    return name in ALIKE and len(set(texts)) == 1 and texts[0] != ""


def _ordered(along: Mapping[str, Sequence[str]]) -> list[str]:
    if "difference" not in along:
        return list(along)
    before = list(along)[: list(along).index("difference")]
    labels = [name for name in before if name not in FIRST and not name.startswith("mean")]
    first = [*labels, *(name for name in FIRST if name in along)]
    return [*first, *(name for name in along if name not in first)]


def _is_number(text: str) -> bool:
    try:
        float(text or 0)  # an empty cell is a number that is not there
    except ValueError:
        return False
    return True


def _cell(name: str, text: str, small: bool) -> str:
    if not text or not _is_number(text):
        return text
    value = float(text)
    if name == "p" or name.startswith("p_"):
        return p_value(value)
    if not math.isfinite(value):
        return number(value)
    if name == "bf10":
        return bayes(value).removeprefix("BF10 ").removeprefix("= ")
    if name in COUNTS or text.lstrip("-").isdigit():
        return degrees(value).replace("-", MINUS)
    return number(value, unitless=name in STATISTICS or (small and name in ("low", "high")))
