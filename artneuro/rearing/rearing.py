"""Rearing: how a subject grows up."""

from typing import Literal, final

from artneuro.errors import Problem
from artneuro.fields import Spec, between, define_spec, each, ge, param
from artneuro.rearing.optimizer import SGD, Optimizer
from artneuro.rearing.schedule import Constant, Schedule


@final
@define_spec
class Augmentation(Spec):
    """What happens to each training stimulus on its way in, drawn anew every time, on the device."""

    translate: int = param(
        0, units="pixel", doc="largest shift along y and x; the border is padded with zeros", check=ge(0)
    )
    flip: bool = param(False, doc="mirror left and right with probability one half")


@final
@define_spec
class Rearing(Spec):
    """How a subject grows up: how long, on what batches, by which optimiser, and which ages are kept.

    Every training stimulus is seen once an epoch, in a new order; the last batch holds what is left. Epochs of a
    rearing count from its own start, also where an adult is reared further; the ages of a subject count from birth.
    """

    epochs: int = param(20, units="epoch", doc="passes over the training stimuli", check=ge(0))
    batch: int = param(128, doc="stimuli an update", check=ge(1))
    optimizer: Optimizer = param(SGD(lr=0.1, momentum=0.9), doc="optimiser of the weights")
    schedule: Schedule = param(Constant(), doc="how the learning rate changes with age")
    augmentation: Augmentation = param(Augmentation(), doc="random shifts and flips of the stimuli")
    label_smoothing: float = param(0.0, doc="share of the target spread over all classes", check=between(0, 1))
    precision: Literal["float32", "bfloat16"] = param(
        "float32", doc="arithmetic of the forward and backward pass of training; evaluation is always in float32"
    )
    keep: tuple[int, ...] = param(
        (),
        units="epoch",
        doc="epochs of this rearing after which weights are kept, besides the last",
        check=each(ge(0)),
    )
    evaluate_train: bool = param(
        False,
        doc="measure training loss and accuracy at the end of each epoch, in evaluation mode, "
        "instead of as means over its batches while the weights still change",
    )
    threads: int = param(
        1,
        doc="threads that the convolutions of one subject are spread over; they decide the last bits, so they are "
        "declared. Subjects grow up side by side on what other threads there are, which changes nothing",
        check=ge(1),
    )

    def problems(self) -> list[Problem]:
        """Refuse ages to keep beyond the end."""
        late = [age for age in self.keep if age > self.epochs]
        if late:
            return [Problem("keep", f"ages up to `epochs`, {self.epochs}", str(late), "Raise `epochs` or drop them.")]
        return []
