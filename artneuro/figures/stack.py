"""Stack: how shares of a whole change along a dim, one area above the other."""

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from artneuro.errors import DesignError
from artneuro.fields import define_spec, param
from artneuro.figures.canvas import canvas, name_axes, name_figure, name_panels, place_legend, styled, text_of, wrapped
from artneuro.figures.looks import looks
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import name_of, view
from artneuro.registry import register
from artneuro.selection import Where, addressed

HATCHES = ("", "///", "...", "\\\\\\", "xx", "|||", "--", "oo", "+++")
# 7 colours and 9 hatches have no common divisor: 63 areas before a look comes twice
FAINT = 0.01
"""Share of the whole below which an area is thinner than its outline."""


@styled
def stack(
    record: xr.Dataset,
    y: str,
    x: str,
    by: str,
    *,
    panels: str | None = "arm",
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw how shares of a whole change along a dim, such as those of layers in the Fisher information over a life.

    One area a share, from bottom to top in the order of the record: the mean over subjects, every other dim having
    been averaged within each subject first. Areas show no spread between subjects; `curve` does. Two or more that stay
    below one hundredth everywhere, such as most batch norms, stand as one area at the top, named by their number.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    y : str
        The variable, 0 or above.
    x : str
        The dim along which it changes, such as ``epoch``.
    by : str
        The dim whose places are stacked, such as ``layer``.
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
        Where no subject has a value, a value is negative, or there is one place along x only.

    Examples
    --------
    >>> share = (("subject", "epoch", "layer"), [[[0.3, 0.7], [0.6, 0.4]]], {"long_name": "share", "units": "1"})
    >>> record = xr.Dataset({"fisher_share": share}, {"epoch": [1, 2], "layer": ["one", "two"]})
    >>> [text.get_text() for text in stack(record, "fisher_share", "epoch", "layer", panels=None).legends[0].texts]
    ['one', 'two']
    """
    seen = view(record, y, {"x": x, "by": by, "panels": panels}, where or {})
    parts, along = seen.levels(by), seen.levels(x)
    if len(along) < 2:
        raise DesignError(f"{y}: a stack needs two places along {x}; there is {len(along)}. Keep more of them.")
    if float(seen.data.min()) < 0:
        raise DesignError(f"{y}: a stack shows shares, and some values are negative. Use `curve` for them.")
    tables = [_means(seen.table({panels: panel}), x, by, list(parts)) for panel in seen.levels(panels)]
    tables = _without_faint(tables)
    shown = {
        part: (look.colour, HATCHES[place % len(HATCHES)])
        for place, (part, look) in enumerate(looks(list(tables[0].columns)).items())
    }
    figure, axes = canvas(seen.levels(panels))
    for ax, means in zip(axes, tables, strict=True):
        upto = np.cumsum(np.nan_to_num(means.to_numpy()), axis=1)
        for place, (colour, hatch) in enumerate(shown.values()):
            below = upto[:, place - 1] if place else np.zeros(len(upto))
            ax.fill_between(
                means.index, below, upto[:, place], facecolor=colour, hatch=hatch, edgecolor="white", linewidth=0.6
            )
        ax.margins(x=0)
    axes[0].set_ylim(bottom=0)
    if seen.data[x].dtype.kind in "iu":
        axes[0].xaxis.set_major_locator(MaxNLocator(integer=True))  # there is no epoch 2.5
    name_axes(axes, name_of(seen.data, x), name_of(seen.data, y))
    name_panels(axes, panels, seen.levels(panels))
    place_legend(figure, name_of(seen.data, by), _patches(shown))
    name_figure(figure, title)
    return figure


def _means(table: pd.DataFrame, x: str, by: str, parts: list[Any]) -> pd.DataFrame:
    """Return means over subjects, along x and part."""
    means = table.pivot_table(index=x, columns=by, values="value", sort=False)
    return means.reindex(columns=parts).sort_index()


def _without_faint(tables: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return the tables of all panels with parts that nobody could see as one, at the top."""
    whole = pd.concat(tables)
    largest = whole.div(whole.sum(axis=1), axis=0).max()
    faint = [part for part in whole.columns if not largest[part] >= FAINT]
    if len(faint) < 2:
        return list(tables)
    name = f"{len(faint)} others, none above {FAINT:.0%}"
    return [table.drop(columns=faint).assign(**{name: table[faint].sum(axis=1)}) for table in tables]


def _patches(shown: Mapping[Any, tuple[str, str]]) -> Sequence[Patch]:
    return [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=wrapped(text_of(part), 40))
        for part, (colour, hatch) in shown.items()
    ]


@final
@register("stack")
@define_spec
class Stack(Plot):
    """How shares of a whole change along a dim: mean of subjects, one area above the other."""

    of: str = param(doc="the variable, as Record.variable")
    x: str = param(doc="dim along which it changes")
    by: str = param(doc="dim whose places are stacked")
    panels: str | None = param("arm", doc="dim or property of subjects with one panel each")
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `stack`."""
        record, y = addressed(records, self.of)
        return stack(record, y, self.x, self.by, panels=self.panels, where=self.where, title=self.title)

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, y = addressed(records, self.of)
        seen = view(record, y, {"x": self.x, "by": self.by, "panels": self.panels}, self.where)
        names = [name_of(seen.data, name) for name in (y, self.x, self.by)]
        opening = f"{names[0]}, against {names[1].lower()}: means over subjects, stacked by {names[2].lower()}"
        return " ".join([f"{opening}, the first at the bottom.", *seen.facts])
