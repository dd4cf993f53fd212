"""Schedules: how the learning rate changes from epoch to epoch of a rearing."""

import math
from abc import ABC, abstractmethod
from typing import final

from artneuro.errors import Problem
from artneuro.fields import Spec, between, define_spec, each, ge, gt, param
from artneuro.registry import family, register


@family("schedule")
class Schedule(Spec, ABC):
    """A factor on the optimiser's learning rate, constant within an epoch."""

    __slots__ = ()

    @abstractmethod
    def factor(self, epoch: int, epochs: int) -> float:
        """Return the factor on the learning rate.

        Parameters
        ----------
        epoch : int
            Epoch of this rearing; 0 is its first, also where an adult is reared further.
        epochs : int
            Epochs of this rearing.
        """


@final
@register("constant")
@define_spec
class Constant(Schedule):
    """The same learning rate throughout."""

    def factor(self, epoch: int, epochs: int) -> float:
        """Return 1."""
        return 1.0


@final
@register("step")
@define_spec
class Step(Schedule):
    """Multiply the learning rate by `gamma` every `every` epochs.

    Examples
    --------
    >>> [Step(every=2, gamma=0.5).factor(epoch, 6) for epoch in range(6)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """

    every: int = param(units="epoch", doc="epochs between two falls", check=ge(1))
    gamma: float = param(0.1, doc="factor at each fall", check=gt(0))

    def factor(self, epoch: int, epochs: int) -> float:
        """Return gamma to the power of the falls so far."""
        return self.gamma ** (epoch // self.every)


@final
@register("multi_step")
@define_spec
class MultiStep(Schedule):
    """Multiply the learning rate by `gamma` at each of the given epochs.

    Examples
    --------
    >>> [MultiStep(at=(1, 3), gamma=0.5).factor(epoch, 4) for epoch in range(4)]
    [1.0, 0.5, 0.5, 0.25]
    """

    at: tuple[int, ...] = param(units="epoch", doc="epochs that begin with a fall, ascending", check=each(ge(1)))
    gamma: float = param(0.1, doc="factor at each fall", check=gt(0))

    def problems(self) -> list[Problem]:
        """Refuse epochs out of order, and none."""
        if not self.at or list(self.at) != sorted(set(self.at)):
            return [Problem("at", "one epoch or more, ascending", str(list(self.at)))]
        return []

    def factor(self, epoch: int, epochs: int) -> float:
        """Return gamma to the power of the falls so far."""
        falls: float = self.gamma ** sum(epoch >= fall for fall in self.at)
        return falls


@final
@register("cosine")
@define_spec
class Cosine(Schedule):
    """Let the learning rate fall along half a cosine (Loshchilov and Hutter 2017, arXiv 1608.03983, eq. 5).

    In epoch `e` of `E`: ``final + (1 - final) * (1 + cos(pi * e / E)) / 2``, as in torch's `CosineAnnealingLR` with
    ``T_max = E``: the last epoch is one step short of `final`.

    Examples
    --------
    >>> [round(Cosine().factor(epoch, 4), 3) for epoch in range(4)]
    [1.0, 0.854, 0.5, 0.146]
    """

    final: float = param(0.0, doc="share of the learning rate that it falls towards", check=between(0, 1))

    def factor(self, epoch: int, epochs: int) -> float:
        """Return the height of the half cosine."""
        return self.final + (1 - self.final) * (1 + math.cos(math.pi * epoch / epochs)) / 2


@final
@register("exponential")
@define_spec
class Exponential(Schedule):
    """Multiply the learning rate by `gamma` each epoch.

    Examples
    --------
    >>> [Exponential(gamma=0.5).factor(epoch, 3) for epoch in range(3)]
    [1.0, 0.5, 0.25]
    """

    gamma: float = param(doc="factor each epoch", check=gt(0))

    def factor(self, epoch: int, epochs: int) -> float:
        """Return gamma to the power of the epoch."""
        factor: float = self.gamma**epoch
        return factor


@final
@register("restart")
@define_spec
class Restart(Schedule):
    """Begin a schedule anew at an epoch, as one does for subjects whose deficit ends there.

    Up to there it is the schedule over the whole rearing; from there, the schedule over the epochs that are left.

    Examples
    --------
    >>> [Restart(at=2, schedule=Exponential(gamma=0.5)).factor(epoch, 4) for epoch in range(4)]
    [1.0, 0.5, 1.0, 0.5]
    """

    at: int = param(units="epoch", doc="epoch in which the schedule is at its beginning again", check=ge(1))
    schedule: Schedule = param(doc="the schedule that is begun anew")

    def factor(self, epoch: int, epochs: int) -> float:
        """Return the factor of the schedule before or after the restart."""
        if epoch < self.at:
            return self.schedule.factor(epoch, epochs)
        return self.schedule.factor(epoch - self.at, epochs - self.at)
