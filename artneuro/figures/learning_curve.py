"""Learning curve: how training and test performance develop with age."""

from collections.abc import Mapping
from typing import Literal, final

import xarray as xr
from matplotlib.figure import Figure

from artneuro.fields import define_spec, param
from artneuro.figures.canvas import styled
from artneuro.figures.curve import draw_lines, line_key
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import View, view
from artneuro.registry import register
from artneuro.selection import Where, addressed

Quantity = Literal["accuracy", "loss"]


@styled
def learning_curve(
    history: xr.Dataset,
    quantity: Quantity = "accuracy",
    *,
    hue: str | None = "arm",
    where: Where | None = None,
    title: str = "",
) -> Figure:
    """Draw how performance develops with age, on the stimuli of rearing and on new ones.

    One panel for training and one for test stimuli, on one scale. One line a group: the mean over subjects at each
    epoch with its 95 % interval (Student's t). Subjects that diverged are left out; one that stopped early counts as
    long as it has values.

    Parameters
    ----------
    history : Dataset
        The record `History`: dims `subject` and `epoch`; variables ``train_accuracy``, ``test_accuracy``,
        ``train_loss``, ``test_loss``.
    quantity : "accuracy" or "loss"
    hue : str, optional
        Property of subjects that lines tell apart.
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
    >>> epochs = (("subject", "epoch"), [[0.2, 0.6, 0.9]])
    >>> history = xr.Dataset({"train_accuracy": epochs, "test_accuracy": epochs}, {"epoch": [1, 2, 3]})
    >>> [ax.get_title() for ax in learning_curve(history, hue=None).axes]
    ['stimuli: train', 'stimuli: test']
    """
    return draw_lines(_view(history, quantity, hue, where), quantity, "epoch", hue, "stimuli", title)


def _view(history: xr.Dataset, quantity: Quantity, hue: str | None, where: Where | None) -> View:
    sets = ["train", "test"]
    parts = [
        history[addressed({"History": history}, f"History.{stimuli}_{quantity}", "quantity")[1]] for stimuli in sets
    ]
    both = xr.concat(parts, xr.Variable("stimuli", sets), coords="minimal", compat="equals")
    both.attrs = {"long_name": quantity, "units": parts[0].attrs.get("units", "1")}
    return view(both.to_dataset(name=quantity), quantity, {"x": "epoch", "hue": hue, "panels": "stimuli"}, where or {})


@final
@register("learning_curve")
@define_spec
class LearningCurve(Plot):
    """How training and test performance develop with age: mean of subjects with its 95 % interval."""

    quantity: Quantity = param("accuracy", doc="what is shown, on training and on test stimuli")
    hue: str | None = param("arm", doc="property of subjects that lines tell apart")
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variables of the record `History`."""
        return {f"quantity ({stimuli})": f"History.{stimuli}_{self.quantity}" for stimuli in ("train", "test")}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `learning_curve`."""
        history, _ = addressed(records, f"History.test_{self.quantity}", "quantity")
        return learning_curve(history, self.quantity, hue=self.hue, where=self.where, title=self.title)

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        history, _ = addressed(records, f"History.test_{self.quantity}", "quantity")
        seen = _view(history, self.quantity, self.hue, self.where)
        lines = f", one line for each {self.hue}" if self.hue and len(seen.levels(self.hue)) > 1 else ""
        opening = f"{self.quantity.capitalize()} on training and on test stimuli against age{lines}."
        return " ".join([opening, line_key(seen, [self.hue]), *seen.facts])
