"""Mending: a run folder whose own papers are damaged. What they said is found elsewhere, or done without, and named.

Weights, histories, parts and records are not here: what is damaged of those is made again, see `work.survey`.
"""

from typing import Any

from artneuro.errors import RecordError
from artneuro.study.events import Listener, Remark
from artneuro.study.store import Store, read_json

DECLARED = "declared"
"""What the log calls the line that says which hypotheses were declared, and when."""
SESSIONS = "provenance.json"
INDEXES = ("statistics/results.json", "figures/figures.json")
"""What a run writes anew each time, having looked into it for files that it made before."""


def mend(store: Store, listen: Listener) -> dict[str, Any]:
    """Remove damaged papers, each with a remark, and return the plan that was last declared in the folder.

    Where the plan itself is damaged, what the log tells of its hypotheses is returned: they stay declared before the
    data if they were.
    """
    try:
        before = store.plan()
    except RecordError as unreadable:
        listen(
            Remark(f"{unreadable}. It is written anew; which hypotheses came before the data is taken from log.jsonl.")
        )
        before = _logged(store)
    for name in (SESSIONS, *INDEXES):
        path = store.folder / name
        if not path.exists():
            continue
        try:
            found = read_json(path)
            whole = _sessions(found) if name == SESSIONS else _entries(found)
            damage = RecordError(f"{path}: not as a run writes it")
        except RecordError as unreadable:
            whole, damage = False, unreadable
        if not whole:
            path.unlink()
            lost = "; what it said of earlier sessions is lost" if name == SESSIONS else ""
            listen(Remark(f"{damage}. It is written anew{lost}."))
    return before


def _sessions(found: Any) -> bool:
    return isinstance(found, dict) and _entries(found.get("sessions"))


def _entries(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(entry, dict) for entry in found)


def _logged(store: Store) -> dict[str, Any]:
    """Return study and hypotheses as the last sound line of the log has them."""
    last: dict[str, Any] = {}
    for line in store.logged():
        if line["event"] == DECLARED:
            last = {name: line[name] for name in ("study", "hypotheses") if name in line}
    return last
