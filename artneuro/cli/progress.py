"""Progress: what a run tells while it works, as bars with the time left, or as lines where there is no terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from artneuro.cli.printable import printable
from artneuro.study.events import (
    Analysing,
    Dropped,
    Event,
    Expected,
    Failed,
    Finished,
    Gathered,
    Gathering,
    Listener,
    Looking,
    Planned,
    Progressed,
    Remark,
    Retried,
    Started,
)
from artneuro.study.telling import Lines, analysing, expected, gathered, gathering, left, looking, trouble


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
        yield _Written(console).hear


def _only_trouble(console: Console) -> Callable[[Event], None]:
    def hear(event: Event) -> None:
        if isinstance(event, Failed | Retried | Remark):
            _print(console, trouble(event))

    return hear


def _print(console: Console, text: str) -> None:
    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


class _Written:
    """One line a finished task."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.lines = Lines()

    def hear(self, event: Event) -> None:
        if line := self.lines.of(event):
            _print(self.console, line)


@final
class _TimeLeft(ProgressColumn):
    """Time left: of the run, as it tells itself; of a litter, from the epochs behind it."""

    def render(self, task: Task) -> Text:
        told = task.fields.get("left")
        return Text(left(task.time_remaining) if told is None else told)


class _Bars:
    """One bar for the run, and one for every litter that grows."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.all = progress.add_task("tasks", total=None, left="")
        self.growing: dict[str, TaskID] = {}

    def hear(self, event: Event) -> None:
        if isinstance(event, Planned):
            self.progress.update(self.all, total=event.tasks + event.done, completed=event.done)
        elif isinstance(event, Expected):
            _print(self.progress.console, expected(event))
        elif isinstance(event, Gathering):
            _print(self.progress.console, gathering(event))
        elif isinstance(event, Gathered):
            _print(self.progress.console, gathered(event))
        elif isinstance(event, Looking):
            _print(self.progress.console, looking(event))
        elif isinstance(event, Started):
            self.growing[event.task] = self.progress.add_task(escape(printable(event.task)), total=None)
        elif isinstance(event, Progressed) and event.task in self.growing:
            self.progress.update(self.growing[event.task], total=event.epochs, completed=event.epoch)
        elif isinstance(event, Finished | Failed | Retried):
            if event.task in self.growing:
                self.progress.remove_task(self.growing.pop(event.task))
            if isinstance(event, Retried):
                self.progress.update(self.all, total=(self.progress.tasks[self.all].total or 0) + event.more)
            else:
                self.progress.advance(self.all)
            if isinstance(event, Finished):
                self.progress.update(self.all, left=left(event.left))
        elif isinstance(event, Dropped):
            self.progress.advance(self.all)
        elif isinstance(event, Analysing):
            self.progress.add_task(analysing(event), total=None)
        if isinstance(event, Failed | Retried | Remark):
            _print(self.progress.console, trouble(event))
