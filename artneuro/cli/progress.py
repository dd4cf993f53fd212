"""Progress: what a run tells while it works, as bars with the time left, or as lines where there is no terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from artneuro.study.events import (
    Analysing,
    Dropped,
    Event,
    Failed,
    Finished,
    Listener,
    Planned,
    Progressed,
    Remark,
    Started,
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


@contextmanager
def shown(console: Console, quiet: bool) -> Iterator[Listener]:
    """Give the listener of a run.

    Parameters
    ----------
    console : Console
        Where it is shown; a bar where that is a terminal, lines otherwise.
    quiet : bool
        Show nothing but what failed or needs a person's attention.
    """
    if quiet:
        yield _only_trouble(console)
    elif console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _TimeLeft())
        with Progress(*columns, console=console, transient=True) as progress:
            yield _Bars(progress).hear
    else:
        yield _Lines(console).hear


def _only_trouble(console: Console) -> Callable[[Event], None]:
    def hear(event: Event) -> None:
        if isinstance(event, Failed | Remark):
            _print(console, _trouble(event))

    return hear


def _analysing(event: Analysing) -> str:
    counts = [
        (event.analyses, "analysis", "analyses"),
        (event.hypotheses, "hypothesis", "hypotheses"),
        (event.figures, "figure", "figures"),
    ]
    made = ", ".join(f"{count} {one if count == 1 else several}" for count, one, several in counts if count)
    return f"Analysing{': ' if made else ''}{made} ..."


def _trouble(event: Failed | Remark) -> str:
    return event.text if isinstance(event, Remark) else f"{event.task}: could not be done: {event.reason}"


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return "nearly done" if seconds < 1 else f"about {duration(seconds)} left"


def _print(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


class _Lines:
    """One line a finished task."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.tasks = 0
        self.finished = 0

    def hear(self, event: Event) -> None:
        if isinstance(event, Planned):
            self.tasks = event.tasks
            before = f"; {event.done} done before" if event.done else ""
            _print(self.console, f"{event.tasks} tasks to do{before}.")
        elif isinstance(event, Finished):
            self.finished += 1
            parts = [f"[{self.finished}/{self.tasks}] {event.task}", duration(event.seconds), _left(event.left)]
            _print(self.console, ", ".join(filter(None, parts)))
        elif isinstance(event, Failed | Dropped):  # nothing more will come of it
            self.finished += 1
        elif isinstance(event, Analysing):
            _print(self.console, _analysing(event))
        if isinstance(event, Failed | Remark):
            _print(self.console, _trouble(event))


@final
class _TimeLeft(ProgressColumn):
    """Time left: of the run, as it tells itself; of a litter, from the epochs behind it."""

    def render(self, task: Task) -> Text:
        told = task.fields.get("left")
        return Text(_left(task.time_remaining) if told is None else told)


class _Bars:
    """One bar for the run, and one for every litter that grows."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.all = progress.add_task("tasks", total=None, left="")
        self.growing: dict[str, TaskID] = {}

    def hear(self, event: Event) -> None:
        if isinstance(event, Planned):
            self.progress.update(self.all, total=event.tasks + event.done, completed=event.done)
        elif isinstance(event, Started):
            self.growing[event.task] = self.progress.add_task(event.task, total=None)
        elif isinstance(event, Progressed) and event.task in self.growing:
            self.progress.update(self.growing[event.task], total=event.epochs, completed=event.epoch)
        elif isinstance(event, Finished | Failed):
            if event.task in self.growing:
                self.progress.remove_task(self.growing.pop(event.task))
            self.progress.advance(self.all)
            if isinstance(event, Finished):
                self.progress.update(self.all, left=_left(event.left))
        elif isinstance(event, Dropped):
            self.progress.advance(self.all)
        elif isinstance(event, Analysing):
            self.progress.add_task(_analysing(event), total=None)
        if isinstance(event, Failed | Remark):
            _print(self.progress.console, _trouble(event))
