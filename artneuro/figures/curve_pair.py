"""Pair of curves: two variables along one dim, each on a scale of its own, one above the other."""

from collections.abc import Mapping
from typing import final

import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from artneuro.fields import define_spec, param
from artneuro.figures.canvas import legend, name_figure, styled, wrapped
from artneuro.figures.curve import draw_line, line_key, show_all
from artneuro.figures.looks import looks
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import View, name_of, view
from artneuro.registry import register
from artneuro.selection import Where, addressed


@styled
def curve_pair(
    upper: xr.Dataset,
    y: str,
    lower: xr.Dataset,
    other: str,
    x: str = "epoch",
    *,
    hue: str | None = "arm",
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw how two variables change along one dim, such as the Fisher trace over accuracy.

    Two panels, one above the other, with one axis for the dim and a scale each. One line a group, as in `curve`: the
    mean over subjects with its 95 % interval (Student's t).

    Parameters
    ----------
    upper, lower : Dataset
        Records with the dim `subject`; they may be one.
    y, other : str
        The variable of each.
    x : str
        The dim along which they change.
    hue : str, optional
        Dim or property of subjects that lines tell apart.
    where : mapping, optional
        What is kept, in each record that has such a dim or coordinate; see `artneuro.selection.select`.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in a record, or arms would be mixed.
    DesignError
        Where no subject has a value.

    Examples
    --------
    >>> values = (("subject", "epoch"), [[0.2, 0.6, 0.9]], {"long_name": "accuracy", "units": "1"})
    >>> record = xr.Dataset({"train_accuracy": values}, {"epoch": [1, 2, 3]})
    >>> figure = curve_pair(record, "train_accuracy", record, "train_accuracy", hue=None)
    >>> [ax.get_ylabel() for ax in figure.axes]
    ['Accuracy', 'Accuracy']
    """
    views = _views(upper, y, lower, other, x, hue, where or {})
    figure = Figure(figsize=(6.4, 6.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 1, sharex=True)
    levels = list(dict.fromkeys(level for seen in views for level in seen.levels(hue)))
    shown = looks(levels)
    for ax, seen, name in zip(axes, views, (y, other), strict=True):
        for level in seen.levels(hue):
            draw_line(ax, seen, {hue: level}, x, shown[level], 0.18 if len(shown) <= 6 else 0.08)
        show_all([ax], seen)
        ax.set_ylabel(wrapped(name_of(seen.data, name), 22))
    if views[0].data[x].dtype.kind in "iu":
        axes[1].xaxis.set_major_locator(MaxNLocator(integer=True))  # there is no epoch 2.5
    axes[1].set_xlabel(wrapped(name_of(views[0].data, x), 60))
    if hue is not None:
        legend(figure, name_of(views[0].data, hue), shown)
    name_figure(figure, title)
    return figure


def _views(
    upper: xr.Dataset, y: str, lower: xr.Dataset, other: str, x: str, hue: str | None, where: Where
) -> tuple[View, View]:
    """Return both views, each with the part of `where` that it has; what neither has, the first must answer for."""
    nowhere = {name for name in where if name not in upper.coords and name not in lower.coords}
    first = {name: kept for name, kept in where.items() if name in upper.coords or name in nowhere}
    second = {name: kept for name, kept in where.items() if name in lower.coords}
    by = {"x": x, "hue": hue}
    return view(upper, y, by, first), view(lower, other, by, second)


@final
@register("curve_pair")
@define_spec
class CurvePair(Plot):
    """How two variables change along one dim, one above the other: mean of subjects with its 95 % interval."""

    of: str = param(doc="the variable above, as Record.variable")
    other: str = param(doc="the variable below, as Record.variable")
    x: str = param("epoch", doc="dim along which they change")
    hue: str | None = param("arm", doc="dim or property of subjects that lines tell apart")
    where: Where = param(
        {}, doc="what is kept, by dim or coordinate, in each record that has it: a value, a list, or `last`"
    )
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variables."""
        return {"of": self.of, "other": self.other}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `curve_pair`."""
        (upper, y), (lower, other) = addressed(records, self.of), addressed(records, self.other, "other")
        return curve_pair(upper, y, lower, other, self.x, hue=self.hue, where=self.where, title=self.title)

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        (upper, y), (lower, other) = addressed(records, self.of), addressed(records, self.other, "other")
        views = _views(upper, y, lower, other, self.x, self.hue, self.where)
        lines = f", one line for each {self.hue}" if self.hue and len(views[0].levels(self.hue)) > 1 else ""
        above, below = (name_of(seen.data, name) for seen, name in zip(views, (y, other), strict=True))
        along = name_of(views[0].data, self.x).lower()
        opening = f"{above} (above) and {below[0].lower()}{below[1:]} (below), against {along}"
        facts = dict.fromkeys(fact for seen in views for fact in seen.facts)
        return " ".join([f"{opening}{lines}.", line_key(views[0], [self.hue]), *facts])
