"""Violin: the distribution over subjects of each group, as a smooth density."""

from typing import final

import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from artneuro.fields import define_spec
from artneuro.figures.canvas import styled
from artneuro.figures.groups import SPAN, GroupPlot, Scene, dots, draw_groups
from artneuro.figures.marks import Pairs
from artneuro.registry import register
from artneuro.selection import Where


@styled
def violin(
    record: xr.Dataset,
    y: str,
    x: str = "arm",
    *,
    hue: str | None = None,
    where: Where | None = None,
    compared: Pairs = (),
    title: str = "",
) -> Figure:
    """Draw the shape of each group's distribution.

    A Gaussian kernel density (bandwidth by Scott's rule) of subjects, cut at the lowest and highest of them, all
    violins of one width. Each dot is a subject, the mean over every dim that is not named: with ten subjects, trust
    the dots before the shape.

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
    >>> violin(record, "auc").axes[0].get_ylabel()
    'Area under the curve'
    """
    return draw_groups(record, y, x, hue, where, compared, title, _paint)


def _paint(ax: Axes, scene: Scene) -> None:
    sns.violinplot(
        scene.seen.table(),
        x=scene.x,
        y="value",
        hue=scene.hue or scene.x,
        order=scene.places,
        hue_order=list(scene.looks),
        palette={level: look.colour for level, look in scene.looks.items()},
        ax=ax,
        width=SPAN,
        gap=0.1,
        cut=0,
        inner=None,
        density_norm="width",
        saturation=1,
        linewidth=1.3,
        alpha=0.3,
        legend=False,
    )
    dots(ax, scene)


@final
@register("violin")
@define_spec
class Violin(GroupPlot):
    """The distribution over subjects of each group, as a smooth density with every subject as a dot."""

    def _draw(self, record: xr.Dataset, y: str, compared: Pairs) -> Figure:
        return violin(record, y, self.x, hue=self.hue, where=self.where, compared=compared, title=self.title)

    def _key(self) -> str:
        return "Violin: kernel density, cut at the lowest and highest subject; each dot is one subject."
