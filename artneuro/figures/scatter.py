"""Scatter: how two variables go together over subjects, with a regression line."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, final

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.fields import define_spec, param
from artneuro.figures.canvas import canvas, legend, name_axes, name_figure, styled
from artneuro.figures.interval import FEWEST
from artneuro.figures.looks import looks
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.regression import regression
from artneuro.figures.view import View, count, name_of, view
from artneuro.registry import register
from artneuro.selection import Where, addressed

Fit = Literal["all", "each", "none"]


@styled
def scatter(
    record: xr.Dataset,
    y: str,
    x: str,
    *,
    hue: str | None = "arm",
    over: Sequence[str] = (),
    fit: Fit = "all",
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw whether two variables go together.

    One dot a subject, every dim having been averaged within it; with ``over=("unit",)`` one dot a unit, which the
    caption calls by its name, since units of one subject are not independent. The line is least squares of y on x,
    the band the 95 % interval of the mean response, drawn whole.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    y, x : str
        Variables.
    hue : str, optional
        Property of subjects that colours tell apart.
    over : sequence of str
        Dims whose every place is a dot of its own.
    fit : "all", "each" or "none"
        One line through all dots, one through those of each hue, or none. There is none through fewer than 3 dots, and
        no band around one through 3: with a single degree of freedom it is so wide that it hides the dots.
    where : mapping, optional
        What is kept of either variable; see `artneuro.selection.select`.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in the record.
    DesignError
        Where no subject has both values.

    Examples
    --------
    >>> about = lambda meaning: {"long_name": meaning, "units": "1"}
    >>> record = xr.Dataset({"auc": ("subject", [0.9, 0.8, 0.5], about("area under the curve")),
    ...                      "test_accuracy": ("subject", [0.97, 0.95, 0.9], about("test accuracy"))})
    >>> scatter(record, y="auc", x="test_accuracy", hue=None).axes[0].get_xlabel()
    'Test accuracy'
    """
    pair = _pair((record, y), (record, x), hue, over, where or {})
    return _draw(pair, (name_of(pair[0].data, y), name_of(pair[1].data, x)), hue, over, fit, title)


def _pair(
    y: tuple[xr.Dataset, str], x: tuple[xr.Dataset, str], hue: str | None, over: Sequence[str], where: Where
) -> tuple[View, View]:
    """Return the views of both variables; a selection counts for those that have its dim, at least one."""
    nowhere = [name for name in where if all(name not in record[variable].coords for record, variable in (y, x))]
    if nowhere:
        came = ", ".join(map(repr, nowhere))
        raise SpecificationError([Problem("where", f"dims or coordinates of {y[1]} or {x[1]}", came)])
    views = []
    for record, variable in (y, x):
        own = {name: value for name, value in where.items() if name in record[variable].coords}
        views.append(view(record, variable, {"hue": hue}, own, over=over, pooled=True))
    return views[0], views[1]


def _joined(pair: tuple[View, View], over: Sequence[str]) -> pd.DataFrame:
    """Return one row a dot, with the columns `y` and `x`."""
    y, x = (seen.table() for seen in pair)
    rows = y.rename(columns={"value": "y"}).merge(
        x[["subject", *over, "value"]].rename(columns={"value": "x"}), on=["subject", *over]
    )
    if rows.empty:
        raise DesignError(f"no subject has values of both {pair[0].data.name} and {pair[1].data.name}")
    return rows


def _draw(
    pair: tuple[View, View], names: tuple[str, str], hue: str | None, over: Sequence[str], fit: Fit, title: str
) -> Figure:
    rows = _joined(pair, over)
    figure, (ax,) = canvas(width=5.6)
    shown = looks(pair[0].levels(hue))
    for level, look in shown.items():
        part = rows if hue is None else rows[rows[hue] == level]
        style: dict[str, Any] = {"color": look.colour, "marker": look.marker, "edgecolors": "white", "linewidths": 0.7}
        ax.scatter(part["x"], part["y"], s=14 if over else 36, alpha=0.7 if over else 1, zorder=3, **style)
        if fit == "each":
            _line(ax, part, look.colour, look.dashes)
    if fit == "all":
        _line(ax, rows, "#333333", "-")
    ax.grid(axis="x")
    ax.xaxis.set_major_locator(MaxNLocator(6))  # more numbers of four decimals would run into each other
    name_axes([ax], names[1], names[0])
    if hue is not None:
        legend(figure, name_of(pair[0].data, hue), shown, lines=fit == "each")
    name_figure(figure, title)
    return figure


def _line(ax: Axes, rows: pd.DataFrame, colour: str, dashes: object) -> None:
    line = regression(rows["x"].to_numpy(), rows["y"].to_numpy())
    if line is not None:
        ax.plot(line["x"], line["fit"], color=colour, linestyle=dashes, zorder=2)
        if len(rows) - 2 >= FEWEST - 1:  # degrees of freedom as of an interval of the fewest subjects that have one
            ax.fill_between(line["x"], line["low"], line["high"], color=colour, alpha=0.12, linewidth=0)


@final
@register("scatter")
@define_spec
class Scatter(Plot):
    """How two variables go together: one dot a subject, with a regression line."""

    of: str = param(doc="the variable on the y axis, as Record.variable")
    x: str = param(doc="the variable on the x axis, as Record.variable; may be of another record")
    hue: str | None = param("arm", doc="property of subjects that colours tell apart")
    over: tuple[str, ...] = param((), doc="dims whose every place is a dot of its own, such as unit")
    fit: Fit = param("all", doc="one line through all dots, one through those of each hue, or none")
    where: Where = param({}, doc="what is kept of either variable: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return both variables."""
        return {"of": self.of, "x": self.x}

    def _pair(self, records: Mapping[str, xr.Dataset]) -> tuple[View, View]:
        y, x = addressed(records, self.of), addressed(records, self.x, "x")
        return _pair(y, x, self.hue, self.over, self.where)

    @styled
    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it as `scatter` does."""
        pair = self._pair(records)
        return _draw(pair, self._names(pair), self.hue, self.over, self.fit, self.title)

    def _names(self, pair: tuple[View, View]) -> tuple[str, str]:
        """Return what the axes mean; of one variable in two records, with the records' names."""
        y, x = (name_of(seen.data, str(seen.data.name)) for seen in pair)
        own, other = (address.partition(".")[0] for address in (self.of, self.x))
        return (f"{own}: {y[:1].lower()}{y[1:]}", f"{other}: {x[:1].lower()}{x[1:]}") if y == x else (y, x)

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        y, x = self._pair(records)
        names = self._names((y, x))
        dots = [] if self.over else ["Each dot is one subject."]
        several = {"all": "all dots", "each": f"the dots of each {self.hue}"}
        line = "Line: least squares through {}; band: 95 % interval of the mean, from four dots on."
        key = [line.format(several[self.fit])] if self.fit != "none" else []
        rows = _joined((y, x), self.over)
        alone = sorted((set(y.table()["subject"]) | set(x.table()["subject"])) - set(rows["subject"]))
        choices = dict.fromkeys([*y.choices, *x.choices])
        told = set(re.findall(r"[^\s,.:]+", " ".join(choices)))
        untold = [subject for subject in alone if subject not in told]
        lost = [f"Not drawn, for want of one of both values: {', '.join(untold)}."] if untold else []
        against = names[1] if y.data.name == x.data.name else names[1].lower()
        return " ".join([f"{names[0]}, against {against}.", *dots, *key, count(rows), *choices, *lost])
