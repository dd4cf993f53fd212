"""Tuning on the command line: what a search has found, and what one would take."""

import json
import shlex
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console

from artneuro.cli.pages import print_heading, print_line, print_table
from artneuro.fields import conform
from artneuro.figures.tuning import short_names
from artneuro.study.telling import duration
from artneuro.study.tuning.declaration import Tune
from artneuro.study.tuning.execution import overrides
from artneuro.study.tuning.prospect import Prospect

SHOWN = 5
"""Best trials that are printed."""


def found(console: Console, folder: Path) -> None:
    """Print the best trials of a search, and how a study takes their values over."""
    asked = json.loads((folder / "tune.json").read_text(encoding="utf-8"))
    trials: list[dict[str, Any]] = json.loads((folder / "trials.json").read_text(encoding="utf-8"))
    tune: Tune = conform(asked["tune"], Tune)
    sign = -1.0 if tune.rising else 1.0
    complete = sorted(
        (trial for trial in trials if trial["state"] == "complete"), key=lambda trial: sign * float(trial["reached"])
    )
    counts = Counter(trial["state"] for trial in trials)
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    subjects = "1 subject" if tune.subjects == 1 else f"mean of {tune.subjects} subjects"
    print_line(console, f"{len(trials)} trials ({told}) of the arm {asked['arm']}; {subjects} each, {tune.at} epoch.")
    rows = [
        (str(trial["trial"]), f"{trial['reached']:.4g}", *(_number(trial["values"][path]) for path in tune.over))
        for trial in complete[:SHOWN]
    ]
    print_table(console, rows, ("trial", tune.objective, *short_names(list(tune.over)).values()))
    best = overrides(complete[0]["values"])
    print_line(console, f"The best as options: {' '.join(f'--set {shlex.quote(one)}' for one in best)}")
    profile = folder / "best.yaml"
    print_line(console, f"As a profile for the study file: {profile}. Its test stimuli were not looked at.")
    print_line(console, f"See {folder}")


def prospects(console: Console, expected: Prospect) -> None:
    """Print what a search would take."""
    tune, seeds = expected.tune, expected.tune.seeds
    held_out = f"{tune.validation:g} of the training stimuli" if tune.validation < 1 else f"{tune.validation} stimuli"
    print_heading(console, "tuning")
    rows = [
        ("arm", expected.arm),
        ("trials", str(tune.budget)),
        ("subjects", f"{tune.subjects} a trial, seeds {seeds.start} to {seeds.stop - 1}"),
        ("judged by", f"{tune.objective} on {held_out}, {tune.at} epoch"),
        ("epochs to rear", f"{expected.epochs} at most"),
        ("time", duration(expected.seconds)),
    ]
    print_table(console, rows)


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else overrides({"": value})[0].removeprefix("=")
