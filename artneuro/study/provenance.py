"""Where, when and with what a run was made: the record of the run itself, apart from its results."""

import os
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


def begin(store: Store, plan: Plan, executor: str, workers: int | None, command: str, file: Path | None) -> None:
    """Add a session to `provenance.json`; it stays without an end where the run is killed."""
    before = read_json(store.folder / NAME)["sessions"] if (store.folder / NAME).exists() else []
    session = {
        "started": now(),
        "ended": None,
        "outcome": None,
        "command": command,
        "study_file": None if file is None else {"name": file.name, **_commit(file)},
        "declaration": plan.study.fingerprint,
        "executor": executor,
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
    """Return the last commit of the file's repository and whether the file has changed since; nothing without git.

    The repository may be a stranger's, and its configuration name programs: git is asked only for what runs none of
    them. So not for its status, which would run hooks and filters.
    """
    try:
        head = _git(file, "rev-parse", "HEAD")
        there = _git(file, "hash-object", "--no-filters", "--", file.name)
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "changed_since": None}
    try:
        committed = _git(file, "rev-parse", "--verify", f"HEAD:./{file.name}")
    except subprocess.CalledProcessError:  # it is not in that commit
        committed = ""
    return {"commit": head, "changed_since": there != committed}


def _git(file: Path, *arguments: str) -> str:
    asked = ["git", "-C", str(file.resolve().parent), *arguments]
    alone = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}  # nothing is fetched from anywhere
    return subprocess.run(asked, capture_output=True, text=True, check=True, env=alone).stdout.strip()
