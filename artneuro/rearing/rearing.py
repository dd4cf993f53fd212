"""Rearing: how a subject grows up."""

from collections.abc import Iterator
from typing import Literal, final

import torch

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

    Every training stimulus is seen once an epoch, in a new order; the last batch holds what is left. Where one batch
    holds them all, they keep their own order: another would change nothing but the last bits of sums. Epochs of a
    rearing count from its own start, also where an adult is reared further; the ages of a subject count from birth.
    """

    epochs: int = param(20, units="epoch", doc="passes over the training stimuli", check=ge(0))
    batch: int = param(128, doc="stimuli an update", check=ge(1))
    optimizer: Optimizer = param(SGD(lr=0.1, momentum=0.9), doc="optimiser of the weights")
    schedule: Schedule = param(Constant(), doc="how the learning rate changes with age")
    augmentation: Augmentation = param(Augmentation(), doc="random shifts and flips of the stimuli")
    loss: Literal["cross_entropy", "mean_square"] = param(
        "cross_entropy",
        doc="cross_entropy: of classes; mean_square: of the differences between outputs and the values to be learnt, "
        "over stimuli and outputs. Where targets are classes, 1 for the right one and 0 for the others",
    )
    label_smoothing: float = param(0.0, doc="share of the target spread over all classes", check=between(0, 1))
    precision: Literal["float32", "bfloat16", "float64"] = param(
        "float32",
        doc="arithmetic of the forward and backward pass of training; with bfloat16, weights and evaluation are in "
        "float32, with float64 in float64, as are the stimuli",
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
    evaluate_every: int = param(
        1,
        units="epoch",
        doc="epochs from one row of the history to the next. Subjects are tested, and may be found to have diverged, "
        "at these ages alone; so `epochs`, and all ages kept or measured, are multiples of it",
        check=ge(1),
    )
    threads: int = param(
        1,
        doc="threads that the convolutions of one subject are spread over; they decide the last bits, so they are "
        "declared. Subjects grow up side by side on what other threads there are, which changes nothing",
        check=between(1, 1024),
    )

    def problems(self) -> Iterator[Problem]:
        """Refuse ages to keep beyond the end or between evaluations, and a smoothing of values."""
        late = [age for age in self.keep if age > self.epochs]
        if late:
            yield Problem("keep", f"ages up to `epochs`, {self.epochs}", str(late), "Raise `epochs` or drop them.")
        every = self.evaluate_every
        unseen = [age for age in self.keep if age % every]
        if unseen:
            advice = "Evaluate more often, or keep other ages."
            yield Problem("keep", f"ages at which subjects are evaluated, multiples of {every}", str(unseen), advice)
        if self.epochs % every:
            yield Problem("evaluate_every", f"a divisor of `epochs`, {self.epochs}", str(every))
        if self.label_smoothing and self.loss != "cross_entropy":
            advice = "Leave `label_smoothing` out: it spreads probabilities."
            yield Problem("label_smoothing", "0, with `loss: mean_square`", f"{self.label_smoothing:g}", advice)

    @property
    def dtype(self) -> torch.dtype:
        """Precision of weights, stimuli and evaluation."""
        return torch.float64 if self.precision == "float64" else torch.float32
