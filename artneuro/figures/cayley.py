"""Cayley graph: how a unit responds to each element of a permutation group."""

import itertools
from collections.abc import Mapping
from typing import Any, final

import attrs
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, param
from artneuro.figures.canvas import name_figure, place_legend, styled, wrapped
from artneuro.figures.looks import DASHES
from artneuro.figures.pictures import Pictures, pictures, sheet
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import name_of
from artneuro.registry import register
from artneuro.selection import Where, addressed

SIZES = (3, 4)
"""Numbers of things whose permutations have a place in the plane: a hexagon, and the truncated octahedron."""
PARITIES = {"even": "o", "odd": "s"}


@styled
def cayley(
    record: xr.Dataset,
    of: str,
    elements: str,
    *,
    along: str | None = None,
    centre: float | None = None,
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw a value of each permutation on the Cayley graph of its group, such as the activity of a unit.

    A vertex is a permutation, an edge the exchange of two neighbours in it (p and p s, where s exchanges two places
    side by side); even permutations are circles, odd ones squares, so that each edge joins the two. Of 4 things this
    is the truncated octahedron, seen through one of its hexagons, so that no edge crosses another.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    of : str
        The variable, such as activity. Where an element stands at several places, such as stimuli that share their
        first permutation, its mean is drawn.
    elements : str
        Coordinate of permutations of 3 or 4 things in one-line notation, such as ``"1032"``: digit i is the image of i.
        Or their numbers in lexical order, such as ``target`` or ``token`` of the environment `permutation_group`.
    along : str, optional
        Dim with one graph for each of its places, such as ``unit``.
    centre : float, optional
        Value from which colours part in two directions, such as 0 for signed activity.
    where : mapping, optional
        What is kept; see `artneuro.selection.select`.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in the record, the coordinate does not hold all permutations of 3 or 4 things, or another
        dim has several places.
    DesignError
        Where no subject has a value, or there are too many graphs.

    Examples
    --------
    >>> about = {"long_name": "activity", "units": "1"}
    >>> record = xr.Dataset({"activity": (("subject", "stimulus"), [[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]], about)},
    ...     {"subject": ["a-0"], "first": ("stimulus", ["012", "021", "102", "120", "201", "210"])})
    >>> cayley(record, "activity", "first").axes[0].collections[1].get_array().data.tolist()  # of even ones
    [0.0, 3.0, 4.0]
    """
    return _drawn(*_graphs(record, of, elements, along, where or {}), record[of], centre, title)


@final
@attrs.frozen(eq=False)
class _Graph:
    """A group, its places in the plane, and pairs of neighbours by which places are exchanged."""

    names: tuple[str, ...]
    places: np.ndarray[Any, Any]
    edges: tuple[tuple[int, int, int], ...]
    odd: np.ndarray[Any, Any]

    @classmethod
    def of(cls, size: int) -> "_Graph":
        group = list(itertools.permutations(range(size)))
        number = {element: place for place, element in enumerate(group)}
        edges = []
        for element, exchange in itertools.product(group, range(size - 1)):
            other = list(element)
            other[exchange], other[exchange + 1] = other[exchange + 1], other[exchange]
            if number[element] < number[tuple(other)]:
                edges.append((number[element], number[tuple(other)], exchange))
        inversions = [sum(one > two for one, two in itertools.combinations(element, 2)) for element in group]
        names = tuple("".join(map(str, element)) for element in group)
        return cls(names, _flat(np.array(group)), tuple(edges), np.array(inversions) % 2 == 1)


def _flat(group: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return places in the plane: the permutohedron of the inverses, of four things seen through a hexagon of it."""
    corners = np.argsort(group, axis=1) - (group.shape[1] - 1) / 2
    if group.shape[1] == 3:
        axes = np.array([[1, -1, 0], [1, 1, -2]]) / np.sqrt([[2], [6]])
        return np.asarray(corners @ axes.T)
    # along the first axis lies the middle of the hexagon of all that leave the last thing in its place
    axes = np.array([[-1, -1, -1, 3], [1, -1, 0, 0], [1, 1, -2, 0]]) / np.sqrt([[12], [2], [6]])
    depth, *plane = axes @ corners.T
    # perspective from a little above that hexagon: it becomes the outline, and all else lies within it
    seen = np.stack(plane, axis=1) / (1.35 * depth.max() - depth)[:, None]
    # the middle, which perspective makes small, is drawn out along its rays
    return np.asarray(seen / np.linalg.norm(seen, axis=1, keepdims=True) ** 0.45)


def _graphs(
    record: xr.Dataset, of: str, elements: str, along: str | None, where: Where
) -> tuple[_Graph, Pictures, list[np.ndarray[Any, Any]]]:
    if elements not in record.coords or record[elements].ndim != 1:
        valid = [str(name) for name, one in record.coords.items() if one.ndim == 1 and _group_of(one.values)]
        required = f"a coordinate of all permutations of 3 or 4 things ({', '.join(valid) or 'there is none'})"
        raise SpecificationError([Problem("elements", required, repr(elements))])
    dim = str(record[elements].dims[0])
    shown = pictures(record, of, {"elements": dim}, along, where, [] if elements == dim else [elements])
    graph, values = None, []
    for one in shown.each:
        own = one.data[elements].values
        graph = _group_of(own)
        if graph is None:
            required = "all permutations of 3 or 4 things, as digits from 0, such as 0132, or numbers in lexical order"
            names = sorted({str(name) for name in own})
            came = f"{len(names)} values ({', '.join(names[:4])}, ...)"
            raise SpecificationError([Problem("elements", required, came)])
        found = one.data[of].values.astype(float)
        held = own if own.dtype.kind == "U" else np.array(graph.names)[own.astype(int)]
        values.append(np.array([found[held == name].mean() for name in graph.names]))
    assert graph is not None  # there is a picture, or `pictures` has refused
    return graph, shown, values


def _group_of(elements: np.ndarray[Any, Any]) -> _Graph | None:
    """Return the graph of the permutations that are all among some names, or numbers; None where they are others."""
    there = set(elements.tolist())
    for graph in map(_Graph.of, SIZES):
        if there == set(graph.names if elements.dtype.kind == "U" else range(len(graph.names))):
            return graph
    return None


def _drawn(
    graph: _Graph,
    shown: Pictures,
    values: list[np.ndarray[Any, Any]],
    about: xr.DataArray,
    centre: float | None,
    title: str,
) -> Figure:
    figure, axes = sheet(shown, range(len(values)), 1.0, widest=6.2)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if centre is not None:
        reach = max(abs(low - centre), abs(high - centre))
        low, high = centre - reach, centre + reach
    style: dict[str, Any] = {"cmap": "cividis" if centre is None else "PuOr", "vmin": low, "vmax": high}
    alone = len(values) == 1
    for ax, own in zip(axes, values, strict=True):
        _edges(ax, graph)
        for odd, marker in enumerate(PARITIES.values()):
            kept = graph.odd == bool(odd)
            across, up = graph.places[kept].T
            size = 120 if alone else 40
            spots = ax.scatter(
                across, up, c=own[kept], marker=marker, s=size, edgecolors="#333333", linewidths=0.7, zorder=3, **style
            )
        if alone:
            for name, place in zip(graph.names, graph.places, strict=True):
                ax.annotate(name, (place[0], place[1]), (0, 8), textcoords="offset points", ha="center", fontsize=10)
        ax.set_aspect("equal")
        ax.margins(0.1)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    figure.colorbar(spots, ax=axes, label=wrapped(name_of(about, str(about.name)), 40), pad=0.02, shrink=0.8)
    plain: dict[str, Any] = {"linestyle": "none", "color": "white", "markeredgecolor": "#333333"}
    handles = [Line2D([], [], marker=marker, label=parity, **plain) for parity, marker in PARITIES.items()]
    handles += [
        Line2D([], [], color="#777777", linestyle=DASHES[exchange], label=f"places {exchange} and {exchange + 1}")
        for exchange in sorted({exchange for *_, exchange in graph.edges})
    ]
    place_legend(figure, "Permutations, and what is exchanged", handles)
    name_figure(figure, title)
    return figure


def _edges(ax: Axes, graph: _Graph) -> None:
    lines = [graph.places[[one, other]] for one, other, _ in graph.edges]
    dashes = [DASHES[exchange] for *_, exchange in graph.edges]
    ax.add_collection(LineCollection(lines, colors="#777777", linewidths=1.2, linestyles=dashes, zorder=1))


@final
@register("cayley")
@define_spec
class Cayley(Plot):
    """A value of each permutation of 3 or 4 things on the Cayley graph of their group, such as a unit's activity."""

    of: str = param(doc="the variable, as Record.variable")
    elements: str = param(doc="coordinate that holds the permutations, such as 1032, or their numbers in lexical order")
    along: str | None = param(None, doc="dim with one picture for each of its places, such as epoch")
    centre: float | None = param(None, doc="value from which colours part in two directions; none, if left out")
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `cayley`."""
        record, of = addressed(records, self.of)
        return cayley(
            record, of, self.elements, along=self.along, centre=self.centre, where=self.where, title=self.title
        )

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, of = addressed(records, self.of)
        graph, shown, _ = _graphs(record, of, self.elements, self.along, self.where)
        opening = f"{name_of(record[of], of)} of the {len(graph.names)} permutations that {self.elements} holds"
        mean = "mean of all places of each"
        return f"{opening}: {mean}; edges join those that differ by an exchange of neighbours. {shown.said()}"
