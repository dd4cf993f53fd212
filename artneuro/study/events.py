"""What a run tells while it works: one small object an event, for a progress bar or a log."""

from collections.abc import Callable
from typing import final

import attrs


@final
@attrs.frozen
class Looking:
    """The run looks through what earlier ones have left in its folder: so many subjects and parts, at most."""

    subjects: int
    parts: int


@final
@attrs.frozen
class Planned:
    """The run begins.

    Parameters
    ----------
    tasks : int
        Tasks left to do.
    done : int
        Tasks that an earlier run of this folder has done already.
    """

    tasks: int
    done: int


@final
@attrs.frozen
class Expected:
    """What the run will take, from a calibration: `seconds` with so many `workers`; bytes of `memory` and `disk`."""

    seconds: float
    workers: int
    memory: int
    disk: int


@final
@attrs.frozen
class Gathering:
    """So many workers of a running Dask cluster are waited for, some seconds at most."""

    scheduler: str
    workers: int
    seconds: float


@final
@attrs.frozen
class Gathered:
    """The workers of a Dask cluster are there; `dashboard` is the address of a page that shows what they do."""

    workers: int
    dashboard: str


@final
@attrs.frozen
class Started:
    """A task begins; `task` names it in words, such as ``rear half (10 subjects)``."""

    task: str


@final
@attrs.frozen
class Progressed:
    """A litter has grown a little.

    Parameters
    ----------
    task : str
        Name of the task.
    epoch, epochs : int
        Epochs complete, of so many.
    """

    task: str
    epoch: int
    epochs: int


@final
@attrs.frozen
class Finished:
    """A task is done and its files are on disk.

    Parameters
    ----------
    task : str
        Name of the task.
    seconds : float
        How long it took.
    left : float or None
        Seconds until the last task is done, judged from tasks of the same kind; None until one of each kind is done.
    """

    task: str
    seconds: float
    left: float | None


@final
@attrs.frozen
class Retried:
    """A task could not be done and is tried again, whole or in two; `reason` says why and how, in words.

    `more` is by how many tasks there are more to do for it.
    """

    task: str
    reason: str
    more: int = 0


@final
@attrs.frozen
class Failed:
    """A task could not be done; the study goes on without it, and the run ends with an error that names it."""

    task: str
    reason: str


@final
@attrs.frozen
class Dropped:
    """A task falls away: its subject diverged, what it would make is there, or what it builds on could not be done."""

    task: str


@final
@attrs.frozen
class Analysing:
    """All tasks are done; their records are joined and analysed, which takes seconds.

    Parameters
    ----------
    analyses, hypotheses, figures : int
        How many are made.
    """

    analyses: int
    hypotheses: int
    figures: int


@final
@attrs.frozen
class Remark:
    """Something a person should know: a damaged file that is made anew, a subject that diverged."""

    text: str


Event = (
    Looking
    | Planned
    | Expected
    | Gathering
    | Gathered
    | Started
    | Progressed
    | Finished
    | Retried
    | Failed
    | Dropped
    | Analysing
    | Remark
)
Listener = Callable[[Event], None]
