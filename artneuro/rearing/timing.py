"""When: where a rearing stands, and the window within which an intervention acts."""

from typing import final

import attrs

from artneuro.errors import Problem
from artneuro.fields import Spec, define_spec, ge, param
from artneuro.rearing.rearing import Rearing


@final
@attrs.frozen
class Clock:
    """Where rearing stands.

    Parameters
    ----------
    epoch : int
        Age in epochs that are complete; 0 during the first epoch.
    step : int
        Updates of the weights since birth.
    """

    epoch: int
    step: int

    def after(self, rearing: Rearing, stimuli: int) -> "Clock":
        """Return where a rearing on so many stimuli stands at its end, if it begins here.

        Examples
        --------
        >>> Clock(2, 20).after(Rearing(epochs=3, batch=64), stimuli=100)
        Clock(epoch=5, step=26)
        """
        return Clock(self.epoch + rearing.epochs, self.step + rearing.epochs * -(-stimuli // rearing.batch))


@final
@define_spec
class Window(Spec):
    """When an intervention acts: from `onset` to before `offset`."""

    onset: int = param(0, units="epoch", doc="first epoch in which it acts", check=ge(0))
    offset: int | None = param(
        None, units="epoch", doc="first epoch in which it no longer acts; never, if left out", check=ge(0)
    )

    def problems(self) -> list[Problem]:
        """Refuse a window that ends before it begins."""
        if self.offset is not None and self.offset < self.onset:
            return [Problem("offset", f"at least the onset, {self.onset}", str(self.offset))]
        return []

    def holds(self, epoch: int) -> bool:
        """Tell whether the intervention acts in this epoch."""
        return self.onset <= epoch and (self.offset is None or epoch < self.offset)

    def updates(self, rearing: Rearing, begin: Clock, stimuli: int) -> range:
        """Return the numbers, from birth, of the updates of a rearing on so many stimuli in which it acts.

        Examples
        --------
        >>> Window(onset=1, offset=3).updates(Rearing(epochs=5, batch=64), Clock(0, 0), stimuli=100)
        range(3, 7)
        """
        end = begin.after(rearing, stimuli)
        each = (end.step - begin.step) // max(rearing.epochs, 1)
        first = max(self.onset, begin.epoch)
        last = end.epoch if self.offset is None else min(self.offset, end.epoch)
        return range(begin.step + (first - begin.epoch) * each + 1, begin.step + (last - begin.epoch) * each + 1)
