"""Network: units where they lie, and the connections between them, layers up."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast, final

import attrs
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from mpl_toolkits.mplot3d.art3d import Line3DCollection

from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.fields import between, define_spec, param
from artneuro.figures.canvas import name_figure, place_legend, styled, text_of, wrapped
from artneuro.figures.looks import PALETTE, Look, looks
from artneuro.figures.pictures import leftmost, sheet
from artneuro.figures.plot import Comparisons, MovingPlot
from artneuro.figures.view import name_of
from artneuro.figures.wired import Wired, Wiring, wired
from artneuro.registry import register
from artneuro.selection import Where, addressed

Seen = Literal["layers", "space"]

SIGNS: Mapping[str, str] = {"positive": PALETTE[0], "negative": PALETTE[1]}
GROUPS = PALETTE[2:]
"""Colours of units: none that a sign has."""
WIDEST = 2.4
"""Width of the strongest connection, in points."""
UNITS = Look("#555555", "o", "-")
IDLE = "#c4c4c4"
"""Colour of units at which no line ends; they are half as wide."""


def network(
    record: xr.Dataset,
    of: str,
    *,
    along: str | None = None,
    colour: str | None = None,
    view: Seen = "layers",
    least: float = 0.02,
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw the connections of single networks, such as those of one subject at several ages.

    One picture a subject. Layers lie one above the other in the order of their units, the first at the bottom. Each
    connection is a line: blue where its weight is positive, orange where it is negative, and as wide as the weight
    is strong, on one scale for all pictures. Units without a line are small and pale. Nothing is averaged, for units of
    two networks are not the same units.

    Parameters
    ----------
    record : Dataset
        Has the dims `subject`, `connection` and `unit`; the coordinates `connection_source` and `connection_target`
        say which places along `unit` a connection joins, and `unit_site` to which layer a unit belongs. Where there
        is a variable `position` (unit, axis), units lie there, else evenly.
    of : str
        The weight of each connection. One that is not-a-number, such as one that a subject lacks, is not drawn.
    along : str, optional
        Dim with one picture for each of its places, such as ``epoch``.
    colour : str, optional
        Variable or coordinate along `unit` that colours and markers tell apart, such as ``module``.
    view : "layers" or "space"
        Layers from the side, or from an angle in three dims: for layers that extend along two, or positions along
        three, axes.
    least : float
        Weaker connections are not drawn, as a share of the strongest of all pictures; thinner than a hair, they would
        only make files large. The caption counts them.
    where : mapping, optional
        What is kept; see `artneuro.selection.select`.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in the record, several ages are in one picture, or units lie along more or fewer axes than
        the view shows.
    DesignError
        Where no subject has a value, none is other than 0, or there are too many pictures.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"weight": (("subject", "connection"), [[0.5, -1.0]], {"long_name": "weight", "units": "1"})},
    ...     {"subject": ["bimt-0"], "unit_site": ("unit", ["input", "input", "output"]),
    ...      "connection_source": ("connection", [0, 1]), "connection_target": ("connection", [2, 2])})
    >>> [float(width) for width in network(record, "weight").axes[0].collections[0].get_linewidths()]
    [1.2, 2.4]
    """
    scene = _Scene.of(wired(record, of, along, colour, "colour", where or {}), view, least)
    return scene.draw(range(len(scene.shown.each)), title)


