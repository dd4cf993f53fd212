"""Telling: what happens in a run as plain lines, for whoever has no terminal to draw bars on, and for `run.log`."""

from typing import final

import attrs

from artneuro.study.events import (
    Analysing,
    Dropped,
    Event,
    Expected,
    Failed,
    Finished,
    Gathered,
    Gathering,
    Looking,
    Planned,
    Remark,
    Retried,
)


def duration(seconds: float) -> str:
    """Return a length of time in words.

    Examples
    --------
    >>> duration(0.4), duration(75), duration(7500)
    ('under 1 s', '1 min 15 s', '2 h 05 min')
    """
    if seconds < 1:
        return "under 1 s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(count: int) -> str:
    """Return bytes in words.

    Examples
    --------
    >>> size(512), size(3 * 1024**3 // 2)
    ('1 MiB', '1.5 GiB')
    """
    mebibytes = max(1.0, count / 2**20)
    return f"{mebibytes:.0f} MiB" if mebibytes < 1024 else f"{mebibytes / 1024:.1f} GiB"


def expected(event: Expected) -> str:
    """Return what a run will take in words.

    Examples
    --------
    >>> expected(Expected(75.0, 2, 3 * 2**29, 2**20))
    'Expected, from a short calibration: 1 min 15 s with 2 workers, 1.5 GiB of memory, 1 MiB on disk.'
    """
    workers = "1 worker" if event.workers == 1 else f"{event.workers} workers"
    room = f"{size(event.memory)} of memory, {size(event.disk)} on disk"
    return f"Expected, from a short calibration: {duration(event.seconds)} with {workers}, {room}."


def left(seconds: float | None) -> str:
    """Return the time that is left in words; nothing where it is not known.

    Examples
    --------
    >>> left(0.2), left(75), left(None)
    ('nearly done', 'about 1 min 15 s left', '')
    """
    if seconds is None:
        return ""
    return "nearly done" if seconds < 1 else f"about {duration(seconds)} left"


def trouble(event: Failed | Retried | Remark) -> str:
    """Return what a person should know in words."""
    if isinstance(event, Failed):
        return f"{event.task}: could not be done: {event.reason}"
    return f"{event.task}: {event.reason}" if isinstance(event, Retried) else event.text


def gathering(event: Gathering) -> str:
    """Return who is waited for.

    Examples
    --------
    >>> gathering(Gathering("tcp://10.0.0.1:8786", 3, 300.0))
    'Waiting for 3 workers of the Dask cluster at tcp://10.0.0.1:8786, 5 min 00 s at most ...'
    """
    count = _counted((event.workers, "worker", "workers"))
    return f"Waiting for {count} of the Dask cluster at {event.scheduler}, {duration(event.seconds)} at most ..."


def gathered(event: Gathered) -> str:
    """Return who has come to work.

    Examples
    --------
    >>> gathered(Gathered(3, "http://127.0.0.1:8787/status"))
    '3 workers are there. Dashboard: http://127.0.0.1:8787/status'
    """
    count = "1 worker is" if event.workers == 1 else f"{event.workers} workers are"
    return f"{count} there. Dashboard: {event.dashboard}"


def looking(event: Looking) -> str:
    """Return what is looked through in words.

    Examples
    --------
    >>> looking(Looking(300, 1))
    'Looking through what is done: 300 subjects, 1 part ...'
    """
    done = _counted((event.subjects, "subject", "subjects"), (event.parts, "part", "parts"))
    return f"Looking through what is done: {done} ..."


def analysing(event: Analysing) -> str:
    """Return what is analysed in words.

    Examples
    --------
    >>> analysing(Analysing(1, 2, 0))
    'Analysing: 1 analysis, 2 hypotheses ...'
    """
    made = _counted(
        (event.analyses, "analysis", "analyses"),
        (event.hypotheses, "hypothesis", "hypotheses"),
        (event.figures, "figure", "figures"),
    )
    return f"Analysing{': ' if made else ''}{made} ..."


def _counted(*counts: tuple[int, str, str]) -> str:
    """Return counts with the word for one and for several; what there is none of is left out."""
    return ", ".join(f"{count} {one if count == 1 else several}" for count, one, several in counts if count)


@final
@attrs.define
class Lines:
    """Counts tasks as they end, and has one line for each."""

    tasks: int = 0
    finished: int = 0

    def of(self, event: Event) -> str:
        """Return the line of an event; empty where it has none.

        Examples
        --------
        >>> lines = Lines()
        >>> lines.of(Planned(2, 0)), lines.of(Finished("rear a-0", 3.0, 60.0))
        ('2 tasks to do.', '[1/2] rear a-0, 3 s, about 1 min 00 s left')
        """
        if isinstance(event, Finished | Failed | Dropped):  # nothing more will come of it
            self.finished += 1
        if isinstance(event, Retried):
            self.tasks += event.more
        if isinstance(event, Planned):
            self.tasks, self.finished = event.tasks, 0
            before = f"; {event.done} done before" if event.done else ""
            return f"{event.tasks} {'task' if event.tasks == 1 else 'tasks'} to do{before}."
        if isinstance(event, Finished):
            parts = [f"[{self.finished}/{self.tasks}] {event.task}", duration(event.seconds), left(event.left)]
            return ", ".join(filter(None, parts))
        if isinstance(event, Looking):
            return looking(event)
        if isinstance(event, Expected):
            return expected(event)
        if isinstance(event, Gathering):
            return gathering(event)
        if isinstance(event, Gathered):
            return gathered(event)
        if isinstance(event, Analysing):
            return analysing(event)
        return trouble(event) if isinstance(event, Failed | Retried | Remark) else ""
