"""Heat map: how a variable depends on two dims, mean of subjects in colour."""

import math
from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
import pandas as pd
import seaborn as sns
import xarray as xr
from matplotlib.figure import Figure

from artneuro.fields import define_spec, param
from artneuro.figures.canvas import canvas, make_room, name_axes, name_figure, styled, text_of, wrapped
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import name_of, view
from artneuro.registry import register
from artneuro.selection import Where, addressed

READABLE = 12
"""Columns up to which each cell carries its number."""


@styled
def heat_map(
    record: xr.Dataset,
    of: str,
    x: str,
    y: str = "arm",
    *,
    below: Sequence[str] = (),
    centre: float | None = None,
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw how a variable depends on two dims together.

    One cell a pair of levels: the mean over subjects, every other dim having been averaged within each subject first.
    The colours run evenly in lightness and are told apart by the colour-blind (cividis); with `centre` they part
    in two directions from it (orange below, purple above). A cell without values stays empty.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    of : str
        The variable.
    x, y : str
        Dims or properties of subjects, along the columns and the rows.
    below : sequence of str
        Variables of the same unit along the columns alone, with one row each below: what a value is to be read against,
        such as a noise ceiling.
    centre : float, optional
        Value from which colours part, such as 0 for a difference.
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
    >>> values = (("subject", "clamp"), [[0.9, 0.8], [0.5, 0.4]], {"long_name": "accuracy", "units": "1"})
    >>> record = xr.Dataset({"accuracy": values}, {"arm": ("subject", ["clean", "half"]), "clamp": ["zero", "mean"]})
    >>> [label.get_text() for label in heat_map(record, "accuracy", x="clamp").axes[0].get_yticklabels()]
    ['clean', 'half']
    """
    seen = view(record, of, {"x": x, "y": y}, where or {})
    columns, rows = seen.levels(x), seen.levels(y)
    cells = (
        seen.table().pivot_table(index=y, columns=x, values="value", sort=False).reindex(index=rows, columns=columns)
    )
    for name in below:
        beside = view(record, name, {"x": x}, where or {})
        row = beside.table().groupby(x, sort=False)["value"].mean().reindex(columns)
        cells.loc[name_of(beside.data, name)] = row
    axes = (name_of(seen.data, x), name_of(seen.data, y))
    return coloured(cells, axes, name_of(seen.data, of), centre=centre, title=title)


def coloured(
    cells: pd.DataFrame, axes: tuple[str, str], meaning: str, *, centre: float | None = None, title: str = ""
) -> Figure:
    """Draw a table as coloured cells, with their numbers where there is room.

    Parameters
    ----------
    cells : DataFrame
        Its index and columns are the levels.
    axes : tuple of str
        Names of columns and rows.
    meaning : str
        What a cell tells, with its unit.
    centre : float, optional
        Value from which colours part.
    """
    reach = float(np.nanmax(np.abs(cells.to_numpy() - (centre or 0.0))))
    columns = list(cells.columns)
    cells = cells.set_axis([wrapped(text_of(level), 22) for level in cells.index], axis=0)
    cells = cells.set_axis([text_of(level) for level in columns], axis=1)
    tallest = max(label.count("\n") for label in cells.index)
    height = min(max(2.8, 1.6 + max(0.55, 0.3 + 0.2 * tallest) * len(cells)), 9.0)  # inches; 0.2 is a line
    named = any(isinstance(level, str) for level in columns)
    width = min(max(4.6, 3 + (1.1 if named else 0.6) * len(columns)), 9.0 if named else 7.5)
    figure, (ax,) = canvas(width=width, height=height)
    sns.heatmap(
        cells,
        ax=ax,
        annot=len(columns) <= READABLE,
        fmt=_format(float(np.nanmax(np.abs(cells.to_numpy())))),
        cmap="cividis" if centre is None else "PuOr",
        vmin=None if centre is None else centre - reach,
        vmax=None if centre is None else centre + reach,
        linewidths=0.8,
        cbar_kws={"label": wrapped(meaning, int(10 * (height - 0.8))), "pad": 0.02},
    )
    name_axes([ax], *axes)
    if named:
        letters = int(11 * (width - 3) / len(columns))
        labels = [wrapped(label, max(letters, 5)) for label in cells.columns]
        ax.set_xticks(np.arange(len(labels)) + 0.5, labels, rotation=0)
        make_room(figure, labels)
    ax.grid(visible=False)  # cells without values stay white
    ax.tick_params(length=0)
    ax.tick_params(axis="y", rotation=0)
    name_figure(figure, title)
    return figure


def _format(largest: float) -> str:
    """Return the format of all numbers of a map: equally many decimals, so that 0.90 stands beside 0.89.

    Examples
    --------
    >>> [f"{value:{_format(value)}}" for value in (0.9, 1.0, 25.0, 480.0, 0.041, 3.2e7, 0.0)]
    ['0.90', '1.00', '25.0', '480', '0.041', '3.2e+07', '0.00']
    """
    if not 1e-4 <= largest < 1e5:
        return ".1e" if largest else ".2f"
    order = math.floor(math.log10(largest))
    return f".{max(0, 2 - order if order >= 0 else 1 - order)}f"


@final
@register("heat_map")
@define_spec
class HeatMap(Plot):
    """How a variable depends on two dims together: mean of subjects in colour."""

    of: str = param(doc="the variable, as Record.variable")
    x: str = param(doc="dim or property of subjects along the columns")
    y: str = param("arm", doc="dim or property of subjects along the rows")
    below: tuple[str, ...] = param((), doc="variables of the record along the columns alone, as rows below: a ceiling")
    centre: float | None = param(None, doc="value from which colours part in two directions; none, if left out")
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `heat_map`."""
        record, of = addressed(records, self.of)
        return heat_map(
            record,
            of,
            self.x,
            self.y,
            below=self.below,
            centre=self.centre,
            where=self.where,
            title=self.title,
        )

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, of = addressed(records, self.of)
        seen = view(record, of, {"x": self.x, "y": self.y}, self.where)
        names = [name_of(seen.data, name) for name in (of, self.x, self.y)]
        return " ".join([f"{names[0]}, by {names[1].lower()} and {names[2].lower()}: mean over subjects.", *seen.facts])