@final
@attrs.frozen(eq=False)
class _Scene:
    """What all pictures share, so that they can be compared: the scale of widths, the looks, the extent."""

    shown: Wired
    places: Sequence[np.ndarray[Any, Any]]
    view: Seen
    looks: Mapping[str, Look]
    strongest: float
    least: float

    @classmethod
    def of(cls, shown: Wired, view: Seen, least: float) -> "_Scene":
        strongest = max(float(np.nanmax(np.abs(one.weights))) for one in shown.each)
        if not strongest > 0:
            raise DesignError(f"{shown.of}: every connection is 0, so there is none to draw")
        places = [_places(one, view) for one in shown.each]
        colours = itertools.cycle(GROUPS)
        shades = {level: attrs.evolve(look, colour=next(colours)) for level, look in looks(shown.levels).items()}
        return cls(shown, places, view, shades, strongest, least)

    def drawn(self, one: Wiring) -> np.ndarray[Any, Any]:
        """Return which connections are drawn, the strongest last and so on top."""
        strength = np.nan_to_num(np.abs(one.weights))
        order = np.argsort(strength, kind="stable")
        return order[(strength[order] > 0) & (strength[order] >= self.least * self.strongest)]

    @styled
    def draw(self, kept: Sequence[int], title: str) -> Figure:
        """Draw some of the pictures."""
        solid = self.view == "space"
        every = [self.shown.each[place] for place in kept]
        figure, axes = sheet(self.shown.pictures, kept, 0.95 if solid else 0.8, solid=solid)
        extent = np.concatenate(self.places)
        for ax, place, one in zip(axes, kept, every, strict=True):
            self._wire(ax, one, self.places[place])
            self._units(ax, one, self.places[place], 6.5 if len(kept) == 1 else 4.5)
            _frame(ax, extent, one, first=leftmost(ax), stacked=_stacked(one))
        handles = [Line2D([], [], color=colour, linewidth=WIDEST, label=sign) for sign, colour in SIGNS.items()]
        handles += [
            Line2D([], [], color=look.colour, marker=look.marker, linestyle="none", label=text_of(level))
            for level, look in self.looks.items()
        ]
        name = name_of(self.shown.about, self.shown.of)
        groups = f"; units by {self.shown.group}" if self.looks else ""
        place_legend(figure, f"{name}{groups}", handles)
        name_figure(figure, title)
        return figure

    def _wire(self, ax: Axes, one: Wiring, places: np.ndarray[Any, Any]) -> None:
        drawn = self.drawn(one)
        weights = one.weights[drawn]
        lines = places[np.stack([one.sources[drawn], one.targets[drawn]], axis=1)]
        style: dict[str, Any] = {
            "colors": [SIGNS["positive" if weight > 0 else "negative"] for weight in weights],
            "linewidths": WIDEST * np.abs(weights) / self.strongest,
            "zorder": 1,
        }
        if self.view == "space":
            cast(Any, ax).add_collection3d(Line3DCollection(lines, **style))
        else:
            ax.add_collection(LineCollection(lines, capstyle="round", **style))

    def _units(self, ax: Axes, one: Wiring, places: np.ndarray[Any, Any], size: float) -> None:
        pane: Any = ax  # of two dims or three
        flat: dict[str, Any] = {"depthshade": False} if self.view == "space" else {}
        drawn = self.drawn(one)
        joined = np.isin(np.arange(len(places)), [one.sources[drawn], one.targets[drawn]])
        kinds = [(~joined, attrs.evolve(UNITS, colour=IDLE), size / 2)]
        for level, look in [(None, UNITS), *self.looks.items()]:
            kinds.append((joined & np.array([group == level for group in one.groups]), look, size))
        for own, look, width in kinds:
            if own.any():
                style: dict[str, Any] = {"color": look.colour, "marker": look.marker, "s": width**2, "zorder": 2}
                pane.scatter(*places[own].T, edgecolors="white", linewidths=0.5, **style, **flat)


def _places(one: Wiring, view: Seen) -> np.ndarray[Any, Any]:
    """Return where units are drawn, (unit, 2) or (unit, 3): in their layer as they lie, its number upwards."""
    layers = list(dict.fromkeys(one.layers))
    rank = np.array([layers.index(layer) for layer in one.layers], dtype=float)
    if one.positions is None:
        within = np.concatenate([_even(one.layers.count(layer)) for layer in layers])
        placed = np.empty((len(rank), 1))
        placed[np.argsort(rank, kind="stable"), 0] = within
    else:
        placed = one.positions[:, _extends(one)]  # without depth: layers are stacked anyway
    wanted = {"layers": (0, 1), "space": (2, 3)}[view]
    if placed.shape[1] not in wanted:
        came = f"layers that extend along {placed.shape[1]} axes"
        other = "space" if view == "layers" else "layers"
        required = "layers along one axis" if view == "layers" else "layers along two or three axes"
        raise SpecificationError([Problem("view", required, came, f"Use `view: {other}`.")])
    if placed.shape[1] == 0:
        placed = np.full((len(rank), 1), 0.5)
    return placed if placed.shape[1] == 3 else np.column_stack([placed, rank])


