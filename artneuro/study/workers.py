"""Worker processes: tasks side by side, and a worker that dies takes its own task with it and nothing else."""

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, final

import attrs
import psutil
import torch

from artneuro import endless
from artneuro.errors import RunError
from artneuro.study.executors import GUARD, Equip, Executor, Outcome, Task, as_it_is, attempt, deaf, sparing, unreadable
from artneuro.study.patience import PATIENCE, Rounds, Watch, hung

READY = "ready"
"""What a worker sends when it can begin; any other text says why its task will never be done."""


@final
class Processes(Executor):
    """Does tasks in spawned worker processes, one task a worker at a time.

    A worker that dies takes its task with it and nothing else. One that hangs is ended. Workers end with this process,
    also where it is killed.

    Parameters
    ----------
    bench : Any
        Sent to every worker once, and handed to every task.
    workers : int
        How many; they start when first needed, and share the threads of the machine evenly.
    patience : float
        Seconds without processor time after which a worker hangs.
    equip : callable, optional
        Makes the bench of each worker.
    """

    def __init__(
        self,
        bench: Any,
        workers: int,
        patience: float = PATIENCE,
        equip: Equip = as_it_is,
    ) -> None:
        self._workers = workers
        self._rounds = Rounds(patience)
        self._bench, self._equip = bench, equip
        self._threads = max(1, torch.get_num_threads() // workers)
        self._context = multiprocessing.get_context("spawn")  # forked torch threads and CUDA handles do not survive
        self._idle: list[_Worker] = []
        self._busy: list[_Worker] = []

    @property
    def places(self) -> int:
        """As many as there are workers."""
        return self._workers

    @property
    def memory(self) -> int | None:
        """They share that of this machine."""
        return None

    def submit(self, task: Task) -> None:
        """Hand the task to an idle worker, or to a new one."""
        worker = self._idle.pop() if self._idle else self._start()
        self._busy.append(worker)
        worker.task, worker.begun, worker.watch = task, time.perf_counter(), self._rounds.begin()
        with suppress(BrokenPipeError, ConnectionResetError):  # a worker that has died: `wait` finds out and says so
            worker.line.send(task)

    def wait(self, tell: Callable[[Task, int, int], None]) -> tuple[Task, Outcome]:
        """Listen to all workers until one is done with its task, dead, or found to hang."""
        while True:
            ready = wait([worker.line for worker in self._busy], self._rounds.pause)
            for worker in self._busy if self._rounds.due() else ():
                if worker.hangs():
                    return self._end(worker, hung(worker.watch.patience))
            if not ready:
                continue
            worker = next(worker for worker in self._busy if worker.line in ready)
            assert worker.task is not None
            try:
                message = worker.line.recv()
            except (EOFError, ConnectionResetError):
                self._busy.remove(worker)
                return worker.task, _bury(worker)
            if isinstance(message, Outcome):
                self._busy.remove(worker)
                self._idle.append(worker)
                return worker.task, message
            if message == READY:
                worker.ready = True
            elif isinstance(message, str):
                return self._end(worker, message)
            else:
                tell(worker.task, *message)

    def close(self) -> None:
        """Kill the workers: their files appear whole or not at all."""
        for worker in self._idle + self._busy:
            worker.process.kill()
            worker.process.join()
            worker.line.close()
        self._idle, self._busy = [], []

    def _end(self, worker: "_Worker", why: str) -> tuple[Task, Outcome]:
        """End a worker whose task will never be done."""
        assert worker.task is not None
        self._busy.remove(worker)
        worker.process.kill()
        worker.process.join()
        worker.line.close()
        return worker.task, Outcome(time.perf_counter() - worker.begun, error=why)

    def _start(self) -> "_Worker":
        here, there = self._context.Pipe()
        place = min({*range(self._workers)} - {worker.place for worker in self._idle + self._busy})
        bench = self._equip(self._bench, place)
        process = self._context.Process(target=_work, args=(there, bench, self._threads), daemon=True)
        with deaf():
            process.start()
        there.close()  # so that the line ends when the worker does
        return _Worker(process, here, self._rounds.begin(), place)


@final
@attrs.define(eq=False)
class _Worker:
    process: BaseProcess
    line: Connection
    watch: Watch
    place: int
    task: Task | None = None
    begun: float = 0.0
    ready: bool = False

    def hangs(self) -> bool:
        """Tell whether it hangs; not where it is gone, which its line will tell."""
        assert self.process.pid is not None
        try:
            used = psutil.Process(self.process.pid).cpu_times()
        except psutil.NoSuchProcess:
            return False
        return self.watch.hangs(time.monotonic(), used.user + used.system)


def _bury(worker: _Worker) -> Outcome:
    """Say how a worker that has died came to its end.

    Raises
    ------
    RunError
        Where it ended by itself before it could begin: so will all others.
    """
    worker.process.join()
    worker.line.close()
    code = worker.process.exitcode or 0
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
    if not worker.ready and code >= 0:
        raise RunError(f"worker processes cannot start: the first {how}; what it wrote stands above. {GUARD}")
    error = f"its worker process {how}"
    if code == -signal.SIGKILL:
        error += "; where nobody killed it, the machine was out of memory: run with fewer workers"
    return Outcome(time.perf_counter() - worker.begun, error=error, died=True)


def _work(line: Connection, bench: Any, threads: int) -> None:
    """Do what comes down the line until it ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    endless.watch(line.send)  # after which the parent ends this process
    torch.set_num_threads(threads)
    line.send(READY)
    while True:
        try:
            task = line.recv()
        except EOFError:
            return
        except Exception as failure:  # a class that lives in a notebook, say, cannot be found from here
            line.send(Outcome(0.0, error=unreadable(failure), trace=traceback.format_exc()))
            continue
        line.send(attempt(task, bench, sparing(lambda *epochs: line.send(epochs))))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)  # nobody is left to send results to, and a new run may hold the folder
