"""Matrix: a similarity of everything with everything, such as of stimuli or of layers, with its blocks or clusters."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, final

import attrs
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist

from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.fields import define_spec, param, some
from artneuro.figures.canvas import name_figure, styled, text_of, wrapped
from artneuro.figures.cells import box, name_cells, runs, shade
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import View, name_of, view
from artneuro.registry import register
from artneuro.selection import Where, addressed

Order = Literal["given", "cluster"]
SINGLE = ("unit", "connection")
"""Dims whose places mean another thing in another subject, so that no mean over subjects is one of anything."""


@styled
def matrix(
    record: xr.Dataset,
    of: str,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    blocks: str | None = None,
    order: Order = "given",
    centre: float | None = None,
    panels: str | None = None,
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw a matrix of many cells: dissimilarities of stimuli, similarities of layers and subjects, profiles of units.

    A cell is the mean over subjects (where rows or columns are not subjects), every other dim having been averaged
    within each subject first. A cell without values is white. Few cells, each with its number, are for `heat_map`.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    of : str
        The variable.
    rows, columns : sequence of str
        One dim each, or two, of which the second runs faster: ``("site", "subject")`` against
        ``("other_site", "other")``. Then rows are boxed by the first.
    blocks : str, optional
        Coordinate along the dim of the rows whose levels stand together in a box, such as ``target``: rows are
        ordered by it, and columns too where they are the same places: `other_stimulus` is `stimulus` again.
    order : "given" or "cluster"
        As the record has them; or so that rows alike stand together, with the tree of their clustering: average
        linkage of the Euclidean distance between rows, leaves ordered so that neighbours are close (Bar-Joseph et
        al. 2001). Columns follow where they are the same places. Rows without any value are left out.
    centre : float, optional
        Value from which colours part in two directions, such as 0 for a correlation.
    panels : str, optional
        Dim or property of subjects with one matrix each, on one scale.
    where : mapping, optional
        What is kept; see `artneuro.selection.select`.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in the record, arms would be mixed, units of several subjects would be averaged, or both
        blocks and clusters are asked for.
    DesignError
        Where no subject has a value, or rows to be clustered lack one.

    Examples
    --------
    >>> rdm = (("subject", "stimulus", "other_stimulus"), [[[0.0, 1.0], [1.0, 0.0]]], {"long_name": "dissimilarity"})
    >>> record = xr.Dataset({"rdm": rdm}, {"target": ("stimulus", ["dog", "cat"])})
    >>> axes = matrix(record, "rdm", ["stimulus"], ["other_stimulus"], blocks="target").axes[0]
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['dog', 'cat']
    """
    return _drawn(_Cells.of(record, of, tuple(rows), tuple(columns), blocks, order, panels, where or {}), centre, title)


@final
@attrs.frozen(eq=False)
class _Side:
    """Rows or columns: their names, and what they are boxed by."""

    names: list[Any]
    groups: list[Any] | None

    def ordered(self, order: np.ndarray[Any, Any]) -> "_Side":
        groups = None if self.groups is None else [self.groups[place] for place in order]
        return _Side([self.names[place] for place in order], groups)

    def ticks(self) -> list[Any]:
        return self.names if self.groups is None else list(runs(self.groups))