def _stacked(one: Wiring) -> bool:
    """Return whether the highest axis is the number of the layer, and not one along which units lie."""
    return int(_extends(one).sum()) < 3


def _extends(one: Wiring) -> np.ndarray[Any, Any]:
    """Return along which axes some layer extends; another, such as depth, is the layer's own place."""
    if one.positions is None:
        return np.array([True])
    layers = np.array(one.layers)
    varies = [np.ptp(one.positions[layers == layer], axis=0) > 0 for layer in dict.fromkeys(one.layers)]
    found: np.ndarray[Any, Any] = np.logical_or.reduce(varies)
    return found


def _even(count: int) -> np.ndarray[Any, Any]:
    return (2 * np.arange(count) + 1) / (2 * count)


def _frame(ax: Axes, extent: np.ndarray[Any, Any], one: Wiring, *, first: bool, stacked: bool) -> None:
    """Give every picture the same extent, and name the layers beside the leftmost."""
    low, high = extent.min(axis=0), extent.max(axis=0)
    room = 0.06 * np.where(high > low, high - low, 1.0)
    layers = list(dict.fromkeys(one.layers))
    if extent.shape[1] == 3:
        solid: Any = ax
        (left, front, below), (right, back, above) = low - room, high + room
        solid.set(xlim=(left, right), ylim=(front, back), zlim=(below, above), xticks=[], yticks=[])
        solid.set_zticks(
            range(len(layers)) if stacked else [], [wrapped(layer, 14) for layer in layers] if stacked else []
        )
        solid.tick_params(axis="z", pad=8)
        solid.set_box_aspect(None, zoom=1.1)
        solid.view_init(elev=18, azim=-62)
        return
    ax.set(xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1]), xticks=[])
    ax.set_yticks(range(len(layers)), [wrapped(layer, 14) for layer in layers] if first else [])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


@final
@register("network")
@define_spec
class Network(MovingPlot):
    """The connections of single networks as a graph, layers up: signs in colour, strength as width; at any ages."""

    of: str = param(doc="the weight of each connection, as Record.variable")
    along: str | None = param(None, doc="dim with one picture for each of its places, such as epoch")
    colour: str | None = param(None, doc="variable or coordinate along unit that colours tell apart, such as module")
    view: Seen = param("layers", doc="from the side, or in space: for layers along two, or positions along three, axes")
    least: float = param(
        0.02, doc="weaker connections are not drawn, as a share of the strongest", check=between(0.0, 1.0)
    )
    film: bool = param(
        False, doc="whether the places of `along` are also shown one after the other, as an animated GIF"
    )
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def problems(self) -> Iterator[Problem]:
        """Refuse a film of nothing that follows."""
        if self.film and self.along is None:
            yield Problem("film", "a dim in `along`, such as epoch", "no `along`")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `network`."""
        scene = self._scene(records)
        return scene.draw(range(len(scene.shown.each)), self.title)

    def frames(self, records: Mapping[str, xr.Dataset]) -> list[Figure]:
        """Draw a page for each place of `along`, all on one scale."""
        if not self.film:
            return []
        scene = self._scene(records)
        return [scene.draw(kept, self.title) for kept in scene.shown.pictures.by_place()]

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        scene = self._scene(records)
        name = name_of(scene.shown.about, scene.shown.of)
        opening = f"{name}: each connection a line as wide as it is strong, on one scale for all; "
        opening += "units without a line small and pale."
        there = sum(int(np.sum(np.nan_to_num(one.weights) != 0)) for one in scene.shown.each)
        drawn = sum(len(scene.drawn(one)) for one in scene.shown.each)
        left = f"{there - drawn} of {there} connections are weaker than {self.least:g} of the strongest, and not drawn."
        return " ".join([opening, *([left] if drawn < there else []), scene.shown.pictures.said()])

    def _scene(self, records: Mapping[str, xr.Dataset]) -> _Scene:
        record, of = addressed(records, self.of)
        return _Scene.of(wired(record, of, self.along, self.colour, "colour", self.where), self.view, self.least)
