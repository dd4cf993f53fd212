"""Figures on disk: SVG and PNG, films as GIF; whole or not at all, the same bytes for the same figure."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from artneuro import files
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import shown
from artneuro.figures.canvas import styled

DPI = 160
"""Dots an inch of the PNG: 1024 across for a figure of 6.4 inches."""


FILM_DPI = 100
"""Dots an inch of a film, each page of which counts."""

NEAR_WHITE = 250


@styled
def save(figure: Figure, folder: Path | str, name: str, *, title: str = "", caption: str = "") -> tuple[Path, Path]:
    """Write a figure as ``name.svg`` and ``name.png``.

    Title and caption are written into both files (SVG: Dublin Core `title` and `description`; PNG: text), so that a
    figure that was sent on its own still says what it shows. No date is.

    Parameters
    ----------
    figure : Figure
    folder : path
        Made where it does not exist.
    name : str
        Letters, digits and ``. _ + -``; not starting with a dot.
    title, caption : str

    Returns
    -------
    tuple of two paths
        The SVG and the PNG.

    Raises
    ------
    SpecificationError
        Where the name is not one for a file.

    Examples
    --------
    >>> import tempfile
    >>> from artneuro.figures.canvas import canvas
    >>> [path.name for path in save(canvas()[0], tempfile.mkdtemp(), "empty")]
    ['empty.svg', 'empty.png']
    """
    _check(name)
    about = {"Title": title or name, "Description": caption}
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laying out again, as each drawing would, moves axes by a last bit
    svg, png = (Path(folder) / f"{name}.{kind}" for kind in ("svg", "png"))
    with files.whole(svg) as beside:
        figure.savefig(beside, format="svg", metadata={**about, "Date": None, "Creator": "artneuro"})
    with files.whole(png) as beside:
        figure.savefig(beside, format="png", dpi=DPI, metadata={**about, "Software": "artneuro"})
    return svg, png


@styled
def save_film(figures: Sequence[Figure], folder: Path | str, name: str, *, seconds: float = 0.7) -> Path:
    """Write figures as ``name.gif``, which shows one after the other, for ever.

    Parameters
    ----------
    figures : sequence of Figure
        All of one size.
    folder, name
        As for `save`.
    seconds : float
        How long each is seen, to the hundredth; the last one twice as long, so that the end can be told.

    Returns
    -------
    Path

    Raises
    ------
    SpecificationError
        Where there is no figure, they differ in size, or the name is not one for a file.

    Examples
    --------
    >>> import tempfile
    >>> from artneuro.figures.canvas import canvas
    >>> save_film([canvas()[0], canvas()[0]], tempfile.mkdtemp(), "empty").name
    'empty.gif'
    """
    _check(name)
    sizes = {tuple(figure.get_size_inches().tolist()) for figure in figures}
    if len(sizes) != 1:
        raise SpecificationError([Problem("figures", "one or more figures of one size", f"{len(sizes)} sizes")])
    pages = [_page(figure) for figure in figures]
    # colours are chosen once, of all pages together, so that none flickers
    whole = Image.fromarray(np.concatenate([np.asarray(page) for page in pages])).quantize(256)
    colours = np.array(whole.getpalette()).reshape(-1, 3)
    colours[(colours >= NEAR_WHITE).all(axis=1)] = 255  # a colour is a mean of several, and paper would be grey
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours.ravel().tolist())
    shown = [page.quantize(palette=palette, dither=Image.Dither.NONE) for page in pages]
    times = [round(1000 * seconds)] * (len(pages) - 1) + [round(2000 * seconds)]
    path = Path(folder) / f"{name}.gif"
    with files.whole(path) as beside:
        shown[0].save(beside, format="GIF", save_all=True, append_images=shown[1:], duration=times, loop=0)
    return path


def _page(figure: Figure) -> Image.Image:
    page = io.BytesIO()
    figure.savefig(page, format="png", dpi=FILM_DPI)
    return Image.open(page).convert("RGB")


def _check(name: str) -> None:
    if not re.fullmatch(r"[\w+-][\w.+-]*", name):
        raise SpecificationError([Problem("name", "letters, digits and . _ + -, not starting with a dot", shown(name))])
