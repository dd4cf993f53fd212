"""Strip: every subject of each group, with the group's mean and its interval."""

from typing import final

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from artneuro.fields import define_spec
from artneuro.figures.canvas import styled
from artneuro.figures.groups import GroupPlot, Scene, dots, draw_groups
from artneuro.figures.interval import FEWEST, interval
from artneuro.figures.marks import Pairs
from artneuro.registry import register
from artneuro.selection import Where


@styled
def strip(
    record: xr.Dataset,
    y: str,
    x: str = "arm",
    *,
    hue: str | None = None,
    where: Where | None = None,
    compared: Pairs = (),
    title: str = "",
) -> Figure:
    """Draw where every subject lies, and how twins differ between arms.

    Each dot is a subject, the mean over every dim that is not named. Beside them the mean of the group with its 95 %
    interval (Student's t), from three subjects on. Without `hue`, a thin line joins twins (subjects of one seed)
    across arms, or the values of one subject across the levels of a dim: the paired differences that the design is
    made for.

    Parameters
    ----------
    record, y, x, hue, where, compared, title
        As for `artneuro.figures.box`.

    Raises
    ------
    SpecificationError, DesignError
        As for `artneuro.figures.box`.

    Examples
    --------
    >>> record = xr.Dataset({"auc": ("subject", [0.9, 0.8, 0.5, 0.6], {"long_name": "area under the curve"})},
    ...                     {"arm": ("subject", ["clean", "clean", "half", "half"])})
    >>> strip(record, "auc").axes[0].get_ylabel()
    'Area under the curve'
    """
    return draw_groups(record, y, x, hue, where, compared, title, _paint)


def _paint(ax: Axes, scene: Scene) -> None:
    placed = dots(ax, scene)
    if scene.hue is None:
        _join(ax, placed, scene.x)
    for at, look, table in scene.groups():
        summary = interval(table.assign(group=0), ["group"])
        enough = summary["n"] >= FEWEST
        height = (summary["high"] - summary["mean"]).where(enough, 0.0)
        style = {"marker": "_", "markersize": 14 * scene.width**0.5, "markeredgewidth": 2.4, "elinewidth": 1.8}
        ax.errorbar(at + 0.4 * scene.width, summary["mean"], height, color=look.colour, zorder=5, **style)


def _join(ax: Axes, placed: pd.DataFrame, x: str) -> None:
    """Join the dots of one subject, or of twins where the groups are made of different subjects."""
    who = "subject" if placed.groupby("subject")[x].nunique().max() > 1 else "seed"
    if who == "seed" and who in placed:
        placed = placed[placed["seed"] >= 0]  # nervous systems have none, and are nobody's twins
    if who in placed:
        for _, own in placed.sort_values("at").groupby(who):
            ax.plot(own["at"], own["value"], color="#999999", linewidth=0.7, alpha=0.7, zorder=1)


@final
@register("strip")
@define_spec
class Strip(GroupPlot):
    """Every subject of each group as a dot, twins joined, with the mean and its 95 % interval."""

    def _draw(self, record: xr.Dataset, y: str, compared: Pairs) -> Figure:
        return strip(record, y, self.x, hue=self.hue, where=self.where, compared=compared, title=self.title)

    def _key(self) -> str:
        joined = "" if self.hue else " thin lines join twins, or one subject's values;"
        return f"Each dot is one subject;{joined} bar: mean with its 95 % interval (Student's t), from 3 subjects on."
