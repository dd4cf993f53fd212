"""Who does the tasks of a run: this process, worker processes beside it, or the workers of a Dask cluster."""

import re
from collections.abc import Iterator
from typing import Literal, final, get_args

import attrs

from artneuro.environment.data_root import resolve_data_root
from artneuro.errors import Problem, SpecificationError
from artneuro.study.device import card
from artneuro.study.events import Gathered, Gathering, Listener, Remark
from artneuro.study.executors import Executor, Serial
from artneuro.study.inspection import Inspection
from artneuro.study.patience import PATIENCE
from artneuro.study.store import Store
from artneuro.study.tasks import Bench
from artneuro.study.workers import Processes

Kind = Literal["serial", "processes", "dask"]
ADDRESS = r"(tcp|tls|ucx|ws|wss)://\S+:\d+"
"""Of a scheduler: a protocol that Dask speaks, a host and a port."""
UNLIKE = (
    "The processors of the workers are of several kinds ({kinds}). On each, the last bits of a result may differ: "
    "choose nodes of one kind where results are to be the same bit for bit."
)


@final
@attrs.frozen
class Crew:
    """Who is asked for; who works never changes a result.

    Parameters
    ----------
    workers : int
        How many. Of a running cluster all that are there work, and this many are waited for.
    executor : str
        ``serial``, ``processes`` or ``dask``; empty for the simplest one that has so many workers.
    scheduler : str
        Address of the scheduler of a running Dask cluster, such as ``tcp://10.0.0.1:8786``; empty for workers on this
        machine, which start and end with the run.
    patience : float
        Seconds without processor time after which a worker hangs.

    Examples
    --------
    >>> Crew(workers=1).kind, Crew(workers=2).kind, Crew(scheduler="tcp://10.0.0.1:8786").kind
    ('serial', 'processes', 'dask')
    """

    workers: int = 1
    executor: str = ""
    scheduler: str = ""
    patience: float = PATIENCE

    def __attrs_post_init__(self) -> None:
        problems = [*self._problems()]
        if problems:
            raise SpecificationError(problems)

    @property
    def kind(self) -> Kind:
        """Which executor does the tasks."""
        if self.executor in get_args(Kind):
            return self.executor  # type: ignore[return-value]
        return "dask" if self.scheduler else "serial" if self.workers == 1 else "processes"

    @property
    def counted(self) -> int | None:
        """How many workers there are; None for a running cluster's, which come and go."""
        return None if self.scheduler else self.workers

    def gather(self, bench: Bench, listen: Listener) -> Executor:
        """Return the executor; whoever calls it closes it. The run has begun: its folder has a provenance.

        Raises
        ------
        RunError
            Where there is no cluster, or its workers cannot work for this run.
        """
        if self.kind == "serial":
            return Serial(bench)
        bare = attrs.evolve(bench, environments={})
        if self.kind == "processes":
            return Processes(bare, self.workers, self.patience, _equipped)
        from artneuro.study.cluster import GRACE, Dask

        folder = bench.store.folder.absolute()
        there = attrs.evolve(bare, store=Store(folder), data_root=resolve_data_root(bench.data_root))
        if self.scheduler:
            listen(Gathering(self.scheduler, self.workers, GRACE))
        executor = Dask(
            there,
            self.workers,
            self.scheduler,
            self.patience,
            Inspection.of(folder),
            _equipped,
            lambda text: listen(Remark(text)),
        )
        listen(Gathered(executor.places, executor.dashboard))
        if len(executor.kinds) > 1:
            listen(Remark(UNLIKE.format(kinds=", ".join(sorted(executor.kinds)))))
        return executor

    def _problems(self) -> Iterator[Problem]:
        if self.executor not in ("", *get_args(Kind)):
            yield Problem("executor", "serial, processes or dask", repr(self.executor))
        if self.scheduler and self.executor not in ("", "dask"):
            yield Problem("executor", "dask, since a scheduler is given", repr(self.executor))
        if self.scheduler and not re.fullmatch(ADDRESS, self.scheduler):
            yield Problem("scheduler", "an address such as tcp://10.0.0.1:8786", repr(self.scheduler))
        if self.executor == "serial" and self.workers > 1:
            yield Problem("workers", "1, since one task is done after the other", str(self.workers))
        if self.workers < 1:
            yield Problem("workers", "a whole number >= 1", str(self.workers))
        if not self.patience > 0:
            yield Problem("patience", "a time > 0", str(self.patience))


def _equipped(bench: Bench, place: int) -> Bench:
    return attrs.evolve(bench, device=card(bench.device, place))
