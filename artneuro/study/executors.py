"""Where tasks are done: the interface, and the executor that does them in this process."""

import errno
import resource
import signal
import sys
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any, final

import attrs
import torch
from threadpoolctl import ThreadpoolController

from artneuro.errors import ArtneuroError

Tell = Callable[[int, int], None]
"""Called with (epochs complete, epochs) while a task rears."""
Equip = Callable[[Any, int], Any]
"""Returns the bench of a worker from that of all and its number, from 0; one that takes the place of a worker that died
has its number."""


class Task(ABC):
    """A piece of work that stands alone: it reads and writes files of the run folder, and nothing else.

    It travels to worker processes by value, so it holds specifications and plain data only.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def name(self) -> str:
        """What it does, in words, such as ``rear half (10 subjects)``."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """What it is like: tasks of one kind take about as long for each of their `count`."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How much of its kind it is."""

    @abstractmethod
    def do(self, bench: Any, tell: Tell) -> tuple[str, ...]:
        """Do the work; return what a person should know about it.

        Parameters
        ----------
        bench : Any
            What a worker keeps between tasks, as `Executor` was given it.
        tell : callable
            Told about progress.
        """


PEAK = Path("/proc/self/clear_refs")
"""Linux begins to count the largest memory of a process anew where a 5 is written there."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors after which nothing more can be written."""


@final
@attrs.frozen
class Outcome:
    """How a task ended.

    Parameters
    ----------
    seconds : float
        How long it took.
    memory : int
        Largest resident memory of its process meanwhile, in bytes; where the system is not Linux, so far.
    remarks : tuple of str
        What a person should know, where it went well.
    error : str
        Why it failed, in words; empty where it did not.
    trace : str
        For the log: where in the code it failed, unless the error is one that artneuro raises on purpose.
    died : bool
        Whether its worker ended under it.
    full : bool
        Whether nothing more can be written, so that other tasks would fail alike.
    """

    seconds: float
    memory: int = 0
    remarks: tuple[str, ...] = ()
    error: str = ""
    trace: str = ""
    died: bool = False
    full: bool = False


class Executor(ABC):
    """Does tasks, up to `places` of them at once."""

    @property
    @abstractmethod
    def places(self) -> int:
        """How many; it may change while it works."""

    @property
    @abstractmethod
    def memory(self) -> int | None:
        """Bytes that a worker may use, where that is known; None where workers share this machine."""

    @abstractmethod
    def submit(self, task: Task) -> None:
        """Take a task; never more than `places` that have not come out of `wait`."""

    @abstractmethod
    def wait(self, tell: Callable[[Task, int, int], None]) -> tuple[Task, Outcome]:
        """Wait until a task ends and return it and how it ended; meanwhile tell (task, epochs complete, epochs)."""

    @abstractmethod
    def close(self) -> None:
        """End what is still under way, at once."""


@contextmanager
def computing(threads: int) -> Iterator[None]:
    """Compute with so many threads within the block, and as before after it.

    The number of threads decides how sums are split, and so their last bits. It is therefore part of what is declared,
    never of the machine.
    """
    before = torch.get_num_threads()
    with _pools(len(sys.modules)).limit(limits=threads):
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


@lru_cache(maxsize=1)
def _pools(modules: int) -> ThreadpoolController:
    """Return the thread pools of this process; looking for them takes as long as a small task.

    They come with modules, so they are looked for again where another number of them is loaded.
    """
    return ThreadpoolController()


def as_it_is(bench: Any, place: int) -> Any:
    """Return the bench of all for every worker."""
    return bench


def attempt(task: Task, bench: Any, tell: Tell) -> Outcome:
    """Do a task here and now; an error becomes part of the outcome, so that other tasks go on."""
    begun = time.perf_counter()
    remarks: tuple[str, ...] = ()
    error = trace = ""
    full = False
    _forget_peak()
    try:
        remarks = task.do(bench, tell)
    except ArtneuroError as expected:
        error = str(expected)
    except OSError as failure:
        place = f"{failure.filename}: " if failure.filename else ""
        error, trace = f"{place}{failure.strerror or failure}", traceback.format_exc()
        full = failure.errno in FULL
    except Exception as failure:
        error, trace = f"{type(failure).__name__}: {failure}", traceback.format_exc()
    return Outcome(time.perf_counter() - begun, _peak_memory(), remarks, error, trace, full=full)


@contextmanager
def deaf() -> Iterator[None]:
    """Keep processes and threads that start within the block from ever hearing an interrupt from the keyboard.

    It reaches all processes of a terminal, and is the run's to answer. One that comes meanwhile is heard after the
    block.
    """
    resource_tracker.ensure_running()  # which would, if it started within the block, let interrupts through again
    main = threading.current_thread() is threading.main_thread()  # no other thread can answer an interrupt
    heard: list[int] = []
    answer = signal.signal(signal.SIGINT, lambda number, _: heard.append(number)) if main else None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # which they inherit
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if main:
            signal.signal(signal.SIGINT, answer)
        if heard:  # a thread that was there before let it through
            signal.raise_signal(signal.SIGINT)


def sparing(send: Tell) -> Tell:
    """Return a teller that passes the last epoch on, and at most ten a second before it."""
    last = 0.0

    def tell(epoch: int, epochs: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > 0.1 or epoch == epochs:
            last = now
            send(epoch, epochs)

    return tell


def unreadable(failure: BaseException) -> str:
    """Say that a task cannot be done elsewhere."""
    return (
        f"a worker process could not read the task ({type(failure).__name__}: {failure}). "
        "Classes of your own must lie in a module that can be imported; or run with one worker."
    )


GUARD = (
    'A script that runs a study with several workers needs `if __name__ == "__main__":` around the call. '
    "Or run with one worker."
)
"""What to do where worker processes cannot start."""


def _forget_peak() -> None:
    """Let the largest memory of this process be counted from now on."""
    with suppress(OSError):  # not Linux, or not allowed
        PEAK.write_text("5")


def _peak_memory() -> int:
    unit = 1 if sys.platform == "darwin" else 1024  # kibibytes on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@final
class Serial(Executor):
    """Does one task after the other in this process.

    Parameters
    ----------
    bench : Any
        Handed to every task.
    """

    def __init__(self, bench: Any) -> None:
        self._bench = bench
        self._task: Task | None = None

    @property
    def places(self) -> int:
        """One."""
        return 1

    @property
    def memory(self) -> int | None:
        """That of this machine."""
        return None

    def submit(self, task: Task) -> None:
        """Keep the task until `wait`."""
        self._task = task

    def wait(self, tell: Callable[[Task, int, int], None]) -> tuple[Task, Outcome]:
        """Do the task."""
        task, self._task = self._task, None
        assert task is not None
        return task, attempt(task, self._bench, lambda epoch, epochs: tell(task, epoch, epochs))

    def close(self) -> None:
        """Nothing is under way between calls."""
