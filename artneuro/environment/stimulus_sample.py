"""Which stimuli of an environment a recording is made with: the same for all subjects, whatever their seed."""

from collections.abc import Iterator
from typing import Literal, final

import numpy as np
import torch

from artneuro.environment.environment import Environment, Stimuli
from artneuro.environment.sampling import apportion, draw
from artneuro.errors import Problem
from artneuro.fields import Spec, define_spec, ge, param
from artneuro.seeds import Stream


@final
@define_spec
class StimulusSample(Spec):
    """A sample of the stimuli of an environment, with the shares that classes have in the set, sorted by class.

    It is drawn with a seed of its own, not a subject's: activity can be compared between subjects only where they saw
    the same stimuli. A smaller sample of one seed is part of a larger one.

    Examples
    --------
    >>> import artneuro as an
    >>> few = StimulusSample(count=20).of(an.environment("digits"))
    >>> few.targets.tolist() == sorted(few.targets.tolist()), few.targets.bincount().tolist()
    (True, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    """

    set: Literal["train", "test"] = param("test", doc="set that stimuli are taken from")
    count: int | None = param(500, doc="stimuli; all of the set, if nothing", check=ge(4))
    seed: int = param(0, doc="seed of the sample", check=ge(0))

    def refusals(self, environment: Environment) -> Iterator[Problem]:
        """Yield why an environment has no such sample."""
        there = len(self._set(environment))
        if self.count is not None and self.count > there:
            yield Problem("stimuli.count", f"at most {there}, all there are in the {self.set} set", str(self.count))
        if there < 4:
            yield Problem("stimuli.set", "a set of 4 stimuli or more", f"one of {there}")

    def _set(self, environment: Environment) -> Stimuli:
        return environment.test if self.set == "test" else environment.train

    def of(self, environment: Environment) -> Stimuli:
        """Return the stimuli, sorted by class, where there are classes, and then in the order of the set."""
        everything = self._set(environment)
        if environment.classes:
            targets = everything.targets.cpu().numpy()
            counts = np.bincount(targets, minlength=len(environment.classes)).tolist()
        else:  # of values, all are of one kind
            targets, counts = np.zeros(len(everything), dtype=np.int64), [len(everything)]
        chosen = np.arange(len(targets))
        if self.count is not None and self.count < len(targets):
            names = environment.classes or ("all",)
            chosen = draw(targets, apportion(counts, self.count), names, Stream(self.seed).child("sample", self.set))
        order = chosen[np.argsort(targets[chosen], kind="stable")]
        return everything.of_numbers(torch.from_numpy(order).to(everything.targets.device))
