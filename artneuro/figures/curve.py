"""Curve: how a variable changes along a dim, mean of subjects with its interval."""

from collections.abc import Mapping, Sequence
from typing import final

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from artneuro.fields import define_spec, param
from artneuro.figures.canvas import canvas, legend, name_axes, name_figure, name_panels, styled
from artneuro.figures.interval import FEWEST, interval
from artneuro.figures.looks import Look, looks
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import View, name_of, view
from artneuro.registry import register
from artneuro.selection import Where, addressed


@styled
def curve(
    record: xr.Dataset,
    y: str,
    x: str,
    *,
    hue: str | None = "arm",
    panels: str | None = None,
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw how a variable changes along a dim, and how groups differ in that.

    One line a group: the mean over subjects, every other dim (repeats, orders) having been averaged within each
    subject first. The band is the 95 % interval of that mean over subjects (Student's t), so that repeats never narrow
    it. The axes show all subjects and the whole band; where fewer than three subjects have a value there is none.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    y : str
        The variable.
    x : str
        The dim along which it changes, such as ``fraction``.
    hue : str, optional
        Dim or property of subjects that lines tell apart: ``arm``, ``clamp``, ``order``.
    panels : str, optional
        Dim or property of subjects with one panel each.
    where : mapping, optional
        What is kept; see `artneuro.selection.select`.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in the record, or arms would be mixed.
    DesignError
        Where no subject has a value.

    Examples
    --------
    >>> import numpy as np
    >>> record = xr.Dataset(
    ...     {"accuracy": (("subject", "fraction"), [[1.0, 0.4], [0.9, 0.5]], {"long_name": "accuracy", "units": "1"})},
    ...     {"arm": ("subject", ["clean", "half"]), "fraction": [0.0, 1.0]})
    >>> curve(record, y="accuracy", x="fraction").axes[0].get_ylabel()
    'Accuracy'
    """
    return draw_lines(view(record, y, {"x": x, "hue": hue, "panels": panels}, where or {}), y, x, hue, panels, title)


def draw_lines(seen: View, y: str, x: str, hue: str | None, panels: str | None, title: str) -> Figure:
    """Draw a view as lines with intervals."""
    shown = looks(seen.levels(hue))
    figure, axes = canvas(seen.levels(panels))
    for ax, panel in zip(axes, seen.levels(panels), strict=True):
        for level, look in shown.items():
            draw_line(ax, seen, {panels: panel, hue: level}, x, look, 0.18 if len(shown) <= 6 else 0.08)
    if seen.data[x].dtype.kind in "iu":
        axes[0].xaxis.set_major_locator(MaxNLocator(integer=True))  # there is no epoch 2.5
    show_all(axes, seen)
    name_axes(axes, name_of(seen.data, x), name_of(seen.data, y))
    name_panels(axes, panels, seen.levels(panels))
    if hue is not None:
        legend(figure, name_of(seen.data, hue), shown)
    name_figure(figure, title)
    return figure


def show_all(axes: Sequence[Axes], seen: View) -> None:
    """Let axes of one scale reach over every subject and every band that is drawn."""
    low = min(float(seen.data.min()), *(ax.dataLim.y0 for ax in axes))
    high = max(float(seen.data.max()), *(ax.dataLim.y1 for ax in axes))
    room = 0.04 * ((high - low) or abs(high) or 1.0)
    axes[0].set_ylim(low - room, high + room)


def line_key(seen: View, groups: list[str | None]) -> str:
    """Say what lines and bands mean, and which groups are too small for a band."""
    key = "Lines: mean over subjects; bands: its 95 % interval (Student's t)."
    told = [name for name in groups if name is not None and seen.data[name].dims == ("subject",)]
    table = seen.table().assign(everyone=0)
    if table.groupby(told or ["everyone"])["subject"].nunique().min() < FEWEST:
        key += f" Groups of fewer than {FEWEST} subjects have a thin line for each subject in place of the band."
    return key


def draw_line(ax: Axes, seen: View, chosen: Mapping[str | None, object], x: str, look: Look, strength: float) -> None:
    """Draw the mean of one group with its interval; of a group too small for that, each subject."""
    table = seen.table(chosen)
    means = interval(table, [x])
    every = max(1, len(means) // 10)
    style = {"color": look.colour, "marker": look.marker, "linestyle": look.dashes, "markevery": every}
    ax.plot(means[x], means["mean"], zorder=3, **style)
    if means["n"].max() < FEWEST:
        for _, one in table.groupby("subject"):
            ax.plot(one[x], one["value"], color=look.colour, linewidth=0.8, alpha=0.6, zorder=2)
    else:
        low, high, enough = means["low"], means["high"], means["n"] >= FEWEST
        ax.fill_between(means[x], low, high, where=enough, color=look.colour, alpha=strength, linewidth=0)


@final
@register("curve")
@define_spec
class Curve(Plot):
    """How a variable changes along a dim: mean of subjects with its 95 % interval."""

    of: str = param(doc="the variable, as Record.variable")
    x: str = param(doc="dim along which it changes")
    hue: str | None = param("arm", doc="dim or property of subjects that lines tell apart")
    panels: str | None = param(None, doc="dim or property of subjects with one panel each")
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `curve`."""
        record, y = addressed(records, self.of)
        return curve(record, y, self.x, hue=self.hue, panels=self.panels, where=self.where, title=self.title)

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, y = addressed(records, self.of)
        seen = view(record, y, {"x": self.x, "hue": self.hue, "panels": self.panels}, self.where)
        lines = f", one line for each {self.hue}" if self.hue and len(seen.levels(self.hue)) > 1 else ""
        along = f"{name_of(seen.data, y)}, against {name_of(seen.data, self.x).lower()}{lines}."
        return " ".join([along, line_key(seen, [self.hue, self.panels]), *seen.facts])
