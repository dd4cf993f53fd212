"""Mending: a run folder whose own papers are damaged. What they said is found elsewhere, or done without, and named.

Weights, histories, parts and records are not here: what is damaged of those is made again, see `work.survey`.
"""

from typing import Any

from artneuro.errors import RecordError
from artneuro.study.events import Listener, Remark
from artneuro.study.store import PLAN, Store, read_json

SESSIONS = "provenance.json"
INDEXES = ("statistics/results.json", "figures/figures.json")
"""What a run writes anew each time, having looked into it for files that it made before."""


def mend(store: Store, listen: Listener) -> dict[str, Any]:
    """Remove damaged papers, each with a remark, and return the plan that was last declared in the folder.

    Where the plan itself is damaged or lost, what the log tells of its hypotheses is returned: they stay declared
    before the data if they were.
    """
    before, lost = _planned(store)
    if lost:
        listen(Remark(f"{lost}. It is written anew; which hypotheses came before the data is taken from log.jsonl."))
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


def _planned(store: Store) -> tuple[dict[str, Any], str]:
    """Return the plan, or what the log tells of it, and what became of its file where it is damaged or lost."""
    path = store.folder / PLAN
    damage = f"{path}: it was here, and is gone"
    try:
        if path.exists():
            return store.plan(), ""
    except RecordError as unreadable:
        damage = str(unreadable)
    declared = store.declared()
    return declared, damage if declared or path.exists() else ""


def _sessions(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and _entries(found.get("sessions"))
        and all(isinstance(one.get("started"), str) for one in found["sessions"])
        and all(isinstance(one.get("versions"), dict) for one in found["sessions"])
    )


def _entries(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(entry, dict) for entry in found)
