"""The paper a figure is drawn on: size, type, axes, legend. Nothing here touches pyplot's list of open figures."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.style
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from artneuro.figures.looks import Look

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so it is everywhere
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "figure.titlesize": 13,
    "legend.fontsize": 10.5,
    "legend.title_fontsize": 10.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.labelcolor": "#222222",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.8,
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "xtick.labelcolor": "#222222",
    "ytick.labelcolor": "#222222",
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "svg.fonttype": "path",  # letters as shapes: the same on a machine without the font
    "svg.hashsalt": "artneuro",  # identifiers that do not change from run to run
}

styled = matplotlib.style.context(STYLE, after_reset=True)
"""Decorator: draw with this style alone, whatever the user's own settings are."""


def canvas(panels: Sequence[Any] = (None,), width: float = 6.4, height: float = 4.2) -> tuple[Figure, list[Axes]]:
    """Return a figure and its axes: one, or one a panel, two in a row, of one scale."""
    columns = min(len(panels), 2)
    rows = -(-len(panels) // 2)
    size = (width, height) if len(panels) == 1 else (8.4, 0.6 + 3.1 * rows)
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    axes = [ax for row in grid for ax in row]
    for spare in axes[len(panels) :]:
        spare.remove()
    return figure, axes[: len(panels)]


def name_axes(axes: Sequence[Axes], x: str, y: str) -> None:
    """Write what the axes mean: below the lowest panel of each column, and beside each row."""
    figure = axes[0].get_figure(root=True)
    assert figure is not None
    several = len(axes) > 1
    tall = figure.get_figheight() / -(-len(axes) // 2)
    for place, ax in enumerate(axes):
        if place >= len(axes) - 2:
            ax.set_xlabel(wrapped(x, 44 if several else int(9.5 * figure.get_figwidth())))
            ax.tick_params(labelbottom=True)
        if place % 2 == 0:
            ax.set_ylabel(wrapped(y, int(10 * (tall - 0.8))))  # about ten letters an inch


def name_figure(figure: Figure, title: str) -> None:
    """Write the title above everything, where there is one."""
    if title:
        figure.suptitle(wrapped(title, 60))
        figure.set_figheight(figure.get_figheight() + 0.3)


def name_panels(axes: Sequence[Axes], name: str | None, levels: Sequence[Any]) -> None:
    """Write above each panel which level it shows."""
    if name is not None:
        for ax, level in zip(axes, levels, strict=True):
            ax.set_title(wrapped(f"{name}: {text_of(level)}", 40))


def legend(figure: Figure, title: str, looks: Mapping[Any, Look], *, lines: bool = True, markers: bool = True) -> None:
    """Explain the looks below the axes, in as many columns as fit; nothing is said of a single one."""
    if len(looks) < 2:
        return
    handles = [
        Line2D(
            [],
            [],
            color=look.colour,
            marker=look.marker if markers else "none",
            linestyle=look.dashes if lines else "none",
            label=wrapped(text_of(level), 40),
        )
        for level, look in looks.items()
    ]
    place_legend(figure, title, handles)


def place_legend(figure: Figure, title: str, handles: Sequence[Artist]) -> None:
    """Put a legend below the axes, in as many columns as fit."""
    longest = max(len(line) for handle in handles for line in str(handle.get_label()).splitlines())
    # about 12 letters an inch; handle and gaps take the room of ten
    columns = max(1, min(int(figure.get_figwidth() * 12 / (longest + 10)), len(handles)))
    box = figure.legend(
        handles=handles, title=wrapped(title, 70), loc="outside lower center", ncols=columns, handlelength=2.6
    )
    # the legend gets paper of its own, so that the axes stay as tall as they were
    figure.set_figheight(figure.get_figheight() + box.get_window_extent().height / figure.dpi)


UPRIGHT = 24
"""Letters of a line that stands upright."""


def make_room(figure: Figure, labels: Sequence[str]) -> None:
    """Give labels of several lines paper of their own, so that the axes stay as tall as they were."""
    lines = max(label.count("\n") for label in labels)
    figure.set_figheight(figure.get_figheight() + 0.19 * lines)  # inches: the height of a line


def name_places(figure: Figure, ax: Axes, names: Sequence[str], letters: int) -> None:
    """Name the places 0, 1, ... of the x axis: in lines of so many letters, or upright where a word is longer."""
    words = [word for name in names for word in re.findall(r"[^\s_/+-]+[_/+-]*", name)]
    if max(map(len, words), default=0) <= letters:
        labels = [wrapped(name, letters) for name in names]
        ax.set_xticks(range(len(labels)), labels)
        make_room(figure, labels)
        return
    labels = [wrapped(name, UPRIGHT) for name in names]
    ax.set_xticks(range(len(labels)), labels, rotation=90)
    longest = max(len(line) for label in labels for line in label.splitlines())
    figure.set_figheight(figure.get_figheight() + longest / 12)  # about 12 letters an inch


def text_of(level: Any) -> str:
    """Return a level as a person writes it: 0.15, not 0.15000000000000002."""
    return f"{level:g}" if isinstance(level, float) else str(level)


def wrapped(text: str, width: int) -> str:
    r"""Break a text into lines at spaces and, in long names, after joints such as ``_``.

    Examples
    --------
    >>> wrapped("label_corruption_half", 12)
    'label_\ncorruption_\nhalf'
    """
    lines = [""]
    for piece in re.findall(rf"[^\s_/+-]{{1,{width}}}[_/+-]*\s*|[_/+-]+\s*|\s+", text):
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)
