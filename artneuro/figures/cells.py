"""Cells of a matrix as colours, and the boxes that hold what belongs together."""

import itertools
from collections.abc import Hashable, Sequence
from typing import Any, Literal, final

import attrs
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from artneuro.figures.canvas import text_of, wrapped

LINE = 0.19
"""Height of a line of text, in inches."""
LETTERS = 11
"""Letters in an inch."""


@final
@attrs.frozen
class Run:
    """Neighbours of one kind: the first of them, and the first that is none."""

    level: Any
    start: int
    stop: int


def runs(levels: Sequence[Hashable]) -> list[Run]:
    """Return where levels stand together; None is no level.

    Examples
    --------
    >>> runs(["cat", "cat", None, "dog"])
    [Run(level='cat', start=0, stop=2), Run(level='dog', start=3, stop=4)]
    """
    found, start = [], 0
    for level, own in itertools.groupby(levels):
        stop = start + len(list(own))
        if level is not None:
            found.append(Run(level, start, stop))
        start = stop
    return found


def shade(
    ax: Axes, values: np.ndarray[Any, Any], colours: Colormap | str, scale: tuple[float, float], *, square: bool
) -> AxesImage:
    """Draw a matrix; a cell that is not-a-number stays white. One picture in the file, not a path a cell."""
    shape: Literal["equal", "auto"] = "equal" if square else "auto"
    image = ax.imshow(
        values, cmap=colours, vmin=scale[0], vmax=scale[1], aspect=shape, interpolation="none", origin="upper"
    )
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    return image


def box(ax: Axes, rows: Sequence[Run], columns: Sequence[Run]) -> None:
    """Draw a box around the cells of each level that has both rows and columns."""
    across = {column.level: column for column in columns}
    for row in rows:
        column = across.get(row.level)
        if column is not None:
            corner = (column.start - 0.5, row.start - 0.5)
            wide, high = column.stop - column.start, row.stop - row.start
            ax.add_patch(Rectangle(corner, wide, high, fill=False, edgecolor="#222222", linewidth=1.2, clip_on=False))


def name_cells(ax: Axes, rows: Sequence[Any], columns: Sequence[Any], room: float, *, first: bool = True) -> None:
    """Name rows and columns, or the runs of them; what has no room beside its neighbour stays without a name.

    Parameters
    ----------
    rows, columns : sequence
        Names of single ones, or runs.
    room : float
        Width and height of the matrix, in inches.
    first : bool
        Whether rows are named: beside the leftmost of several matrices.
    """
    places, names = _named(rows, float(np.ptp(ax.get_ylim())), room)
    ax.set_yticks(places if first else [], [wrapped(name, 18) for name in names] if first else [])
    places, names = _named(columns, float(np.ptp(ax.get_xlim())), room)
    narrowest = min(np.diff(places), default=room) * room / float(np.ptp(ax.get_xlim()))
    upright = max(map(len, names), default=0) > LETTERS * narrowest - 1
    ax.set_xticks(places, [wrapped(name, 18) for name in names], rotation=90 if upright else 0)


def _named(names: Sequence[Any], extent: float, room: float) -> tuple[list[float], list[str]]:
    """Return where names stand, and the names."""
    places: list[float] = []
    kept: list[str] = []
    for at, one in enumerate(names):
        place = (one.start + one.stop - 1) / 2 if isinstance(one, Run) else float(at)
        if not places or (place - places[-1]) * room / extent >= LINE:
            places.append(place)
            kept.append(text_of(one.level if isinstance(one, Run) else one))
    # a few of many single ones would be names of nothing in particular
    return ([], []) if len(kept) < len(names) and not isinstance(names[0], Run) else (places, kept)
