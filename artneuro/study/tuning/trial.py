"""A trial: subjects reared with certain values, and what is read of them on the stimuli held out."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, final

import attrs
import numpy as np
import xarray as xr

from artneuro import joining, records
from artneuro.errors import SpecificationError
from artneuro.fields import plain
from artneuro.labels import Label
from artneuro.rearing.history import MEASURES, history
from artneuro.rearing.rear import Rows, rear_watched
from artneuro.study.executors import Task, Tell
from artneuro.study.store import Store
from artneuro.study.tasks import Bench
from artneuro.study.tuning.declaration import Objective
from artneuro.study.upbringing import Upbringing
from artneuro.subject import Subject

State = Literal["complete", "pruned", "diverged", "refused"]

JUDGED: dict[str, Label] = {
    "validation_loss": attrs.evolve(
        MEASURES["test_loss"], long_name="cross-entropy on the stimuli held out for validation, after the epoch"
    ),
    "validation_accuracy": attrs.evolve(
        MEASURES["test_accuracy"], long_name="share of right answers on the stimuli held out, after the epoch"
    ),
}
"""What the test stimuli of an environment `validation` are called: those of the study itself are never seen."""


@final
@attrs.frozen
class Judge:
    """How a trial is judged: by what, where along its life, and when it is cut short.

    Parameters
    ----------
    objective : str
        Variable of the history.
    rising : bool
        Whether more is better.
    best : bool
        Whether the best epoch counts, and not the last.
    limits : tuple of float
        By epoch, from the first: worse than that, and the trial ends; infinite where nothing is. Empty: it never ends.
    """

    objective: Objective
    rising: bool
    best: bool
    limits: tuple[float, ...] = ()

    def course(self, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
        """Return what a trial has reached after each epoch.

        Parameters
        ----------
        values : array, shape (subject, epoch)
            The objective; not-a-number after the last epoch of a subject that stopped early, whose last value counts.

        Examples
        --------
        >>> values = np.array([[0.5, 0.4, 0.6], [0.7, 0.4, np.nan]])
        >>> [round(one, 3) for one in Judge("validation_loss", False, best=True).course(values)]
        [0.6, 0.4, 0.4]
        >>> [round(one, 3) for one in Judge("validation_loss", False, best=False).course(values)]
        [0.6, 0.4, 0.5]
        """
        held = values.copy()
        for epoch in range(1, held.shape[1]):
            gone = np.isnan(held[:, epoch])
            held[gone, epoch] = held[gone, epoch - 1]
        means = held.mean(axis=0)
        if self.best:
            means = (np.maximum if self.rising else np.minimum).accumulate(means)
        reached: list[float] = means.tolist()
        return reached

    def ends(self, course: Sequence[float]) -> bool:
        """Tell whether a trial with this course so far is cut short now."""
        if not 0 < len(course) <= len(self.limits):
            return False
        limit = self.limits[len(course) - 1]
        return course[-1] < limit if self.rising else course[-1] > limit


@final
@attrs.frozen
class RearTrial(Task):
    """Rear the subjects of a trial, watched, and write down how they grew up.

    Parameters
    ----------
    number : int
        From 0.
    key : str
        Content key, under which the trial lies.
    arm : str
    upbringing : Upbringing
        How its subjects grow up.
    seeds : sequence of int
    judge : Judge
    """

    number: int
    key: str
    arm: str
    upbringing: Upbringing
    seeds: tuple[int, ...]
    judge: Judge

    @property
    def name(self) -> str:
        """Such as ``trial 7``."""
        return f"trial {self.number}"

    @property
    def kind(self) -> str:
        """One for all trials of a search."""
        return "trial"

    @property
    def count(self) -> int:
        """One."""
        return 1

    def do(self, bench: Bench, tell: Tell) -> tuple[str, ...]:
        """Rear the subjects and write the trial; say where it could not be reared, or diverged."""
        environment = bench.environment(self.upbringing)
        naive = [self.upbringing.naive(seed, self.arm, environment) for seed in self.seeds]
        rearing, interventions = self.upbringing.rearing, self.upbringing.interventions
        state: State = "complete"

        def watch(lived: Sequence[Rows]) -> bool:
            nonlocal state
            if any(map(_diverged, lived)):
                state = "diverged"
            elif max(map(len, lived)) < rearing.epochs and self.judge.ends(self._course(lived)):
                state = "pruned"
            return state != "complete"

        try:
            lived = rear_watched(watch, naive, rearing, interventions, tell)
        except SpecificationError as refusal:  # before anything is computed: values that do not go together
            write_trial(bench.store, self.key, xr.Dataset(), "refused", str(refusal))
            return (f"{self.name} could not be reared: {refusal}",)
        write_trial(bench.store, self.key, _history(naive, lived, self.upbringing), state)
        return ()

    def _course(self, lived: Sequence[Rows]) -> list[float]:
        name = self.judge.objective.replace("validation", "test")
        longest = max(map(len, lived))
        rows = [[row[name] for row in one] + [math.nan] * (longest - len(one)) for one in lived]
        return self.judge.course(np.array(rows, dtype=np.float64))


def _diverged(lived: Rows) -> bool:
    """Tell whether a subject's last epoch was its end because a number was no longer finite."""
    return not all(map(math.isfinite, lived[-1].values()))


def _history(naive: Sequence[Subject], lived: Sequence[Rows], upbringing: Upbringing) -> xr.Dataset:
    parts = []
    for one in lived:
        grown = history(one, 0, upbringing.rearing, classes=True)
        own = grown.drop_vars("wall_time").rename({name.replace("validation", "test"): name for name in JUDGED})
        for name, label in JUDGED.items():
            own[name].attrs = {"long_name": label.long_name, "units": label.units}
        parts.append(own)
    joined = joining.of_subjects(
        parts,
        {
            "subject": [one.id for one in naive],
            "arm": [one.arm for one in naive],
            "seed": [one.seed for one in naive],
            "diverged": [len(one) if _diverged(one) else -1 for one in lived],
        },
        title="trial",
    )
    return records.with_provenance(
        joined,
        anatomy=plain(upbringing.anatomy),
        environment=upbringing.environment,
        rearing=plain(upbringing.rearing),
        interventions=plain(upbringing.interventions),
    )


def trial_path(store: Store, key: str) -> Path:
    """Return the file of the trial under a key."""
    return store.folder / "trials" / f"{key}.nc"


def write_trial(store: Store, key: str, grown: xr.Dataset, state: State, reason: str = "") -> None:
    """Write a trial, whole or not at all."""
    records.write(grown.assign_attrs(state=state, reason=reason), trial_path(store, key))


def read_trial(store: Store, key: str) -> xr.Dataset | None:
    """Return the trial under a key, or None where it is not done.

    Raises
    ------
    RecordError
        Where the file is damaged; the text names it.
    """
    path = trial_path(store, key)
    return records.read(path) if path.exists() else None
