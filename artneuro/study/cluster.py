"""Dask: tasks done by the workers of a cluster, on this machine or on many. The one door to dask.distributed."""

import importlib.util
import logging
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, final
from uuid import uuid4

import attrs
import torch

from artneuro.errors import RunError
from artneuro.study.executors import GUARD, Equip, Executor, Outcome, Task, as_it_is, deaf, unreadable
from artneuro.study.inspection import Inspection, processor
from artneuro.study.patience import HUNG, PATIENCE

if TYPE_CHECKING:
    from distributed import Client, Future

GRACE = 300
"""Seconds for which workers of a running cluster are waited for: at the beginning, and where the last one is lost."""
ANSWER = 10
"""Seconds that a scheduler has to answer."""
TTL = 300
"""Seconds, at least, for which the whole process of a worker may say nothing."""
KEPT = "What is done is kept: run again to go on."
LOST = "lost"
"""What stands before the news of a worker that is gone."""
ROUND = 2.0
"""Seconds after which a cluster is looked at again."""


@final
class Dask(Executor):
    """Does tasks on the workers of a Dask cluster, one task a worker at a time.

    Parameters
    ----------
    bench : Any
        Sent to workers, and handed to every task.
    workers : int
        How many: of a cluster on this machine, which starts and ends with this executor; or how many of a running one
        are waited for, all of which then work.
    scheduler : str
        Address of the scheduler of a running cluster; empty for one on this machine.
    patience : float
        Seconds without processor time after which a worker hangs.
    inspection : Inspection or None
        What every worker must find where it is.
    equip : callable, optional
        Makes the bench of each worker of this machine. Those of a running cluster all have the same, since whoever
        starts them decides what each is shown.
    remark : callable, optional
        Told where a worker of a running cluster is gone that had a task of this run.

    Raises
    ------
    RunError
        Where dask.distributed is not installed, the scheduler cannot be reached, or workers cannot work for this run.
    """

    def __init__(
        self,
        bench: Any,
        workers: int,
        scheduler: str = "",
        patience: float = PATIENCE,
        inspection: Inspection | None = None,
        equip: Equip = as_it_is,
        remark: Callable[[str], None] = lambda text: None,
    ) -> None:
        require_dask()
        self.run = f"artneuro-{uuid4().hex}"
        self._bench, self._inspection = bench, inspection
        self._patience = patience
        self._here, self._remark = not scheduler, remark
        self._equip = equip if self._here else as_it_is
        self._threads = max(1, torch.get_num_threads() // workers) if self._here else 1
        self._address = scheduler or "this machine"
        self._manned = time.monotonic()
        self._busy: dict[str, _Assigned] = {}
        self._hung: dict[str, str] = {}
        self._news: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._open = ExitStack()
        try:
            self._client = self._connected(workers, scheduler)
            self._places, self._memory = workers, None
            self._look(time.monotonic())
            self.kinds = self._inspect()
        except BaseException:
            self._open.close()
            raise

    @property
    def places(self) -> int:
        """As many as there are workers just now; one where there is none, for whom it waits."""
        return max(1, self._places)

    @property
    def memory(self) -> int | None:
        """Of the smallest worker of a running cluster, where it has a limit."""
        return self._memory

    @property
    def dashboard(self) -> str:
        """Address of the page on which Dask shows what the cluster does."""
        return str(self._client.dashboard_link)

    def submit(self, task: Task) -> None:
        """Send the task to whichever worker is idle."""
        from artneuro.study.cluster_worker import Assignment, perform

        name = uuid4().hex
        given = Assignment(
            self.run, name, task, self._bench, self._equip, self._inspection, self._threads, self._patience
        )
        future = self._client.submit(perform, given, key=f"artneuro-{task.kind}-{name}", pure=False)
        self._busy[name] = _Assigned(task, time.perf_counter(), future)
        future.add_done_callback(lambda _: self._news.put((name,)))

    def wait(self, tell: Callable[[Task, int, int], None]) -> tuple[Task, Outcome]:
        """Listen to the cluster until a task is done, lost with its worker, or found to hang."""
        while True:
            if time.monotonic() - self._looked >= ROUND:  # also where every task is shorter than that
                self._look(time.monotonic())
            with suppress(queue.Empty):
                name, *news = self._news.get(timeout=ROUND)
                if name == LOST:
                    self._lost(*news)
                if name in self._busy and not news:
                    return self._ended(name)
                if name in self._busy and news[0] == HUNG and self._here:
                    self._hung[name] = news[1]  # what is submitted before its worker is gone would be lost with it
                    continue
                if name in self._busy and news[0] == HUNG:
                    assigned = self._busy.pop(name)
                    assigned.future.cancel()  # or Dask gives it to the next worker, which would hang as well
                    return assigned.task, Outcome(assigned.seconds, error=news[1])
                if name in self._busy:
                    tell(self._busy[name].task, *news)

    def close(self) -> None:
        """End what is under way: workers of this machine at once, tasks of a running cluster with their next epoch."""
        self._open.close()

    def _hear_of_all(self, event: Any) -> None:
        """Take note of a worker that the scheduler has lost."""
        said = event[1]
        if isinstance(said, dict) and said.get("action") == "remove-worker":
            self._news.put((LOST, said["worker"], said["processing-tasks"]))

    def _lost(self, address: str, keys: Iterable[str]) -> None:
        """Tell of a lost worker and what it was doing for this run: Dask gives that to another without a word."""
        names = [key.rpartition("-")[2] for key in keys]
        if tasks := [self._busy[name].task.name for name in names if name in self._busy]:
            self._remark(f"The worker {address} is gone; others begin anew: {', '.join(tasks)}.")

    def _ended(self, name: str) -> tuple[Task, Outcome]:
        """Return a task that is over, and how."""
        from distributed import KilledWorker

        assigned = self._busy.pop(name)
        task, future = assigned.task, assigned.future
        if future.cancelled():
            raise self._gone()
        try:
            outcome: Outcome = future.result()
        except KilledWorker as lost:
            if name in self._hung:
                return task, Outcome(assigned.seconds, error=self._hung.pop(name))
            error = f"its worker {lost.last_worker.address} was lost; where nobody killed it, it was out of memory"
            return task, Outcome(assigned.seconds, error=error, died=True)
        except Exception as failure:
            if self._client.status != "running":
                raise self._gone() from None
            return task, Outcome(assigned.seconds, error=unreadable(failure))
        finally:
            future.release()
        return task, outcome

    def _connected(self, workers: int, scheduler: str) -> "Client":
        from distributed import Client
        from distributed.utils import silence_logging_cmgr

        self._open.enter_context(silence_logging_cmgr(logging.CRITICAL))  # what is to be said is said here
        try:
            address = scheduler or self._open.enter_context(_cluster(workers, self._patience))
            client = Client(address, timeout=ANSWER, set_as_default=False)
        except (OSError, ValueError) as error:
            advice = "Start one with `dask scheduler`, which prints its address."
            raise RunError(f"{scheduler}: no Dask scheduler answers there ({error}). {advice}") from None
        self._open.callback(_close, client)
        if not self._here:  # those of this machine are missed with their task
            client.subscribe_topic("all", self._hear_of_all)
        client.subscribe_topic(self.run, lambda event: self._news.put(event[1]))
        try:
            client.wait_for_workers(workers, timeout=GRACE)
        except TimeoutError:
            many = "no worker" if workers == 1 else f"fewer than {workers} workers"
            raise RunError(
                f"{self._address}: {many} came in {GRACE} s. Start them with `dask worker {scheduler} --nthreads 1`."
            ) from None
        return client

    def _look(self, now: float) -> None:
        """See whether scheduler and workers are there."""
        self._looked = now
        if self._client.status != "running":
            raise self._gone()
        workers = self._client.nthreads()
        self._places = len(workers)
        # empty now and then: the client itself asks in between, for the scheduler without its workers
        if known := self._client.scheduler_info()["workers"]:
            limits = [worker["memory_limit"] for worker in known.values() if worker["memory_limit"]]
            self._memory = min(limits, default=None)
        if workers:
            self._manned = now
        elif now - self._manned > GRACE:
            raise RunError(f"{self._address}: no worker was left for {GRACE} s. {KEPT}")

    def _inspect(self) -> frozenset[str]:
        """Require that all workers can work for this run; return what kinds of processors they have.

        One that is lost meanwhile is no complaint: whoever takes its place looks for itself before its first task.
        """
        from distributed.comm import CommClosedError

        complaints = {}
        for address, threads in self._client.nthreads().items():
            if threads != 1:
                complaints[address] = f"has {threads} threads; start it with `--nthreads 1`"
        if self._inspection is not None:
            asked = self._client.run(self._inspection.complaint, on_error="return")
            for address, answer in asked.items():
                if isinstance(answer, CommClosedError):
                    continue
                if isinstance(answer, Exception):
                    answer = f"cannot load artneuro ({answer}); install the same version there"
                complaints.setdefault(address, answer)
        complaints = {address: complaint for address, complaint in complaints.items() if complaint}
        if complaints:
            listed = "".join(f"\n  {address} {complaint}" for address, complaint in complaints.items())
            raise RunError(
                f"{len(complaints)} of {self._places} workers cannot work for this run; nothing was done:{listed}\n"
                "All workers must see the run folder under the same path and have the same versions installed."
            )
        return frozenset(self._client.run(processor, on_error="ignore").values())

    def _gone(self) -> RunError:
        return RunError(f"{self._address}: the Dask scheduler went away, or dropped the tasks of this run. {KEPT}")


@final
@attrs.frozen
class _Assigned:
    task: Task
    begun: float
    future: "Future[Outcome]"

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.begun


def require_dask() -> None:
    """Refuse to go on where dask.distributed is not installed.

    Raises
    ------
    RunError
        With the remedy.
    """
    if importlib.util.find_spec("distributed") is None:
        raise RunError("dask.distributed is not installed: pip install 'artneuro[dask]', or leave --executor out")


@contextmanager
def _cluster(workers: int, patience: float) -> Iterator[Any]:
    """Give a cluster of worker processes on this machine."""
    import dask
    from distributed import LocalCluster

    settings = {
        "distributed.scheduler.allowed-failures": 0,  # a second attempt is decided on here, perhaps with less memory
        "distributed.scheduler.worker-ttl": f"{max(patience, TTL)} s",  # of a worker whose interpreter hangs
        "distributed.nanny.pre-spawn-environ": {},  # by default memory is given back at once: slow for large tensors
        "distributed.worker.profile.enabled": False,
    }
    with ExitStack() as begun:
        for again in (True, False):  # a worker that is killed while it starts takes the whole cluster with it
            try:
                with deaf(), dask.config.set(settings):
                    cluster = LocalCluster(
                        n_workers=workers,
                        threads_per_worker=1,
                        processes=True,
                        memory_limit=0,  # litters are cut to fit; a worker neither pauses nor puts results on disk
                        dashboard_address="127.0.0.1:0",
                        silence_logs=logging.CRITICAL,
                    )
                    begun.callback(cluster.close)  # in the block, at whose end an interrupt is heard
                break
            except RuntimeError as error:
                if not again:
                    said = f"worker processes cannot start ({error}); what they wrote stands above. {GUARD}"
                    raise RunError(said) from None
        yield cluster


def _close(client: "Client") -> None:
    with suppress(TimeoutError):  # of a scheduler that is gone
        client.close(timeout=ANSWER)
