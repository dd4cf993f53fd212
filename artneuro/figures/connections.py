"""Connections: who is connected to whom, as a matrix, with a box around each module."""

from collections.abc import Mapping
from typing import Any, final

import numpy as np
import xarray as xr
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from artneuro.errors import DesignError
from artneuro.fields import define_spec, param
from artneuro.figures.canvas import name_figure, styled, wrapped
from artneuro.figures.cells import Run, box, name_cells, runs, shade
from artneuro.figures.network import SIGNS
from artneuro.figures.pictures import leftmost, sheet
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import name_of
from artneuro.figures.wired import Wired, Wiring, wired
from artneuro.registry import register
from artneuro.selection import Where, addressed

COLOURS = LinearSegmentedColormap.from_list("signs", [SIGNS["negative"], "#ffffff", SIGNS["positive"]])


@styled
def connections(
    record: xr.Dataset,
    of: str,
    *,
    modules: str = "module",
    along: str | None = None,
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw the matrix of connections of single networks, from row to column, ordered and boxed by modules.

    One matrix a subject: blue where a weight is positive, orange where it is negative, white where there is no
    connection, on one scale for all. Units are ordered by module and, within it, by layer; units without a module come
    last. A layer of which no network has a unit in a module is left out, as inputs and outputs are where modules are
    those of recurrent units. Where two units have several connections, the cell is their sum.

    Parameters
    ----------
    record, of, along, where, title
        As for `artneuro.figures.network`.
    modules : str
        Variable or coordinate along `unit` by which units are ordered: ``module``, or ``unit_site`` for layers.

    Raises
    ------
    SpecificationError, DesignError
        As for `artneuro.figures.network`.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"weight": (("subject", "connection"), [[0.5, -1.0]], {"long_name": "weight", "units": "1"})},
    ...     {"subject": ["bimt-0"], "unit_site": ("unit", ["input", "input", "output"]), "module": ("unit", [1, 0, 1]),
    ...      "connection_source": ("connection", [0, 1]), "connection_target": ("connection", [2, 2])})
    >>> connections(record, "weight").axes[0].images[0].get_array()[:2].tolist()
    [[0.0, 0.0, -1.0], [0.0, 0.0, 0.5]]
    """
    return _drawn(wired(record, of, along, modules, "modules", where or {}), title)


def _drawn(shown: Wired, title: str) -> Figure:
    figure, axes = sheet(shown.pictures, range(len(shown.each)), 0.9, widest=4.8)
    layers = _layers(shown)
    orders = [_order(one, shown.levels, layers) for one in shown.each]
    matrices = [_matrix(one)[np.ix_(order, order)] for one, (order, _) in zip(shown.each, orders, strict=True)]
    reach = max(float(np.abs(matrix).max(initial=0)) for matrix in matrices)
    if not reach > 0:
        raise DesignError(f"{shown.of}: every connection is 0, so there is none to draw")
    columns = -(-len(axes) // sum(map(leftmost, axes)))
    for ax, matrix, (_, blocks) in zip(axes, matrices, orders, strict=True):
        image = shade(ax, matrix, COLOURS, (-reach, reach), square=True)
        ax.spines[:].set_visible(True)
        box(ax, blocks, blocks)
        name_cells(ax, blocks, blocks, 0.8 * figure.get_figwidth() / columns, first=leftmost(ax))
        ax.set_xlabel(wrapped(f"To unit, by {shown.group}", 28))
        if leftmost(ax):
            ax.set_ylabel(wrapped(f"From unit, by {shown.group}", 28))
    figure.colorbar(image, ax=axes, label=wrapped(name_of(shown.about, shown.of), 30), pad=0.02, shrink=0.8)
    name_figure(figure, title)
    return figure


def _layers(shown: Wired) -> list[str]:
    """Return the layers of which some network has a unit in a module, in order; all where none has."""
    units = [unit for one in shown.each for unit in zip(one.layers, one.groups, strict=True)]
    grouped = {layer for layer, group in units if group is not None}
    return [layer for layer in dict.fromkeys(layer for layer, _ in units) if layer in grouped or not grouped]


def _order(one: Wiring, levels: list[str], layers: list[str]) -> tuple[np.ndarray[Any, Any], list[Run]]:
    """Return units of these layers by module and layer, and where modules stand."""
    units = np.array([unit for unit, layer in enumerate(one.layers) if layer in layers], dtype=int)
    groups = [one.groups[unit] for unit in units]
    rank = [len(levels) if group is None else levels.index(group) for group in groups]
    order = units[np.lexsort(([layers.index(one.layers[unit]) for unit in units], rank))]
    return order, runs([one.groups[unit] for unit in order])


def _matrix(one: Wiring) -> np.ndarray[Any, Any]:
    matrix = np.zeros((len(one.layers), len(one.layers)))
    np.add.at(matrix, (one.sources, one.targets), np.nan_to_num(one.weights))
    return matrix


@final
@register("connections")
@define_spec
class Connections(Plot):
    """The connections of single networks as a matrix, from row to column, ordered and boxed by modules."""

    of: str = param(doc="the weight of each connection, as Record.variable")
    modules: str = param("module", doc="variable or coordinate along unit by which units are ordered")
    along: str | None = param(None, doc="dim with one picture for each of its places, such as epoch")
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `connections`."""
        record, of = addressed(records, self.of)
        return connections(record, of, modules=self.modules, along=self.along, where=self.where, title=self.title)

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, of = addressed(records, self.of)
        shown = wired(record, of, self.along, self.modules, "modules", self.where)
        boxes = f"boxes: {self.modules}" if len(shown.levels) > 1 else "units in one group"
        opening = f"{name_of(record[of], of)} from row to column, on one scale for all; {boxes}."
        return " ".join([opening, shown.pictures.said()])
