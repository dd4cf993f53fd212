"""Validation: part of another environment's training stimuli, held out to choose by; its test stimuli stay unseen."""

from pathlib import Path
from typing import final

import attrs
import torch

from artneuro.environment import sampling
from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Check, define_spec, param
from artneuro.registry import register
from artneuro.seeds import Stream

HELD_OUT = Check(
    "of at least 1, or a share between 0 and 1",
    lambda held_out: held_out >= 1 if isinstance(held_out, int) else 0 < held_out < 1,
    {"exclusiveMinimum": 0},
)
"""What may be held out: so many stimuli, or a share of them."""


@final
@register("validation")
@define_spec
class Validation(EnvironmentSource):
    """Another environment in which part of its training stimuli are the test stimuli; its own test stimuli are absent.

    It is where hyper-parameters are chosen: whatever is read off its test stimuli has never touched those of the other.
    Each class has the same share of both sets, as near as can be. Pixels are presented as in the other environment,
    normalised by all of its training stimuli. `Stimuli.index` is the position in the other environment's source.

    Examples
    --------
    >>> import artneuro as an
    >>> within = an.environment("validation", of="digits", held_out=0.2)
    >>> len(within.train), len(within.test)
    (1038, 259)
    """

    of: EnvironmentSource = param(doc="the environment whose training stimuli are divided")
    held_out: int | float = param(
        0.2, doc="training stimuli held out: how many, or which share where it is below 1", check=HELD_OUT
    )
    split_seed: int = param(0, doc="seed of the choice of stimuli held out")

    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Read the other environment and divide its training stimuli.

        Raises
        ------
        DataError
            Where its data are missing or corrupt.
        SpecificationError
            Where too few or too many would be held out: each class needs a stimulus in both sets.
        """
        whole = self.of.load(data_root, device)
        targets = whole.train.targets.cpu()
        classes = whole.classes or ("all",)  # where targets are values, stimuli are all of one kind
        train, held_out = sampling.split(
            (targets if whole.classes else torch.zeros(len(targets), dtype=torch.int64)).numpy(),
            self._count(len(targets), len(classes)),
            classes,
            Stream(self.split_seed).child("validation"),
        )
        sets = [whole.train.of_numbers(torch.from_numpy(part).to(whole.device)) for part in (train, held_out)]
        return attrs.evolve(whole, source=self, train=sets[0], test=sets[1])

    def _count(self, there: int, classes: int) -> int:
        count = self.held_out if isinstance(self.held_out, int) else round(self.held_out * there)
        if not classes <= count <= there - classes:
            required = f"{classes} (one a class) to {there - classes} of the {there} training stimuli"
            came = str(count) if count == self.held_out else f"{self.held_out:g}, which is {count}"
            raise SpecificationError([Problem("validation.held_out", required, came)])
        return count
