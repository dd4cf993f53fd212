"""Significance marks: brackets over pairs of groups, from p values that were computed elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import shown
from artneuro.registry import suggestion

Pairs = Sequence[tuple[Any, Any, float]]

P_COLUMNS = ("p_corrected", "p_corr", "p_tukey", "p", "pval", "p_unc")
"""Columns that hold the p value of a pair, the first that is there counts: a corrected one before a raw one."""

STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
MEANING = "Brackets: *** p < .001, ** p < .01, * p < .05; pairs without one: p >= .05 or not compared."
STEP = 17.0
"""Points from one bracket to the next above it."""


def pairs(table: pd.DataFrame) -> list[tuple[Any, Any, float]]:
    """Return (a, b, p) for each row of a table of pairwise comparisons, as artneuro.statistics or pingouin write them.

    Raises
    ------
    SpecificationError
        Where it lacks the columns ``a`` and ``b`` (or ``A`` and ``B``) or every column of `P_COLUMNS`.

    Examples
    --------
    >>> pairs(pd.DataFrame({"A": ["clean"], "B": ["half"], "p_unc": [0.02], "p_corr": [0.04]}))
    [('clean', 'half', 0.04)]
    """
    table = table.rename(columns={"A": "a", "B": "b"})
    found = [column for column in P_COLUMNS if column in table]
    if not found or not {"a", "b"} <= set(table):
        required = f"a table with the columns a, b and one of {', '.join(P_COLUMNS)}"
        raise SpecificationError([Problem("marks", required, f"the columns {', '.join(map(str, table))}")])
    rows = table[["a", "b", found[0]]].dropna()
    return [(a, b, float(p)) for a, b, p in rows.itertuples(index=False)]


def named(comparisons: Mapping[str, pd.DataFrame] | None, marks: str | None) -> list[tuple[Any, Any, float]]:
    """Return the pairs of the analysis that a figure names; none where it names none.

    Raises
    ------
    SpecificationError
        Where there is no such analysis.
    """
    if marks is None:
        return []
    tables = comparisons or {}
    if marks not in tables:
        advice = f"{suggestion(marks, list(tables))} One that was refused has compared nothing: then leave `marks` out."
        required = "the name of an analysis that compared pairs of what is shown"
        raise SpecificationError([Problem("marks", required, shown(marks), advice)])
    return pairs(tables[marks])


def stars(p: float) -> str:
    """Return the mark of a p value; empty from .05 on.

    Examples
    --------
    >>> stars(0.0004), stars(0.03), stars(0.05)
    ('***', '*', '')
    """
    return next((mark for bound, mark in STARS if p < bound), "")


def draw_marks(figure: Figure, ax: Axes, groups: Sequence[Any], compared: Pairs) -> None:
    """Draw a bracket over each pair with p < .05, above the axes so that no value is hidden.

    Groups stand at 0, 1, ... along x. A pair of which one group is not drawn has no bracket.

    Raises
    ------
    SpecificationError
        Where a p value is not in [0, 1], or no pair has both groups in the figure.
    """
    wrong = [p for _, _, p in compared if not 0 <= p <= 1]
    if wrong:
        raise SpecificationError([Problem("marks", "p values between 0 and 1", shown(wrong))])
    place = {str(group): position for position, group in enumerate(groups)}
    here = [(a, b, p) for a, b, p in compared if str(a) in place and str(b) in place]
    if compared and not here:
        required = f"pairs of the groups {', '.join(place)}"
        raise SpecificationError([Problem("marks", required, shown([(a, b) for a, b, _ in compared]))])
    ends = [(place[str(a)], place[str(b)], stars(p)) for a, b, p in here if stars(p)]
    spans = sorted((min(one, other), max(one, other), mark) for one, other, mark in ends)
    spans.sort(key=lambda span: span[1] - span[0])  # short ones below
    taken: list[list[tuple[int, int]]] = []
    for left, right, mark in spans:
        free = [row for row, used in enumerate(taken) if all(right <= low or high <= left for low, high in used)]
        row = free[0] if free else len(taken)
        taken += [] if free else [[]]
        taken[row].append((left, right))
        _bracket(figure, ax, left + 0.06, right - 0.06, 8 + STEP * row, mark)
    figure.set_figheight(figure.get_figheight() + (len(taken) * STEP + 8) / 72 if taken else figure.get_figheight())


def _bracket(figure: Figure, ax: Axes, left: float, right: float, height: float, mark: str) -> None:
    """Draw one bracket `height` points above the axes, its feet (marker 3) pointing down."""
    above = ax.get_xaxis_transform() + ScaledTranslation(0, height / 72, figure.dpi_scale_trans)
    style: dict[str, Any] = {"color": "#333333", "linewidth": 1.1, "marker": 3, "markersize": 4, "clip_on": False}
    ax.add_artist(Line2D([left, right], [1, 1], transform=above, **style))
    middle = (left + right) / 2
    ax.text(middle, 1, mark, transform=above, ha="center", va="baseline", color="#222222", clip_on=False)
