"""What `artneuro status` prints."""

from collections.abc import Iterator, Mapping

from rich.console import Console

from artneuro.cli.pages import print_heading, print_line, print_table, print_text
from artneuro.study.status import Running, State, Status
from artneuro.study.telling import duration, left, size

IN_WORDS: Mapping[State, str] = {
    "beginning": "looks through its folder",
    "running": "runs",
    "done": "is done",
    "failed": "is over; some tasks failed, and the same command tries them again",
    "interrupted": "was interrupted; the same command goes on with it",
    "killed": "was killed; the same command goes on with it",
    "elsewhere": "runs, or was killed, on another machine: whether it lives can only be told there",
}


def standing(console: Console, found: Status) -> None:
    """Print how far a run is."""
    print_line(console, f"{found.study or 'A run'} {IN_WORDS[found.state]}.", "bold")
    if found.kinds:
        print_heading(console, "tasks")
        print_table(
            console,
            (
                (kind, *map(str, (tally.done, tally.running, tally.failed, tally.dropped, tally.waiting)))
                for kind, tally in found.kinds.items()
            ),
            ("", "done", "running", "failed", "dropped", "waiting"),
        )
    if found.running:
        print_heading(console, "under way" if found.state in ("running", "elsewhere") else "under way when it ended")
        print_table(console, ((one.task, duration(one.seconds), _epochs(one)) for one in found.running))
    print_heading(console, "run")
    print_table(console, _facts(found))
    if found.trouble:
        print_heading(console, "last remark or failure")
        print_text(console, found.trouble)


def _epochs(one: Running) -> str:
    return f"epoch {one.epoch} of {one.epochs}" if one.epochs else ""


def _moment(time: str) -> str:
    """Return a time of the log as people write it.

    Examples
    --------
    >>> _moment("2026-11-25T18:44:34.270+00:00")
    '2026-11-25 18:44:34 UTC'
    """
    return f"{time[:19].replace('T', ' ')} UTC"


def _facts(found: Status) -> Iterator[tuple[str, str]]:
    lives = {True: "lives", False: "has ended", None: "cannot be seen from here"}[found.alive]
    if found.process:
        yield "process", f"{found.process} on {found.host}; it {lives}"
    if found.began:
        yield "began", _moment(found.began)
        yield "last line", _moment(found.heard)
    if found.state == "running":
        yield "time left", left(found.left) or "known once a task of each kind is done"
    if found.dashboard:
        yield "dashboard", found.dashboard
    if found.memory:
        yield "memory", f"{size(found.memory)} in one process, at most so far"
