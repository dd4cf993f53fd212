"""Label permutation: the right classes under wrong names. Achille et al. 2019, section 2."""

from collections.abc import Iterator
from typing import final

import torch
from torch import Tensor

from artneuro.environment.environment import Environment
from artneuro.errors import Problem
from artneuro.fields import define_spec, param
from artneuro.rearing.intervention import Instructive
from artneuro.rearing.timing import Window
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("LabelPermutation")
@define_spec
class LabelPermutation(Instructive):
    """Tell subjects the classes under each other's names: one permutation, the same for all stimuli and epochs.

    What is alike stays alike, so the task is as easy as before; only its last step must be learnt anew once the names
    are right again. (`LabelCorruption` is the other thing: targets that have nothing to do with the image.)

    Where no permutation is given each subject has its own, drawn from its stream among those that leave no class its
    name, each with the same chance.

    Examples
    --------
    >>> told = LabelPermutation(permutation=(1, 2, 0)).relabel(torch.tensor([0, 0, 1, 2]), 3, Stream(0))
    >>> told
    tensor([1, 1, 2, 0])
    """

    permutation: tuple[int, ...] | None = param(
        None, doc="the number that each class is told as, class by class; each subject's own, if left out"
    )
    window: Window = param(Window(), doc="when it acts")

    def problems(self) -> list[Problem]:
        """Refuse what is no permutation."""
        if self.permutation is None or sorted(self.permutation) == list(range(len(self.permutation))):
            return []
        required = f"each number from 0 to {len(self.permutation) - 1} once"
        return [Problem("permutation", required, str(list(self.permutation)))]

    def refusals(self, environment: Environment) -> Iterator[Problem]:
        """Refuse a permutation of more or fewer classes than there are."""
        classes = len(environment.classes)
        if self.permutation is not None and len(self.permutation) != classes:
            yield Problem("permutation", f"a number for each of {classes} classes", str(len(self.permutation)))
        elif classes < 2:
            yield Problem("permutation", "an environment of at least 2 classes", str(classes))

    def relabel(self, targets: Tensor, classes: int, stream: Stream) -> Tensor:
        """Return the targets (stimulus,) under their new names."""
        names = torch.tensor(self.permutation) if self.permutation is not None else _derangement(classes, stream)
        return names.to(targets)[targets]


def _derangement(classes: int, stream: Stream) -> Tensor:
    """Draw a permutation without a fixed point; of all permutations, 1 in e has none, so few draws are enough."""
    generator, names = stream.torch(), torch.arange(classes)
    while True:
        drawn = torch.randperm(classes, generator=generator)
        if not (drawn == names).any():
            return drawn
