"""Session: what the log of a run folder tells of the last time somebody ran it; see `journal` for its lines.

Lines may have been damaged, or made up by somebody: what is not as a run writes it counts as nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, final

import attrs

ENDS = ("run done", "run failed", "run interrupted")


@final
@attrs.define
class Begun:
    """A task that began and has not ended: its kind, how much of it, since when, and how far it is."""

    kind: str
    count: int
    time: str
    epoch: int = 0
    epochs: int = 0


@final
@attrs.define(eq=False)
class Session:
    """What the lines of one session add up to.

    Parameters
    ----------
    began, heard : str
        Times of its first and its last line.
    process : int
        Who began it.
    before, to_do : Counter of kind
        What was done when it began, and what was left.
    trouble : str
        The last thing that went wrong, or that a person should know.
    dashboard : str
        Address of the page on which a Dask cluster shows what it does; empty where there is none.
    """

    began: str = ""
    heard: str = ""
    process: int = 0
    before: Counter[str] = attrs.field(factory=Counter)
    to_do: Counter[str] = attrs.field(factory=Counter)
    trouble: str = ""
    dashboard: str = attrs.field(default="", init=False)
    end: str = attrs.field(default="", init=False)
    memory: int = attrs.field(default=0, init=False)
    left: float | None = attrs.field(default=None, init=False)
    left_at: str = attrs.field(default="", init=False)
    ended: defaultdict[str, Counter[str]] = attrs.field(factory=lambda: defaultdict(Counter), init=False)
    tasks: dict[str, Begun] = attrs.field(factory=dict, init=False)

    def read(self, line: Mapping[str, Any]) -> "Session":
        """Take a line in; return the session that it belongs to, which is a new one where one begins."""
        event, task, time = text(line, "event"), text(line, "task"), text(line, "time")
        if event == "run begun":
            return self._next(line)
        self.heard = time
        if event == "started":
            self.tasks[task] = Begun(text(line, "kind"), number(line, "count"), time)
        elif event == "epochs" and task in self.tasks:
            self.tasks[task].epoch, self.tasks[task].epochs = number(line, "epoch"), number(line, "epochs")
        elif event in ("done", "failed", "dropped", "retried"):
            self.tasks.pop(task, None)
            self.ended[event][text(line, "kind")] += number(line, "count")
            self.memory = max(self.memory, number(line, "peak_memory_mb") * 2**20)
        elif event in ENDS:
            self.end = event
            self.trouble = text(line, "error") or self.trouble
        if event in ("failed", "retried"):
            self.trouble = f"{task}: {text(line, 'error')}"
        elif event == "remark":
            self.trouble = text(line, "text")
        elif event == "gathered":
            self.dashboard = text(line, "dashboard")
        if event == "done":
            self.left = float(number(line, "left")) if line.get("left") is not None else None
            self.left_at = time
        return self

    def _next(self, line: Mapping[str, Any]) -> "Session":
        time = text(line, "time")
        found = Session(time, time, number(line, "process"))
        kinds = line.get("kinds")
        for kind, counts in kinds.items() if isinstance(kinds, dict) else ():
            if isinstance(counts, dict):
                found.before[kind], found.to_do[kind] = number(counts, "done"), number(counts, "to_do")
        return found


def text(line: Mapping[str, Any], name: str) -> str:
    """Return a text of a line; empty where it has none of that name."""
    value = line.get(name)
    return value if isinstance(value, str) else ""


def number(line: Mapping[str, Any], name: str) -> int:
    """Return a count of a line, rounded; 0 where it has none of that name that a run can have written."""
    value = line.get(name)
    return round(value) if isinstance(value, int | float) and 0 <= value < 2**53 else 0
