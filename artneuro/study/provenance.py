"""Where, when and with what a run was made: the record of the run itself, apart from its results."""

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from artneuro import records
from artneuro.study.plan import Plan
from artneuro.study.store import Store, now, read_json

NAME = "provenance.json"

ANSWERING = ("torchvision", "scikit-learn", "pandas", "pingouin", "statsmodels", "matplotlib", "seaborn")
"""Packages that stimuli, statistics and figures come from, beside those that a record names; it holds none of these."""


def begin(store: Store, plan: Plan, workers: int, command: str, file: Path | None) -> None:
    """Add a session to `provenance.json`; it stays without an end where the run is killed."""
    before = read_json(store.folder / NAME)["sessions"] if (store.folder / NAME).exists() else []
    session = {
        "started": now(),
        "ended": None,
        "outcome": None,
        "command": command,
        "study_file": None if file is None else {"name": file.name, **_commit(file)},
        "declaration": plan.study.fingerprint,
        "workers": workers,
        "threads": plan.computing.threads,
        "device": _device(plan.computing.device),
        "platform": platform.platform(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "versions": {**records.environment_facts(), **{name: version(name) for name in ANSWERING}},
    }
    _write(store, plan, [*before, session])


def end(store: Store, plan: Plan, outcome: str) -> None:
    """Close the last session."""
    sessions = read_json(store.folder / NAME)["sessions"]
    sessions[-1] |= {"ended": now(), "outcome": outcome}
    _write(store, plan, sessions)


def _write(store: Store, plan: Plan, sessions: list[dict[str, Any]]) -> None:
    facts = {
        "study": plan.study.study,
        "environments": sorted(plan.environments),
        "stimuli": {
            fingerprint: {"train": len(seen.train), "test": len(seen.test), "classes": len(seen.classes)}
            for fingerprint, seen in sorted(plan.environments.items())
        },
        "sessions": sessions,
    }
    store.write_json(NAME, facts)


def _device(device: str) -> str:
    kind = torch.device(device).type
    return torch.cuda.get_device_name(device) if kind == "cuda" else kind


def _commit(file: Path) -> dict[str, Any]:
    """Return the last commit of the file's repository and whether the file has changed since; nothing without git."""
    try:
        head = _git(file, "rev-parse", "HEAD")
        return {"commit": head, "changed_since": _git(file, "status", "--porcelain", "--", file.name) != ""}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "changed_since": None}


def _git(file: Path, *arguments: str) -> str:
    answer = subprocess.run(
        ["git", "-C", str(file.resolve().parent), *arguments], capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()
