"""What happens on a worker of a Dask cluster: a task is done, its progress told, and a worker that hangs ended."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, final

import attrs
import psutil
import torch
from distributed import get_worker

from artneuro.endless import Looks
from artneuro.study.executors import Equip, Outcome, Task, attempt, sparing
from artneuro.study.inspection import Inspection
from artneuro.study.patience import HUNG, Rounds, Watch, hung

_one_at_a_time = threading.Lock()  # random numbers are drawn from torch's global generator while networks are built
_benches: dict[str, Any] = {}


@final
@attrs.frozen
class Assignment:
    """A task, with what its worker must know of the run.

    Parameters
    ----------
    run : str
        Identity of the run; progress is told under it.
    name : str
        Identity of the assignment within it.
    task : Task
        What is to be done.
    bench : Any
        From which that of this worker is made before the first task of the run here, and kept for those after it.
    equip : callable
        Makes it.
    inspection : Inspection or None
        What must be found here before the first.
    threads : int
        Threads of a worker.
    patience : float
        Seconds without processor time after which a worker hangs.
    """

    run: str
    name: str
    task: Task
    bench: Any
    equip: Equip
    inspection: Inspection | None
    threads: int
    patience: float


class _UnwantedError(BaseException):
    """Ends a task that nobody waits for any more: not an error of the task."""


def perform(assignment: Assignment) -> Outcome:
    """Do a task here; only one at a time in this process, whatever the number of threads it was given."""
    with _one_at_a_time:
        if assignment.run not in _benches:
            complaint = assignment.inspection.complaint() if assignment.inspection else ""
            if complaint:
                return Outcome(0.0, error=f"the worker {get_worker().address} {complaint}")
            _benches.clear()  # of runs that are over, with their stimuli
            name = get_worker().name  # on a cluster that artneuro started, the number of the worker
            _benches[assignment.run] = assignment.equip(assignment.bench, name if isinstance(name, int) else 0)
        torch.set_num_threads(assignment.threads)
        with _watcher().over(assignment):
            return attempt(assignment.task, _benches[assignment.run], _teller(assignment))


def _teller(assignment: Assignment) -> Callable[[int, int], None]:
    """Return a teller that also ends the task where the cluster has dropped it: its run was ended, or is gone."""
    worker = get_worker()
    key = worker.get_current_task()

    def send(epoch: int, epochs: int) -> None:
        known = worker.state.tasks.get(key)
        if known is None or known.state == "cancelled":
            raise _UnwantedError
        worker.log_event(assignment.run, [assignment.name, epoch, epochs])

    return sparing(send)


class _Watcher:
    """A thread that looks at the tasks of this process, for as long as it lives; one a task would delay small ones."""

    def __init__(self) -> None:
        self._busy = threading.Event()
        self._under_way: tuple[Assignment, Any, set[int | None]] | None = None
        threading.Thread(target=self._look, daemon=True).start()

    @contextmanager
    def over(self, assignment: Assignment) -> Iterator[None]:
        """End this process where the block hangs, and say so before.

        Threads that are there when it begins, but for this one, are those of the worker itself.
        """
        foreign = {thread.native_id for thread in threading.enumerate()} - {threading.get_native_id()}
        self._under_way = assignment, get_worker(), foreign
        self._busy.set()
        try:
            yield
        finally:
            self._busy.clear()
            self._under_way = None

    def _look(self) -> None:
        """Look at the processor time of all threads but those of the worker itself, every now and then."""
        process, seen, looks = psutil.Process(), None, Looks()
        while True:
            self._busy.wait()
            task = self._under_way
            if task is None:
                continue
            assignment, worker, foreign = task
            if task is not seen:
                seen, watch, pause = task, Watch(assignment.patience), Rounds(assignment.patience).pause
            used = sum(each.user_time + each.system_time for each in process.threads() if each.id not in foreign)
            now = time.monotonic()
            why = hung(assignment.patience) if watch.hangs(now, used) else looks.told(now)
            if why and task is self._under_way:
                worker.log_event(assignment.run, [assignment.name, HUNG, why])
                time.sleep(1.0)  # until that is sent
                os._exit(1)
            time.sleep(pause)


@cache
def _watcher() -> _Watcher:
    """Return the one watcher of this process."""
    return _Watcher()
