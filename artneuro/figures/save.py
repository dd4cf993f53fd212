"""Figures on disk: SVG and PNG, whole or not at all, the same bytes for the same figure."""

import re
from pathlib import Path

from matplotlib.figure import Figure

from artneuro import files
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import shown
from artneuro.figures.canvas import styled

DPI = 160
"""Dots an inch of the PNG: 1024 across for a figure of 6.4 inches."""


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
    if not re.fullmatch(r"[\w+-][\w.+-]*", name):
        raise SpecificationError([Problem("name", "letters, digits and . _ + -, not starting with a dot", shown(name))])
    about = {"Title": title or name, "Description": caption}
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laying out again, as each drawing would, moves axes by a last bit
    svg, png = (Path(folder) / f"{name}.{kind}" for kind in ("svg", "png"))
    with files.whole(svg) as beside:
        figure.savefig(beside, format="svg", metadata={**about, "Date": None, "Creator": "artneuro"})
    with files.whole(png) as beside:
        figure.savefig(beside, format="png", dpi=DPI, metadata={**about, "Software": "artneuro"})
    return svg, png
