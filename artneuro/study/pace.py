"""How long a run will still take, judged from the tasks that are done."""

from collections import Counter, defaultdict
from typing import final

import attrs

from artneuro.study.executors import Task


@final
@attrs.define(eq=False)
class Pace:
    """Counts what is left, by kind of task, and what one of each kind has taken so far.

    Parameters
    ----------
    left : Counter of kind
        How much is still to be done; see `executors.Task`.
    """

    _left: Counter[str]
    _seconds: defaultdict[str, float] = attrs.field(factory=lambda: defaultdict(float), init=False)
    _done: Counter[str] = attrs.field(factory=Counter, init=False)
    _under_way: dict[str, tuple[Task, float]] = attrs.field(factory=dict, init=False)

    def began(self, task: Task, now: float) -> None:
        """Take note that a task has begun, in seconds of a clock."""
        self._under_way[task.name] = task, now

    def ended(self, task: Task) -> None:
        """Take note that a task is no longer under way, however it ended."""
        self._under_way.pop(task.name, None)

    def did(self, task: Task, seconds: float) -> None:
        """Take note that a task was done in so many seconds."""
        self._left[task.kind] -= task.count
        self._done[task.kind] += task.count
        self._seconds[task.kind] += seconds

    def dropped(self, task: Task) -> None:
        """Take note that a task will not be done."""
        self._left[task.kind] -= task.count

    def remaining(self, places: int, now: float) -> float | None:
        """Return the seconds that are left with so many workers, or None while a kind has never been done.

        What is under way takes as long as its like, and has been so long already.
        """
        total = 0.0
        for kind, count in self._left.items():
            if count <= 0:
                continue
            if not self._done[kind]:
                return None
            total += count * self._seconds[kind] / self._done[kind]
        for task, begun in self._under_way.values():
            if self._done[task.kind]:
                total -= min(now - begun, task.count * self._seconds[task.kind] / self._done[task.kind])
        return max(0.0, total) / places
