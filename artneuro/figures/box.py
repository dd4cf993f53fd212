"""Box: the distribution over subjects of each group, as quartiles."""

from typing import final

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from artneuro.fields import define_spec
from artneuro.figures.canvas import styled
from artneuro.figures.groups import GroupPlot, Scene, dots, draw_groups
from artneuro.figures.marks import Pairs
from artneuro.registry import register
from artneuro.selection import Where


@styled
def box(
    record: xr.Dataset,
    y: str,
    x: str = "arm",
    *,
    hue: str | None = None,
    where: Where | None = None,
    compared: Pairs = (),
    title: str = "",
) -> Figure:
    """Draw groups as boxes: how do they differ, in their middle and their spread.

    Box: quartiles; line: median; whiskers: the farthest subjects within 1.5 times the box's height (Tukey). Each dot
    is a subject, the mean over every dim that is not named, so that few subjects never hide behind a box.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    y : str
        The variable.
    x : str
        Dim or property of subjects with one place each along x.
    hue : str, optional
        Dim or property of subjects that colours tell apart at each place.
    where : mapping, optional
        What is kept; see `artneuro.selection.select`.
    compared : sequence of (a, b, p)
        Levels of `x` and the p value of their comparison, made by `artneuro.statistics`; a bracket marks p < .05.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in the record, arms would be mixed, or `compared` names no group of the figure.
    DesignError
        Where no subject has a value.

    Examples
    --------
    >>> record = xr.Dataset({"auc": ("subject", [0.9, 0.8, 0.5, 0.6], {"long_name": "area under the curve"})},
    ...                     {"arm": ("subject", ["clean", "clean", "half", "half"])})
    >>> [label.get_text() for label in box(record, "auc").axes[0].get_xticklabels()]
    ['clean', 'half']
    """
    return draw_groups(record, y, x, hue, where, compared, title, _paint)


def _paint(ax: Axes, scene: Scene) -> None:
    for at, look, table in scene.groups():
        ax.boxplot(
            table["value"],
            positions=[at],
            widths=0.7 * scene.width,
            showfliers=False,  # every subject is a dot already
            patch_artist=True,
            boxprops={"facecolor": to_rgba(look.colour, 0.25), "edgecolor": look.colour, "linewidth": 1.3},
            medianprops={"color": look.colour, "linewidth": 2.4, "solid_capstyle": "butt"},
            whiskerprops={"color": look.colour, "linewidth": 1.3},
            capprops={"color": look.colour, "linewidth": 1.3},
        )
    dots(ax, scene)


@final
@register("box")
@define_spec
class Box(GroupPlot):
    """The distribution over subjects of each group, as quartiles with every subject as a dot."""

    def _draw(self, record: xr.Dataset, y: str, compared: Pairs) -> Figure:
        return box(record, y, self.x, hue=self.hue, where=self.where, compared=compared, title=self.title)

    def _key(self) -> str:
        return "Box: quartiles; line: median; whiskers: within 1.5 times the box; each dot is one subject."
