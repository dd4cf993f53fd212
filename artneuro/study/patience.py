"""A worker that hangs: how it is told from one that works."""

import time
from typing import final

import attrs

PATIENCE = 600.0
"""Seconds."""
HUNG = "hung"
"""What is told, with the reason, of a task whose worker is about to be ended."""
IDLE = 0.01
"""Share of one core, on average over the patience, below which a worker counts as hanging; one that waits for a slow
disk now and then, or shares its core with others, stays above it."""


@final
@attrs.define
class Watch:
    """Tells of one task whether it hangs: whether it has used (nearly) no processor time for a while.

    Parameters
    ----------
    patience : float
        For how many seconds.

    Examples
    --------
    >>> watch = Watch(60.0)
    >>> [watch.hangs(now, processor) for now, processor in [(0, 5.0), (25, 5.1), (50, 5.1), (61, 5.1)]]
    [False, False, False, True]
    >>> [watch.hangs(now, processor) for now, processor in [(0, 5.0), (25, 6.0), (50, 6.0), (61, 6.0), (86, 6.0)]]
    [False, False, False, False, True]

    Where nobody looked for long, who looks was stopped as well, with all of the machine: that counts for nothing.

    >>> [watch.hangs(now, processor) for now, processor in [(0, 5.0), (500, 5.0), (525, 5.0), (550, 5.0), (561, 5.0)]]
    [False, False, False, False, True]
    """

    patience: float
    _looked: float = attrs.field(default=float("inf"), init=False)
    _since: float = attrs.field(default=float("inf"), init=False)
    _used: float = attrs.field(default=0.0, init=False)

    def hangs(self, now: float, processor: float) -> bool:
        """Look again.

        Parameters
        ----------
        now : float
            Seconds of a clock.
        processor : float
            Processor time that was used up to now, in seconds.
        """
        stopped = now - self._looked > self.patience / 2
        self._looked = now
        if now < self._since or stopped or processor - self._used > IDLE * self.patience:
            self._since, self._used = now, processor
        return now - self._since >= self.patience


@final
@attrs.define
class Rounds:
    """Says when to look again at workers, all of which are waited for with one patience.

    Parameters
    ----------
    patience : float
        In seconds.
    """

    patience: float
    _last: float = attrs.field(default=float("-inf"), init=False)

    @property
    def pause(self) -> float:
        """Seconds after which it is soon enough."""
        return min(5.0, self.patience / 4)

    def due(self) -> bool:
        """Tell whether it is time, and if so, count from now."""
        now = time.monotonic()
        if now - self._last < self.pause:
            return False
        self._last = now
        return True

    def begin(self) -> Watch:
        """Return the watch of a task that begins."""
        return Watch(self.patience)


def hung(patience: float) -> str:
    """Say what became of a task whose worker was ended.

    Examples
    --------
    >>> hung(600)
    'it hung: its worker process used no processor time for 10 min, and was ended (see --patience)'
    """
    length = f"{patience / 60:g} min" if patience >= 60 else f"{patience:g} s"
    return f"it hung: its worker process used no processor time for {length}, and was ended (see --patience)"
