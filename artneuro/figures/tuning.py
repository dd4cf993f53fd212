"""Tuning: how a search for hyper-parameters went, and which values did well."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from artneuro.errors import DesignError
from artneuro.fields import define_spec, param
from artneuro.figures.canvas import name_figure, place_legend, styled, text_of, wrapped
from artneuro.figures.looks import PALETTE
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import name_of
from artneuro.registry import register
from artneuro.selection import Where, addressed, select

LOOKS: Mapping[str, dict[str, Any]] = {
    "complete": {"color": PALETTE[0], "marker": "o", "markeredgecolor": "white", "markeredgewidth": 0.7},
    "pruned": {"color": PALETTE[4], "marker": "s", "markerfacecolor": "none", "markersize": 4},
    "diverged": {"color": PALETTE[1], "marker": "x"},
    "refused": {"color": PALETTE[6], "marker": "+"},
}
"""How trials of each state look; one without an objective stands on the upper edge."""
WORDS: Mapping[str, str] = {
    "complete": "completed",
    "pruned": "cut short: where it ended",
    "diverged": "diverged",
    "refused": "could not be reared",
}
COLUMNS = 3


@styled
def tuning(record: xr.Dataset, *, where: Where | None = None, title: str = "") -> Figure:
    """Draw how a search went: the objective of each trial with the best so far, and against every value searched.

    Parameters
    ----------
    record : Dataset
        The record `Tuning`: variables ``objective``, ``reached`` and ``best_objective`` along ``trial``, coordinates
        ``state`` and one for each path in its attribute ``searched``.
    where : mapping, optional
        Which trials are shown; see `artneuro.selection.select`.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in the record.
    DesignError
        Where no trial has an objective.

    Examples
    --------
    >>> about = {"long_name": "validation loss", "units": "nat"}
    >>> record = xr.Dataset(
    ...     {name: ("trial", [0.9, 0.5], about) for name in ("objective", "reached", "best_objective")},
    ...     {"trial": [0, 1], "state": ("trial", ["complete", "complete"]),
    ...      "lr": ("trial", [1.0, 0.1], {"long_name": "learning rate", "units": "1", "scale": "log"})},
    ...     {"searched": '["lr"]', "direction": "minimize"})
    >>> [ax.get_xlabel() for ax in tuning(record).axes]
    ['Trial', 'lr']
    """
    shown = _shown(record, where or {})
    paths: list[str] = json.loads(record.attrs["searched"])
    names = short_names(paths)
    columns = min(COLUMNS, max(2, len(paths)))
    rows = 1 + -(-len(paths) // columns)
    figure = Figure(figsize=(2.9 * columns, 0.4 + 2.9 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(rows, columns)
    first = figure.add_subplot(grid[0, :])
    every = [
        figure.add_subplot(grid[1 + place // columns, place % columns], sharey=first) for place in range(len(paths))
    ]
    _limit(first, shown)
    first.step(shown["trial"], shown["best_objective"], where="post", color="#555555", linewidth=1.4, zorder=2)
    _dots(first, shown, shown["trial"].values)
    first.xaxis.set_major_locator(MaxNLocator(integer=True))
    first.set_xlabel("Trial")
    first.set_ylabel(wrapped(name_of(record["objective"], "objective"), 30))
    for place, (ax, path) in enumerate(zip(every, paths, strict=True)):
        _against(ax, shown, path, names[path])
        if place % columns:
            ax.tick_params(labelleft=False)
    states = [state for state in LOOKS if state in shown["state"].values]
    handles = [Line2D([], [], linestyle="none", label=WORDS[state], **LOOKS[state]) for state in states]
    handles.append(Line2D([], [], color="#555555", linewidth=1.4, label="best so far"))
    place_legend(figure, "", handles)
    name_figure(figure, title)
    return figure


def _shown(record: xr.Dataset, where: Where) -> xr.Dataset:
    """Return the trials to show."""
    kept = select(record["reached"], where)["trial"].values
    shown = record[["objective", "reached", "best_objective"]].sel(trial=np.atleast_1d(kept))
    if not shown["reached"].notnull().any():
        raise DesignError("no trial has an objective: all of them diverged or could not be reared")
    return shown


def _limit(ax: Axes, shown: xr.Dataset) -> None:
    """Show all completed trials; one that was cut short far from them stands on the edge."""
    values = shown["objective"] if shown["objective"].notnull().any() else shown["reached"]
    low, high = float(values.min()), float(values.max())
    room = 0.08 * ((high - low) or abs(high) or 1.0)
    ax.set_ylim(low - room, high + room)


def _dots(ax: Axes, shown: xr.Dataset, places: np.ndarray[Any, Any]) -> None:
    low, high = ax.get_ylim()
    upper = np.where(np.isnan(shown["reached"].values), high, shown["reached"].values).clip(low, high)
    for state, look in LOOKS.items():
        own = shown["state"].values == state
        if own.any():  # a line without points would have no place, and spoil the layout
            ax.plot(places[own], upper[own], linestyle="none", zorder=3, clip_on=False, **look)


def _against(ax: Axes, shown: xr.Dataset, path: str, name: str) -> None:
    """Draw the objective against one value."""
    values, about = shown[path].values, shown[path].attrs
    if about["scale"] == "choices":
        levels = sorted(set(values.tolist()), key=lambda level: (isinstance(level, str), level))
        places = np.array([levels.index(value) for value in values.tolist()], dtype=float)
        ax.set_xticks(range(len(levels)), [wrapped(text_of(level), 12) for level in levels])
        ax.set_xlim(-0.5, len(levels) - 0.5)
    else:
        places = values.astype(float)
        ax.set_xscale(about["scale"])
        if about["scale"] == "log":
            _few_ticks(ax, places)
    _dots(ax, shown, places)
    unit = "" if about["units"] == "1" else f" ({about['units']})"
    ax.set_xlabel(wrapped(name + unit, 26))


def _few_ticks(ax: Axes, values: np.ndarray[Any, Any]) -> None:
    """Name so few places of a logarithmic axis that they do not run into each other."""
    decades = float(np.ptp(np.log10(values)))
    between = (1.0, 3.0) if decades < 2 else (1.0,)
    ax.xaxis.set_major_locator(LogLocator(subs=between, numticks=4) if decades > 0.7 else MaxNLocator(3))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """Return the part of each path that says which parameter it is; the whole where another would have the same.

    Examples
    --------
    >>> list(short_names(["cohort.rearing.optimizer.sgd.lr", "cohort.rearing.batch", "lr"]).values())
    ['sgd.lr', 'batch', 'lr']
    >>> list(short_names(["cohort.arms.a[0].Dropout.rate", "cohort.arms.a[1].Dropout.rate"]).values())
    ['cohort.arms.a[0].Dropout.rate', 'cohort.arms.a[1].Dropout.rate']
    """
    short = {path: ".".join(path.split(".")[-2:]).removeprefix("rearing.") for path in paths}
    counts = Counter(short.values())
    return {path: name if counts[name] == 1 else path for path, name in short.items()}


@final
@register("tuning")
@define_spec
class Tuning(Plot):
    """How a search went: the objective of each trial with the best so far, and against every value searched."""

    of: str = param("Tuning.objective", doc="the objective, as Record.variable")
    where: Where = param({}, doc="which trials are shown, by dim or coordinate: {state: [complete, pruned]}")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the objective."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `tuning`."""
        record, _ = addressed(records, self.of)
        return tuning(record, where=self.where, title=self.title)

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, _ = addressed(records, self.of)
        shown = _shown(record, self.where)
        counts = Counter(shown["state"].values.tolist())
        told = ", ".join(f"{counts[state]} {state}" for state in LOOKS if counts[state])
        paths = ", ".join(json.loads(record.attrs["searched"]))
        return (
            f"{name_of(record['objective'], 'objective')}, by trial and against {paths}. "
            f"{len(shown['trial'])} trials: {told}. Each dot is one trial, the mean of {record.sizes['subject']} "
            "subjects on stimuli held out of the training set; one without an objective, or far beyond the others, "
            "stands on the edge. Trials of a search are not a sample: no test belongs to this figure."
        )