@final
@attrs.frozen(eq=False)
class _Cells:
    """Matrices of all panels, with rows and columns in the order in which they are drawn."""

    seen: View
    of_name: str
    titles: list[str]
    values: list[np.ndarray[Any, Any]]
    rows: _Side
    columns: _Side
    axes: tuple[str, str]
    twins: bool
    tree: np.ndarray[Any, Any] | None
    lost: int

    @classmethod
    def of(
        cls,
        record: xr.Dataset,
        of: str,
        rows: tuple[str, ...],
        columns: tuple[str, ...],
        blocks: str | None,
        order: Order,
        panels: str | None,
        where: Where,
    ) -> "_Cells":
        if blocks is not None and order == "cluster":
            raise SpecificationError([Problem("order", "given, where there are blocks", "cluster", "Leave one out.")])
        names = [*[(f"rows[{n}]", name) for n, name in enumerate(rows)]]
        names += [(f"columns[{n}]", name) for n, name in enumerate(columns)]
        seen = view(record, of, {**dict(names), "panels": panels}, where)
        data = seen.data
        for field, name in names:
            if name not in data.dims:
                raise SpecificationError(
                    [Problem(field, f"a dim of {of} ({', '.join(map(str, data.dims))})", repr(name))]
                )
        own = [name for name in (*rows, *columns) if name in SINGLE]
        if own and data.sizes["subject"] > 1 and "subject" not in (*rows, *columns, panels):
            came = f"the {own[0]}s of {data.sizes['subject']} subjects, which are not the same"
            raise SpecificationError([Problem("where", "one subject, or `panels: subject`", came)])
        values = []
        for level in seen.levels(panels):
            part = data
            if panels is not None:
                part = data.sel({panels: level}) if panels in data.dims else data[{"subject": data[panels] == level}]
            over = [dim for dim in part.dims if dim not in (*rows, *columns)]
            part = part.mean(over, skipna=True).transpose(*rows, *columns)
            values.append(part.values.reshape(int(np.prod(part.shape[: len(rows)])), -1))
        down, across = _side(data, rows, blocks), _side(data, columns, None)
        twins = down.names == across.names and all(name.startswith("other") for name in columns)
        across = attrs.evolve(across, groups=down.groups) if twins and len(rows) == 1 else across
        lost = 0
        if order == "cluster":  # what has no value at all, such as a silent unit, is like nothing
            empty = np.isnan(values).all(axis=(0, 2))
            there, lost = np.flatnonzero(~empty), int(empty.sum())
            down, values = down.ordered(there), [one[there] for one in values]
            if twins:
                across, values = across.ordered(there), [one[:, there] for one in values]
        tree = _clustered(values, of) if order == "cluster" else None
        by_row, by_column = np.arange(len(down.names)), np.arange(len(across.names))
        if tree is not None:
            by_row = hierarchy.leaves_list(tree)
        elif blocks is not None and down.groups is not None:
            levels = list(dict.fromkeys(down.groups))
            by_row = np.argsort([levels.index(group) for group in down.groups], kind="stable")
        by_column = by_row if twins else by_column
        return cls(
            seen,
            of,
            [] if panels is None else [f"{panels}: {text_of(level)}" for level in seen.levels(panels)],
            [matrix[np.ix_(by_row, by_column)] for matrix in values],
            down.ordered(by_row),
            across.ordered(by_column),
            (_named(data, rows), _named(data, columns)),
            twins,
            tree,
            lost,
        )


def _side(data: xr.DataArray, dims: tuple[str, ...], blocks: str | None) -> _Side:
    levels = [data[dim].values.tolist() for dim in dims]
    if len(dims) == 2:
        pairs = [(one, other) for one in levels[0] for other in levels[1]]
        return _Side([f"{text_of(one)}, {text_of(other)}" for one, other in pairs], [one for one, _ in pairs])
    if blocks is None:
        return _Side(levels[0], None)
    if blocks not in data.coords or data[blocks].dims != dims:
        valid = [str(name) for name, coordinate in data.coords.items() if coordinate.dims == dims and name != dims[0]]
        required = f"a coordinate along {dims[0]} ({', '.join(valid) or 'it has none'})"
        raise SpecificationError([Problem("blocks", required, repr(blocks))])
    return _Side(levels[0], data[blocks].values.tolist())


def _named(data: xr.DataArray, dims: tuple[str, ...]) -> str:
    return ", ".join(name_of(data, dim) for dim in dims)


def _clustered(values: Sequence[np.ndarray[Any, Any]], of: str) -> np.ndarray[Any, Any]:
    """Return the tree of rows, by the mean of all panels, which have one order."""
    rows = np.mean(values, axis=0)
    if np.isnan(rows).any():
        raise DesignError(f"{of}: {int(np.isnan(rows).any(axis=1).sum())} rows lack a value, and cannot be clustered")
    if len(rows) < 2:
        raise DesignError(f"{of}: one row alone cannot be clustered")
    tree: np.ndarray[Any, Any] = hierarchy.linkage(pdist(rows), "average", optimal_ordering=True)
    return tree


