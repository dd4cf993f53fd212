"""Point map: points in the plane, such as embeddings of tokens or individuals by their dissimilarities."""

from collections.abc import Mapping
from numbers import Real
from typing import Any, Literal, final

import attrs
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.fields import define_spec, param
from artneuro.figures.canvas import legend, name_figure, styled, text_of, wrapped
from artneuro.figures.looks import Look, looks
from artneuro.figures.pictures import Picture, Pictures, pictures, refuse_averages, sheet
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import keeping_subjects, name_of, view
from artneuro.registry import register
from artneuro.selection import Where, addressed, select

Plane = Literal["principal", "own"]
MANY = 12
"""Levels from which numbers have a colour bar in place of a legend."""


@styled
def point_map(
    record: xr.Dataset,
    of: str,
    points: str,
    axes: str = "axis",
    *,
    hue: str | None = None,
    plane: Plane = "principal",
    names: bool = False,
    along: str | None = None,
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw points in two dims: their two principal components, or two axes of their own.

    One map a subject, or one map of subjects where they are the points. Both axes have one scale, for what counts are
    the distances between points.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    of : str
        The coordinates of the points.
    points : str
        Dim whose places are the points, such as ``stimulus`` or ``subject``.
    axes : str
        Dim along which the coordinates of a point lie.
    hue : str, optional
        Coordinate along `points` that colours tell apart, such as ``target`` or ``arm``.
    plane : "principal" or "own"
        The two directions along which the points vary most, each with its share of their variance (principal
        components of the centred points, of each map by itself); or the first two places of `axes` as they are.
        Which way a principal component points is arbitrary: the largest loading of each is positive here.
    names : bool
        Whether the name of each point stands beside it.
    along : str, optional
        Dim with one map for each of its places, such as ``epoch``.
    where : mapping, optional
        What is kept; see `artneuro.selection.select`.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in the record, or another dim has several places: coordinates are not averaged.
    DesignError
        Where there are no two points or axes, or no subject has a value.

    Examples
    --------
    >>> values = (("subject", "axis"), [[0.0, 0.0], [3.0, 4.0], [12.0, 16.0]], {"long_name": "place", "units": "1"})
    >>> record = xr.Dataset({"mds": values}, {"subject": ["a-0", "a-1", "b-0"], "arm": ("subject", ["a", "a", "b"])})
    >>> figure = point_map(record, "mds", points="subject", hue="arm")
    >>> figure.axes[0].get_xlabel(), figure.axes[0].collections[0].get_offsets().data[:, 0].round(3).tolist()
    ('Component 1 (100 %)', [-8.333, -3.333])
    """
    return _drawn(_Maps.of(record, of, points, axes, hue, plane, along, where or {}), names, title)


@final
@attrs.frozen(eq=False)
class _Map:
    """Points of one map: (point, 2), what colours them, their names, and the names of both axes."""

    places: np.ndarray[Any, Any]
    groups: list[Any]
    names: list[str]
    axes: tuple[str, str]


@final
@attrs.frozen(eq=False)
class _Maps:
    shown: Pictures
    each: tuple[_Map, ...]
    about: xr.DataArray
    hue: str | None
    said: str

    @classmethod
    def of(
        cls,
        record: xr.Dataset,
        of: str,
        points: str,
        axes: str,
        hue: str | None,
        plane: Plane,
        along: str | None,
        where: Where,
    ) -> "_Maps":
        if hue is not None and (hue not in record.coords or record[hue].dims != (points,)):
            valid = [str(name) for name, one in record.coords.items() if one.dims == (points,)]
            required = f"a coordinate along {points} ({', '.join(valid) or 'it has none'})"
            raise SpecificationError([Problem("hue", required, repr(hue))])
        if points == "subject":
            if along is not None:
                raise SpecificationError([Problem("along", "nothing, where subjects are the points", repr(along))])
            seen = view(record, of, {"points": points, "axes": axes}, where)
            refuse_averages(select(record[of], keeping_subjects(where)), ["subject", axes])
            shown = Pictures((Picture("all subjects", None, xr.Dataset()),), None, seen.choices)
            data, said = [seen.data], " ".join(seen.facts)
        else:
            shown = pictures(record, of, {"points": points, "axes": axes}, along, where)
            data = [one.data[of] for one in shown.each]
            said = shown.said()
        each = tuple(_map(one, points, axes, hue, plane) for one in data)
        return cls(shown, each, record[of], hue, said)


def _map(data: xr.DataArray, points: str, axes: str, hue: str | None, plane: Plane) -> _Map:
    data = data.transpose(points, axes)
    data = data[{points: data.notnull().all(axes).values}]
    if data.sizes[points] < 2 or data.sizes[axes] < 2:
        came = f"{data.sizes[points]} along {points} and {data.sizes[axes]} along {axes}"
        raise DesignError(f"{data.name}: a map needs two points and two axes; there are {came}")
    values = data.values.astype(float)
    if plane == "own":
        places = values[:, :2]
        named = [f"{name_of(data, axes)} {text_of(place)}" for place in data[axes].values[:2].tolist()]
    else:
        places, shares = _principal(values)
        named = [f"Component {place + 1} ({share:.0%})".replace("%", " %") for place, share in enumerate(shares)]
    groups = [None] * len(places) if hue is None else data[hue].values.tolist()
    return _Map(places, groups, [text_of(name) for name in data[points].values.tolist()], (named[0], named[1]))


def _principal(values: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return points in their two principal components, and the share of the variance that each has."""
    centred = values - values.mean(axis=0)
    left, sizes, loadings = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(loadings[np.arange(2), np.abs(loadings[:2]).argmax(axis=1)])
    whole = float((sizes**2).sum())
    return left[:, :2] * sizes[:2] * signs, sizes[:2] ** 2 / (whole or 1.0)


def _drawn(maps: _Maps, names: bool, title: str) -> Figure:
    figure, axes = sheet(maps.shown, range(len(maps.each)), 1.0, widest=5.0, across=3)
    levels = list(dict.fromkeys(group for one in maps.each for group in one.groups))
    graded = maps.hue is not None and len(levels) > MANY and all(isinstance(level, Real) for level in levels)
    shown = {} if graded else looks(levels)
    for ax, one in zip(axes, maps.each, strict=True):
        if graded:
            low, high = min(levels), max(levels)
            across, up = one.places.T
            spots = ax.scatter(across, up, c=one.groups, cmap="viridis", vmin=low, vmax=high, s=30, zorder=3)
        for level, look in shown.items():
            _spots(ax, one, level, look)
        for place, name in zip(one.places, one.names, strict=True) if names else ():
            ax.annotate(name, tuple(place), (5, 3), textcoords="offset points", fontsize=10, color="#222222")
        ax.set_aspect("equal", adjustable="datalim")
        ax.margins(0.08)
        ax.locator_params(nbins=4)
        ax.set_xlabel(one.axes[0])
        ax.set_ylabel(one.axes[1])
    if maps.hue is not None:
        meaning = name_of(maps.about, maps.hue)
        if graded:
            whole = all(isinstance(level, int) for level in levels)
            ticks = MaxNLocator(integer=True) if whole else None
            figure.colorbar(spots, ax=axes, label=wrapped(meaning, 28), pad=0.02, shrink=0.8, ticks=ticks)
        else:
            legend(figure, meaning, shown, lines=False)
    name_figure(figure, title)
    return figure


def _spots(ax: Axes, one: _Map, level: Any, look: Look) -> None:
    across, up = one.places[[group == level for group in one.groups]].T
    if len(across):
        style: dict[str, Any] = {"color": look.colour, "marker": look.marker, "edgecolors": "white", "linewidths": 0.6}
        ax.scatter(across, up, s=34, zorder=3, **style)


@final
@register("point_map")
@define_spec
class PointMap(Plot):
    """Points in two dims, such as embeddings or individuals: principal components, or axes of their own."""

    of: str = param(doc="the coordinates of the points, as Record.variable")
    points: str = param(doc="dim whose places are the points, such as stimulus or subject")
    axes: str = param("axis", doc="dim along which the coordinates of a point lie")
    hue: str | None = param(None, doc="coordinate along the points that colours tell apart")
    plane: Plane = param("principal", doc="the two principal components, or the first two places of `axes`")
    names: bool = param(False, doc="whether the name of each point stands beside it")
    along: str | None = param(None, doc="dim with one picture for each of its places, such as epoch")
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `point_map`."""
        record, of = addressed(records, self.of)
        return point_map(
            record,
            of,
            self.points,
            self.axes,
            hue=self.hue,
            plane=self.plane,
            names=self.names,
            along=self.along,
            where=self.where,
            title=self.title,
        )

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, of = addressed(records, self.of)
        maps = _Maps.of(record, of, self.points, self.axes, self.hue, self.plane, self.along, self.where)
        what = {
            "principal": "the two principal components of each map, with their share of the variance",
            "own": f"the first two places along {self.axes}",
        }[self.plane]
        return f"{name_of(record[of], of)}: each dot is one {self.points}; {what}. {maps.said}"
