"""Groups side by side: what box, violin and strip have in common."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, final

import attrs
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, param
from artneuro.figures.canvas import canvas, legend, name_axes, name_figure, name_places, text_of
from artneuro.figures.looks import Look, looks
from artneuro.figures.marks import MEANING, Pairs, draw_marks, named
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import View, name_of, view
from artneuro.selection import Where, addressed

SPAN = 0.8
"""Room that the groups at one place take along x, where places are 1 apart; seaborn's own default."""


@final
@attrs.frozen(eq=False)
class Scene:
    """Groups to draw: the view, the names of what tells them apart, and how they look."""

    seen: View
    x: str
    hue: str | None
    looks: Mapping[Any, Look]

    @property
    def places(self) -> list[Any]:
        """Levels along x; they stand at 0, 1, ..."""
        return self.seen.levels(self.x)

    def groups(self) -> Iterator[tuple[float, Look, Any]]:
        """Yield position along x, look and table (one row a subject) of each group."""
        for place, level in enumerate(self.places):
            if self.hue is None:
                yield float(place), self.looks[level], self.seen.table({self.x: level})
                continue
            for rank, (shade, look) in enumerate(self.looks.items()):
                shift = SPAN * ((rank + 0.5) / len(self.looks) - 0.5)
                yield place + shift, look, self.seen.table({self.x: level, self.hue: shade})

    @property
    def width(self) -> float:
        """Room of one group along x."""
        return SPAN / (len(self.looks) if self.hue else 1)


def draw_groups(
    record: xr.Dataset,
    y: str,
    x: str,
    hue: str | None,
    where: Where | None,
    compared: Pairs,
    title: str,
    paint: Callable[[Axes, Scene], None],
) -> Figure:
    """Draw groups side by side with `paint`, name everything, and mark the pairs that were compared."""
    hue = None if hue == x else hue
    seen = view(record, y, {"x": x, "hue": hue}, where or {})
    scene = Scene(seen, x, hue, looks(seen.levels(hue or x)))
    across = len(scene.places) * max(1.1, 0.45 * len(scene.looks) if hue else 0)
    figure, (ax,) = canvas(width=min(max(4.4, 1.4 + across), 9.0))
    paint(ax, scene)
    letters = int(12 * (figure.get_figwidth() - 1) / len(scene.places))  # about 12 an inch
    name_places(figure, ax, [text_of(level) for level in scene.places], max(letters - 2, 6))
    ax.set_xlim(-0.6, len(scene.places) - 0.4)
    name_axes([ax], name_of(seen.data, x), name_of(seen.data, y))
    if hue is not None:
        legend(figure, name_of(seen.data, hue), scene.looks, lines=False)
    name_figure(figure, title)
    draw_marks(figure, ax, scene.places, compared)
    return figure


def dots(ax: Axes, scene: Scene) -> pd.DataFrame:
    """Draw each subject as a dot, side by side where values are close; return the table with the column `at`."""
    values = scene.seen.table()["value"]
    near = 0.025 * (values.max() - values.min())
    placed: list[pd.DataFrame] = []
    for at, look, table in scene.groups():
        table = table.assign(at=at + spread(table["value"].to_numpy(), near, 0.3 * scene.width))
        style: dict[str, Any] = {"color": look.colour, "marker": look.marker, "edgecolors": "white", "linewidths": 0.7}
        ax.scatter(table["at"], table["value"], s=32, zorder=4, **style)
        placed.append(table)
    return pd.concat(placed)


def spread(values: np.ndarray[Any, Any], near: float, room: float) -> np.ndarray[Any, Any]:
    """Return shifts to either side that keep values closer than `near` from lying on each other.

    No chance is involved: the same values have the same shifts.

    Examples
    --------
    >>> spread(np.array([0.0, 0.0, 0.0, 9.0]), 1.0, 0.3).tolist()
    [0.0, 0.1, -0.1, 0.0]
    """
    ranks = np.zeros(len(values))
    first, seen = np.nan, 0
    for place in np.argsort(values, kind="stable"):
        if not values[place] - first <= near:
            first, seen = values[place], 0
        ranks[place] = (seen + 1) // 2 * (1 if seen % 2 else -1)
        seen += 1
    step = min(0.1, room / max(1.0, float(np.abs(ranks).max(initial=0))))
    return ranks * step


def _draw_lines(ax: Axes, values: Mapping[str, float]) -> None:
    """Draw each value as a dotted line across, with its name at its right end; names keep clear of each other."""
    if not values:
        return
    for value in values.values():
        ax.axhline(value, color="#555555", linestyle=":", linewidth=1.3, zorder=1)
    low, high = ax.get_ylim()
    line, below = 0.06 * (high - low), -np.inf  # room of a line of text
    for name, value in sorted(values.items(), key=lambda pair: pair[1]):
        below = max(value, below + line)
        style: dict[str, Any] = {"va": "center", "ha": "left", "fontsize": "small", "color": "#333333"}
        ax.text(1.01, (below - low) / (high - low), name, transform=ax.transAxes, **style)


@define_spec
class GroupPlot(Plot):
    """Groups side by side, with brackets over the pairs that an analysis found apart."""

    of: str = param(doc="the variable, as Record.variable")
    x: str = param("arm", doc="dim or property of subjects with one place each along x")
    hue: str | None = param(None, doc="dim or property of subjects that colours tell apart at each place")
    marks: str | None = param(
        None,
        doc="analysis whose pairwise p values are marked: `anova` takes its first table of pairs, `anova.paired` the "
        "one of that name; none, if left out",
    )
    beside: str | None = param(
        None, doc="the same of nervous systems, each a line across, as Record.variable along connectome"
    )
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    @final
    def addresses(self) -> Mapping[str, str]:
        """Return the variables."""
        return {"of": self.of} | ({} if self.beside is None else {"beside": self.beside})

    @final
    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with the function of its module."""
        record, y = addressed(records, self.of)
        figure = self._draw(record, y, named(comparisons, self.marks))
        _draw_lines(figure.axes[0], self._beside(records))
        return figure

    @final
    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, y = addressed(records, self.of)
        seen = view(record, y, {"x": self.x, "hue": self.hue}, self.where)
        groups = " and ".join(filter(None, [self.x, self.hue if self.hue != self.x else None]))
        compared = [f"{MEANING} Compared by {self.marks.replace('.', ', table ')}."] if self.marks else []
        others = ", ".join(f"{name} {value:.3g}" for name, value in self._beside(records).items())
        lines = [f"Dotted: nervous systems, measured in the same way ({others})."] if others else []
        return " ".join([f"{name_of(seen.data, y)}, by {groups}.", self._key(), *lines, *compared, *seen.facts])

    def _beside(self, records: Mapping[str, xr.Dataset]) -> dict[str, float]:
        """Return the value of each nervous system that has one."""
        if self.beside is None:
            return {}
        record, name = addressed(records, self.beside)
        if "connectome" not in record[name].dims:
            required, came = "a variable along connectome", f"one along {', '.join(map(str, record[name].dims))}"
            raise SpecificationError([Problem("beside", required, came)])
        # the same for all subjects, at all ages
        found = record[name].max([dim for dim in record[name].dims if dim != "connectome"])
        pairs = zip(found["connectome"].values.tolist(), found.values.tolist(), strict=True)
        return {str(label): float(value) for label, value in pairs if np.isfinite(value)}

    @abstractmethod
    def _draw(self, record: xr.Dataset, y: str, compared: Pairs) -> Figure:
        """Draw one variable of a record."""

    @abstractmethod
    def _key(self) -> str:
        """Say what the signs in the figure mean."""