def _drawn(cells: _Cells, centre: float | None, title: str) -> Figure:
    columns = min(len(cells.values), 3)
    lines = -(-len(cells.values) // columns)
    wide = 4.4 if columns == 1 else 7.4 / columns
    figure = Figure(figsize=(columns * wide + (1.6 if columns == 1 else 1.4), lines * wide + 0.5), layout="constrained")
    FigureCanvasAgg(figure)
    low = min(float(np.nanmin(one)) for one in cells.values)
    high = max(float(np.nanmax(one)) for one in cells.values)
    if centre is not None:
        reach = max(abs(low - centre), abs(high - centre))
        low, high = centre - reach, centre + reach
    axes: list[Axes] = []
    for place, one in enumerate(cells.values):
        ax = figure.add_subplot(lines, columns, place + 1)
        image = shade(ax, one, "cividis" if centre is None else "PuOr", (low, high), square=cells.twins)
        if cells.rows.groups is not None and cells.columns.groups is not None:
            box(ax, runs(cells.rows.groups), runs(cells.columns.groups))
        first = place % columns == 0
        # beside other panels there is no room for long names of blocks twice, and columns are in the order of rows
        told = cells.twins and cells.rows.groups is not None and len(cells.values) > 1
        columns_named = [] if told else cells.columns.ticks()
        name_cells(ax, cells.rows.ticks(), columns_named, 0.75 * wide, first=first and cells.tree is None)
        beside = _tree(ax, cells.tree, cells.rows, 0.75 * wide) if first and cells.tree is not None else ax
        if first:
            beside.set_ylabel(wrapped(cells.axes[0], int(9 * wide)))
        if place >= len(cells.values) - columns:
            ordered = ", in the order of the rows" if told else ""
            ax.set_xlabel(wrapped(f"{cells.axes[1]}{ordered}", int(10 * wide)))
        if cells.titles:
            ax.set_title(wrapped(cells.titles[place], int(10 * wide)))
        axes.append(ax)
    meaning = wrapped(name_of(cells.seen.data, cells.of_name), int(8 * lines * wide))
    figure.colorbar(image, ax=axes, label=meaning, pad=0.02, shrink=0.8)
    name_figure(figure, title)
    return figure


def _tree(beside: Axes, tree: np.ndarray[Any, Any], rows: _Side, room: float) -> Axes:
    """Draw the tree to the left of a matrix, its leaves at the rows."""
    ax = beside.inset_axes((-0.2, 0.0, 0.19, 1.0), sharey=beside)  # goes where a square matrix goes
    branches = hierarchy.dendrogram(tree, no_plot=True)
    for across, along in zip(branches["dcoord"], branches["icoord"], strict=True):
        ax.plot(across, (np.array(along) - 5) / 10, color="#555555", linewidth=0.9)  # scipy puts leaves at 5, 15, ...
    ax.invert_xaxis()
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    name_cells(ax, rows.ticks(), [], room)
    beside.tick_params(labelleft=False)
    ax.tick_params(length=0)
    return ax


@final
@register("matrix")
@define_spec
class Matrix(Plot):
    """Everything against everything in colour: stimuli, layers, subjects; with boxes of blocks, or clustered."""

    of: str = param(doc="the variable, as Record.variable")
    rows: tuple[str, ...] = param(doc="dim along the rows, or two, the second running faster", check=some())
    columns: tuple[str, ...] = param(doc="dim along the columns, or two", check=some())
    blocks: str | None = param(None, doc="coordinate along the dim of rows whose levels are boxed, such as target")
    order: Order = param("given", doc="as the record has them, or rows alike together, with the tree of clustering")
    centre: float | None = param(None, doc="value from which colours part in two directions; none, if left out")
    panels: str | None = param(None, doc="dim or property of subjects with one panel each")
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `matrix`."""
        record, of = addressed(records, self.of)
        return matrix(
            record,
            of,
            self.rows,
            self.columns,
            blocks=self.blocks,
            order=self.order,
            centre=self.centre,
            panels=self.panels,
            where=self.where,
            title=self.title,
        )

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, of = addressed(records, self.of)
        cells = _Cells.of(record, of, self.rows, self.columns, self.blocks, self.order, self.panels, self.where)
        name = name_of(cells.seen.data, of)
        opening = f"{name}, by {' and '.join(self.rows)} (rows) and {' and '.join(self.columns)} (columns)"
        mean = "" if "subject" in (*self.rows, *self.columns) else ": mean over subjects"
        boxes = f" Boxes: {self.blocks or self.rows[0]}." if cells.rows.groups and cells.columns.groups else ""
        tree = " Rows alike stand together: average linkage of Euclidean distances." if cells.tree is not None else ""
        lost = f" Left out: {cells.lost} rows without a value." if cells.lost else ""
        return " ".join([f"{opening}{mean}.{boxes}{tree}{lost}", *cells.seen.facts])
