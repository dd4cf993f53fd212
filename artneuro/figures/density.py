"""Density: how the values of a variable are distributed."""

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from artneuro.fields import define_spec, param
from artneuro.figures.canvas import canvas, legend, name_axes, name_figure, styled
from artneuro.figures.looks import Look, looks
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import View, name_of, view
from artneuro.registry import register
from artneuro.selection import Where, addressed

ROW = 9.0
"""Height of a row of ticks, in points."""


@styled
def density(
    record: xr.Dataset,
    y: str,
    *,
    hue: str | None = "arm",
    over: Sequence[str] = (),
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw how the values of a variable are distributed, and whether that differs between groups.

    A Gaussian kernel density of each group (bandwidth by Scott's rule, area 1) above a tick for each value. Being
    smooth, it reaches beyond the lowest and highest of them. A value is a subject's mean; with ``over=("unit",)`` it
    is one unit of one subject, and the ticks are left out. A group whose values are all equal has no density: a dotted
    line stands at its value.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    y : str
        The variable.
    hue : str, optional
        Property of subjects (or of what `over` names) that lines tell apart.
    over : sequence of str
        Dims whose every place is a value of its own.
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
    >>> record = xr.Dataset({"selectivity": (("subject", "unit"), [[0.1, 0.2, 0.4]], {"long_name": "selectivity"})})
    >>> density(record, "selectivity", hue=None, over=("unit",)).axes[0].get_xlabel()
    'Selectivity'
    """
    seen = view(record, y, {"hue": hue}, where or {}, over=over)
    shown = looks(seen.levels(hue))
    figure, (ax,) = canvas()
    for row, (level, look) in enumerate(shown.items()):
        values = seen.table({hue: level})["value"].to_numpy()
        _group(ax, values, look)
        if not over:
            _ticks(figure, ax, values, look, row)
    ax.set_ylim(bottom=0)
    if not over:
        ax.spines["bottom"].set_position(("outward", ROW * (len(shown) + 0.6)))
    name_axes([ax], name_of(seen.data, y), "Density")
    if hue is not None:
        legend(figure, name_of(seen.data, hue), shown, markers=False)
    name_figure(figure, title)
    return figure


def _group(ax: Axes, values: np.ndarray[Any, Any], look: Look) -> None:
    if np.ptp(values) == 0:
        ax.axvline(values[0], color=look.colour, linestyle=":")
        return
    sns.kdeplot(x=values, ax=ax, color=look.colour, linestyle=look.dashes, cut=3)
    sns.kdeplot(x=values, ax=ax, color=look.colour, alpha=0.1, cut=3, fill=True, linewidth=0)


def _ticks(figure: Figure, ax: Axes, values: np.ndarray[Any, Any], look: Look, row: int) -> None:
    """Draw a tick for each value, in a row of the group's own between the curves and the axis."""
    below = ax.get_xaxis_transform() + ScaledTranslation(0, -(ROW * (row + 0.7)) / 72, figure.dpi_scale_trans)
    style: dict[str, Any] = {
        "marker": "|",
        "markersize": 0.7 * ROW,
        "markeredgewidth": 1.1,
        "linestyle": "none",
        "clip_on": False,
    }
    ax.add_artist(Line2D(values, np.zeros(len(values)), transform=below, color=look.colour, **style))


@final
@register("density")
@define_spec
class Density(Plot):
    """How the values of a variable are distributed in each group: kernel densities above single values."""

    of: str = param(doc="the variable, as Record.variable")
    hue: str | None = param("arm", doc="property of subjects that lines tell apart")
    over: tuple[str, ...] = param((), doc="dims whose every place is a value of its own, such as unit")
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `density`."""
        record, y = addressed(records, self.of)
        return density(record, y, hue=self.hue, over=self.over, where=self.where, title=self.title)

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, y = addressed(records, self.of)
        seen: View = view(record, y, {"hue": self.hue}, self.where, over=self.over)
        lines = f", one line for each {self.hue}" if self.hue and len(seen.levels(self.hue)) > 1 else ""
        opening = f"Distribution of {name_of(seen.data, y).lower()}{lines}."
        ticks = "" if self.over else "; ticks: single subjects"
        key = f"Kernel density of area 1; being smooth, it reaches beyond the lowest and highest value{ticks}."
        return " ".join([opening, key, *seen.facts])
