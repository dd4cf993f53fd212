"""Pictures of single subjects: what shows one network at one age, of which nothing is averaged."""

from collections.abc import Mapping, Sequence
from typing import Any, final

import attrs
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.figures.canvas import text_of, wrapped
from artneuro.figures.view import keeping_subjects, view
from artneuro.selection import Where, select

MOST = 36
"""Pictures that a page holds."""
ACROSS = 6
"""Pictures in a row at most."""


@final
@attrs.frozen(eq=False)
class Picture:
    """One subject, at one place along a dim where there is one.

    Parameters
    ----------
    subject : str or int
    place : object
        Place along the dim, such as an age; None where there is no such dim.
    data : Dataset
        The variables that were asked for, of this subject and place.
    """

    subject: Any
    place: Any
    data: xr.Dataset

    def title(self, along: str | None, alone: bool) -> str:
        """Return what stands above it: the subject where there are others, and the place."""
        words = [] if alone else [text_of(self.subject)]
        words += [] if along is None else [f"{along} {text_of(self.place)}"]
        return ", ".join(words)


@final
@attrs.frozen(eq=False)
class Pictures:
    """What is to be drawn, and in words how it was chosen."""

    each: tuple[Picture, ...]
    along: str | None
    choices: tuple[str, ...]

    @property
    def subjects(self) -> list[Any]:
        """Return the subjects, in the order of the record."""
        return list(dict.fromkeys(picture.subject for picture in self.each))

    def by_place(self) -> list[list[int]]:
        """Return the pictures of each place along the dim, by their number."""
        places = dict.fromkeys(picture.place for picture in self.each)
        return [[number for number, one in enumerate(self.each) if one.place == place] for place in places]

    def said(self) -> str:
        """Return for the caption whose pictures these are, and how they were chosen."""
        names = ", ".join(text_of(subject) for subject in self.subjects)
        one = f"One subject: {names}." if len(self.subjects) == 1 else f"Subjects, nothing averaged: {names}."
        return " ".join([one, *self.choices])


def pictures(
    record: xr.Dataset,
    of: str,
    dims: Mapping[str, str],
    along: str | None,
    where: Where,
    beside: Sequence[str] = (),
) -> Pictures:
    """Return a picture of every subject, at every place along a dim.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    of : str
        The variable.
    dims : mapping of field to dim
        What a picture extends along, by the field that names it.
    along : str, optional
        Dim with a picture for each of its places, such as ``epoch``.
    where : mapping
        What is kept; counts for the variables beside it, too.
    beside : sequence of str
        Other variables of the record that a picture needs. Those with the dims `subject` or `along` are selected as
        the variable is.

    Raises
    ------
    SpecificationError
        Where a name is not in the record, or another dim has several places: pictures are not averaged.
    DesignError
        Where nothing is left to draw, or more than `MOST` pictures.
    """
    where = keeping_subjects(where)
    seen = view(record, of, {**dims, "along": along, "subject": "subject"}, where)
    refuse_averages(select(record[of], where), ["subject", along, *dims.values()], along)
    others = [
        select(record[name], {key: kept for key, kept in where.items() if key in record[name].coords})
        for name in beside
    ]
    each = []
    for subject in seen.levels("subject"):
        for place in seen.levels(along):
            at = {"subject": subject} | ({} if along is None else {along: place})
            own = [
                part.sel({dim: level for dim, level in at.items() if dim in part.dims}) for part in (seen.data, *others)
            ]
            if own[0].notnull().any():
                data = xr.Dataset({str(part.name): part.variable for part in own})
                data = data.assign_coords(
                    {
                        name: coordinate.variable
                        for name, coordinate in own[0].coords.items()
                        if name not in data and coordinate.dims and set(coordinate.dims) <= set(dims.values())
                    }
                )
                each.append(Picture(subject, _named(own[0], along, place), data))
    if len(each) > MOST:
        advice = "Choose some of them with `where`, such as one seed."
        raise DesignError(f"{of}: {len(each)} pictures, and a page holds {MOST}. {advice}")
    return Pictures(tuple(each), along, seen.choices)


def _named(data: xr.DataArray, along: str | None, place: Any) -> Any:
    """Return what a place along a dim is called: a unit of a recording by its site and number, which its dim lacks."""
    if along is None or along in data.coords:
        return place
    told = [data.coords[name] for name in (f"{along}_site", f"{along}_index") if name in data.coords]
    return " ".join(text_of(each.item()) for each in told) or place


def refuse_averages(data: xr.DataArray, told: Sequence[str | None], along: str | None = None) -> None:
    """Refuse dims of several places that a picture does not extend along.

    Raises
    ------
    SpecificationError
        Naming them, and what to do.
    """
    spare = [str(dim) for dim in data.dims if dim not in told and data.sizes[dim] > 1]
    if spare:
        advice = f"Choose one with `where: {{{spare[0]}: ...}}`" + (" or name it in `along`." if along is None else ".")
        came = " and ".join(f"{dim} ({data.sizes[dim]})" for dim in spare)
        raise SpecificationError([Problem("where", "one place along each other dim", came, advice)])


def sheet(
    shown: Pictures,
    kept: Sequence[int],
    height: float,
    *,
    widest: float = 5.6,
    across: int = ACROSS,
    solid: bool = False,
) -> tuple[Figure, list[Axes]]:
    """Return a figure with axes for some of the pictures, titled; where they stand along a dim, a subject has a row.

    Parameters
    ----------
    shown : Pictures
    kept : sequence of int
        Numbers of those to draw, in order.
    height : float
        Of one picture, over its width.
    widest : float
        Of one picture, in inches.
    across : int
        How many stand side by side, at most; each as wide as there is room for.
    solid : bool
        Whether axes have three dims.
    """
    alone = len(shown.subjects) == 1
    lines: list[list[Picture]] = []
    several = len({shown.each[number].place for number in kept}) > 1
    for picture in (shown.each[number] for number in kept):
        if not lines or len(lines[-1]) == across or (several and lines[-1][-1].subject != picture.subject):
            lines.append([])
        lines[-1].append(picture)
    columns = max(map(len, lines))
    wide = min(widest, 8.6 / columns)
    figure = Figure(figsize=(max(columns * wide, 3.6), len(lines) * (wide * height + 0.3)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = []
    for row, line in enumerate(lines):
        for column, picture in enumerate(line):
            kind = "3d" if solid else "rectilinear"
            ax = figure.add_subplot(len(lines), columns, row * columns + column + 1, projection=kind)
            ax.grid(visible=False)
            ax.set_title(wrapped(picture.title(shown.along, alone), max(int(11 * wide), 8)))
            axes.append(ax)
    return figure, axes


def leftmost(ax: Axes) -> bool:
    """Return whether axes stand at the left of their sheet, where rows are named."""
    place = ax.get_subplotspec()
    return place is not None and place.is_first_col()
