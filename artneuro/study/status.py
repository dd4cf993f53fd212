"""Status: how far a run is, told from what lies in its folder; nothing is written, and no lock is taken."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, final

import attrs

from artneuro.errors import RecordError, RunError
from artneuro.study.contents import require_plain
from artneuro.study.holder import Holder
from artneuro.study.lock import holder
from artneuro.study.session import Session
from artneuro.study.store import PLAN, SEARCH, Store

State = Literal["beginning", "running", "done", "failed", "interrupted", "killed", "elsewhere"]
"""How a run stands. `beginning`: its process looks through the folder; `failed`: it is over, and tasks of it failed;
`killed`: its process is gone and left no word; `elsewhere`: it runs on another machine, or was killed there."""

ENDS: Mapping[str, State] = {"run done": "done", "run failed": "failed", "run interrupted": "interrupted"}


@final
@attrs.frozen
class Tally:
    """How many subjects, or parts of one record, are where.

    Parameters
    ----------
    done, running, failed, dropped, waiting : int
        Dropped is what nothing will come of: a subject diverged, or what it builds on failed.
    """

    done: int
    running: int
    failed: int
    dropped: int
    waiting: int


@final
@attrs.frozen
class Running:
    """A task under way.

    Parameters
    ----------
    task : str
        Its name.
    seconds : float
        Since it began.
    epoch, epochs : int
        Epochs complete, of so many, when it was last heard of; both 0 where it has not told.
    """

    task: str
    seconds: float
    epoch: int = 0
    epochs: int = 0


@final
@attrs.frozen
class Status:
    """How far a run is.

    Parameters
    ----------
    study : str
    state : str
        One of `State`.
    process : int
        Who runs it or was the last to; 0 where that is not known.
    host : str
        On which machine.
    alive : bool or None
        Whether that process lives; None where it cannot be told from this machine.
    began, heard : str
        When the run began and when it last wrote a line, in UTC; empty where it did not.
    kinds : mapping of str to Tally
        Of subjects, and of the parts of each record.
    running : tuple of Running
        Tasks under way, or that were when the run was killed.
    left : float or None
        Seconds until the last task is done, while it runs; None where that is not known.
    memory : int
        Largest resident memory of one of its processes so far, in bytes; 0 where no task is done.
    trouble : str
        The last thing that went wrong or that a person should know; empty where there was nothing.
    dashboard : str
        Address of the page on which the Dask cluster of a run shows what it does, while it runs; otherwise empty.
    """

    study: str
    state: State
    process: int
    host: str
    alive: bool | None
    began: str
    heard: str
    kinds: Mapping[str, Tally]
    running: tuple[Running, ...]
    left: float | None
    memory: int
    trouble: str
    dashboard: str = ""

    def plain(self) -> dict[str, Any]:
        """Return the same as JSON has it."""
        return attrs.asdict(self)


def status(folder: Path | str) -> Status:
    """Return how far a run is, from another process and while it works, or of one that is over.

    Parameters
    ----------
    folder : path
        The run folder.

    Raises
    ------
    RunError
        Where there is no run in it.
    """
    store = Store(Path(folder))
    if store.folder.is_dir():
        require_plain(store.folder)
    declared: Mapping[str, Any] = {}
    with suppress(RecordError):  # damaged or lost: the next run mends it, and the log tells the rest
        declared = store.plan() or (store.declared() if store.folder.is_dir() else {})
    session = Session()
    for line in store.logged():
        session = session.read(line)
    who = holder(store.folder)
    alive = None if who is None else who.alive()
    if (store.folder / SEARCH).exists():
        raise RunError(
            f"{folder}: a search of hyper-parameters lies here, and no run of a study. {SEARCH} says what was asked, "
            "log.jsonl what is done; `artneuro tune` goes on with it."
        )
    if not ((store.folder / PLAN).exists() or declared or alive):
        raise RunError(f"{folder}: no run of a study lies here. `artneuro run FILE --out {folder}` begins one.")
    state = _state(session, who, alive)
    now = datetime.now(UTC)
    running = tuple(
        Running(task, _seconds(begun.time, now), begun.epoch, begun.epochs) for task, begun in session.tasks.items()
    )
    left = session.left if state in ("running", "elsewhere") else None
    return Status(
        study=str(declared.get("study", "")),
        state=state,
        process=who.process if who else 0,
        host=who.host if who else "",
        alive=alive,
        began=session.began,
        heard=session.heard,
        kinds=dict(_tallies(session)),
        running=running,
        left=None if left is None else max(0.0, left - _seconds(session.left_at, now)),
        memory=session.memory,
        trouble=session.trouble,
        dashboard=session.dashboard if state in ("running", "elsewhere") else "",
    )


def _state(session: Session, who: Holder | None, alive: bool | None) -> State:
    """Return how a run stands: by its last word where it is over, by its process where it is not."""
    if alive and (who is None or who.process != session.process):
        return "beginning"
    if session.end:
        return ENDS[session.end]
    if alive:
        return "running"
    return "elsewhere" if alive is None and who is not None else "killed"


def _tallies(session: Session) -> Iterator[tuple[str, Tally]]:
    running = Counter[str]()
    for begun in session.tasks.values():
        running[begun.kind] += begun.count
    for kind, to_do in session.to_do.items():
        done, failed, dropped = (session.ended[how][kind] for how in ("done", "failed", "dropped"))
        waiting = max(0, to_do - done - failed - dropped - running[kind])
        yield kind, Tally(session.before[kind] + done, running[kind], failed, dropped, waiting)


def _seconds(time: str, now: datetime) -> float:
    """Return the seconds since a time of the log; none where clocks disagree or it is no time."""
    try:
        return max(0.0, (now - datetime.fromisoformat(time)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
