"""Montage: images side by side, such as those that drive units most."""

from collections.abc import Mapping
from typing import Any, Literal, final

import attrs
import numpy as np
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.fields import define_spec, param
from artneuro.figures.canvas import name_figure, styled, text_of, wrapped
from artneuro.figures.pictures import refuse_averages
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import keeping_subjects, name_of, view
from artneuro.registry import register
from artneuro.selection import Where, addressed, select

Contrast = Literal["given", "each"]
PIXELS = ("y", "x")
WIDTH = 8.0
"""Inches that the images take at most."""
MOST = 400
"""Images that a page holds."""


@styled
def montage(
    record: xr.Dataset,
    of: str,
    rows: str,
    columns: str,
    *,
    contrast: Contrast = "given",
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw images in rows and columns, such as the stimuli that drive each unit most, by rank.

    Every image is shown as it is: nothing is averaged, and no pixel is made up between others. Where there is no
    image, the place stays empty.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    of : str
        Images, along `y` and `x` and, where they have colours, `channel` (1 or 3).
    rows, columns : str
        Dims, such as ``unit``, ``rank`` or ``subject``. If neither is `subject`, one subject must be selected.
    contrast : "given" or "each"
        Values from 0 (black) to 1 (white or a full colour), as images are; or each image stretched from its own lowest
        to its highest value, for images that have no such scale, such as those of activation maximisation. Then
        brightness cannot be compared between images.
    where : mapping, optional
        What is kept; see `artneuro.selection.select`.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in the record, it holds no images, several subjects or places of another dim would lie in
        one place, or values are not from 0 to 1 and contrast is given.
    DesignError
        Where no subject has an image, or there are more than a page holds.

    Examples
    --------
    >>> pixels = np.linspace(0, 1, 8).reshape(1, 1, 2, 2, 2)
    >>> best = (("subject", "unit", "rank", "y", "x"), pixels, {"long_name": "driving stimuli", "units": "1"})
    >>> figure = montage(xr.Dataset({"best": best}, {"subject": ["a-0"]}), "best", rows="unit", columns="rank")
    >>> [ax.get_title() for ax in figure.axes]
    ['0', '1']
    """
    return _drawn(_Images.of(record, of, rows, columns, contrast, where or {}), title)


@final
@attrs.frozen(eq=False)
class _Images:
    """Images (row, column, y, x, 3), from 0 to 1, with what rows and columns are."""

    values: np.ndarray[Any, Any]
    rows: list[Any]
    columns: list[Any]
    names: tuple[str, str]
    facts: tuple[str, ...]

    @classmethod
    def of(cls, record: xr.Dataset, of: str, rows: str, columns: str, contrast: Contrast, where: Where) -> "_Images":
        colours = ["channel"] if of in record and "channel" in record[of].dims else []
        told = {"rows": rows, "columns": columns, "y": "y", "x": "x", **{name: name for name in colours}}
        if of in record and not set(PIXELS) <= set(record[of].dims):
            came = f"{of} with the dims {', '.join(map(str, record[of].dims))}"
            raise SpecificationError([Problem("of", "images, along y and x", came)])
        seen = view(record, of, {**told, "subject": "subject"}, where)
        refuse_averages(select(record[of], keeping_subjects(where)), ["subject", *told.values()], None)
        data = seen.data
        if "subject" not in (rows, columns):
            if data.sizes["subject"] > 1:
                advice = "Choose one with `where: {subject: ...}`, or make `subject` the rows."
                raise SpecificationError([Problem("where", "one subject", f"{data.sizes['subject']}", advice)])
            data = data.isel(subject=0)
        data = data.transpose(rows, columns, "y", "x", *colours)
        if colours and data.sizes["channel"] not in (1, 3):
            raise SpecificationError([Problem("of", "images of 1 or 3 channels", f"{data.sizes['channel']} channels")])
        if data.sizes[rows] * data.sizes[columns] > MOST:
            came = f"{data.sizes[rows]} x {data.sizes[columns]} images"
            raise DesignError(f"{of}: {came}, and a page holds {MOST}. Choose some of them with `where`.")
        values = data.values.astype(float)
        values = values if colours else values[..., None]
        values = _scaled(np.broadcast_to(values, (*values.shape[:-1], 3)), contrast)
        levels = [_levels(data, dim) for dim in (rows, columns)]
        return cls(values, levels[0], levels[1], (name_of(data, rows), name_of(data, columns)), seen.facts)


def _levels(data: xr.DataArray, dim: str) -> list[Any]:
    """Return the places of a dim; of units, their site and number within it."""
    if dim == "unit" and dim not in data.coords and {"unit_site", "unit_index"} <= set(data.coords):
        sites, numbers = data.unit_site.values.tolist(), data.unit_index.values.tolist()
        return [f"{site} {number}" for site, number in zip(sites, numbers, strict=True)]
    levels: list[Any] = data[dim].values.tolist()
    return levels


def _scaled(values: np.ndarray[Any, Any], contrast: Contrast) -> np.ndarray[Any, Any]:
    if contrast == "given":
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        if low < 0 or high > 1:
            advice = "Use `contrast: each`, which stretches every image."
            raise SpecificationError([Problem("contrast", "values from 0 to 1", f"{low:g} to {high:g}", advice)])
        return values
    low_each = values.min(axis=(2, 3, 4), keepdims=True)
    reach = values.max(axis=(2, 3, 4), keepdims=True) - low_each
    stretched: np.ndarray[Any, Any] = (values - low_each) / np.where(reach > 0, reach, 1.0)
    return stretched


def _drawn(images: _Images, title: str) -> Figure:
    rows, columns, high, wide = images.values.shape[:4]
    side = min(WIDTH / columns, 1.2)
    figure = Figure(figsize=(max(columns * side, 2.6) + 0.9, rows * side * high / wide + 0.7), layout="constrained")
    FigureCanvasAgg(figure)
    layout: Any = figure.get_layout_engine()
    layout.set(h_pad=0.02, w_pad=0.02, hspace=0.02, wspace=0.02)
    for row in range(rows):
        for column in range(columns):
            ax = figure.add_subplot(rows, columns, row * columns + column + 1)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
            ax.grid(visible=False)
            image = images.values[row, column]
            # one that is not there is not-a-number, and stays paper
            ax.imshow(np.where(np.isnan(image), 1.0, image), interpolation="none", vmin=0, vmax=1)
            if row == 0 and side >= 0.45:
                ax.set_title(wrapped(text_of(images.columns[column]), max(int(9 * side), 3)))
            if column == 0 and side * high / wide >= 0.2:
                name = wrapped(text_of(images.rows[row]), 16)
                ax.set_ylabel(name, rotation=0, ha="right", va="center")
    figure.supxlabel(wrapped(images.names[1], int(10 * figure.get_figwidth())), fontsize=11, color="#222222")
    figure.supylabel(wrapped(images.names[0], int(10 * figure.get_figheight())), fontsize=11, color="#222222")
    name_figure(figure, title)
    return figure


@final
@register("montage")
@define_spec
class Montage(Plot):
    """Images in rows and columns, such as those that drive units most: each as it is, none averaged."""

    of: str = param(doc="the images, as Record.variable, along y, x and perhaps channel")
    rows: str = param(doc="dim with one row of images for each of its places, such as unit")
    columns: str = param(doc="dim with one column for each of its places, such as rank")
    contrast: Contrast = param("given", doc="values from 0 to 1 as they are, or each image stretched to its own range")
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `montage`."""
        record, of = addressed(records, self.of)
        return montage(record, of, self.rows, self.columns, contrast=self.contrast, where=self.where, title=self.title)

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, of = addressed(records, self.of)
        images = _Images.of(record, of, self.rows, self.columns, self.contrast, self.where)
        each = " Each image is stretched to its own range." if self.contrast == "each" else ""
        opening = f"{name_of(record[of], of)}, by {self.rows} (rows) and {self.columns} (columns).{each}"
        return " ".join([opening, *images.facts])
