"""The two kinds of task: rear a litter, measure a part. Each leaves whole files in the run folder, and nothing else."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, final

import attrs
import xarray as xr

from artneuro import files
from artneuro.environment.data_root import data_root_at
from artneuro.environment.environment import Environment
from artneuro.errors import DataError, RecordError
from artneuro.fields import plain
from artneuro.protocols.protocol import Examination, TwinStudy
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.rear import rear_up_to
from artneuro.rearing.tracking import rear_tracked
from artneuro.records import content_key
from artneuro.study.executors import Task, Tell, computing
from artneuro.study.litters import Growth
from artneuro.study.planned import PlannedBeginning, PlannedPart, PlannedSubject
from artneuro.study.store import Store
from artneuro.study.upbringing import Upbringing
from artneuro.subject import Subject
from artneuro.weights import read_weights, write_weights

WORTH_FLUSHING = 1.0
"""Seconds of work, for one subject or part, from which on a task waits until its files are on the disk."""
MOST_LOST = 30.0
"""Seconds of work on a litter from which on it does so however many its subjects are."""


@final
@attrs.define(eq=False)
class Bench:
    """Where tasks are done: the run folder, and the stimuli that have been loaded so far.

    Parameters
    ----------
    store : Store
        The run folder.
    data_root : Path or None
        Folder of the data sets.
    device : str
        Torch device.
    threads : int
        Threads that a measurement computes with.
    """

    store: Store
    data_root: Path | None
    device: str
    threads: int
    environments: dict[str, Environment] = attrs.field(factory=dict)

    def environment(self, upbringing: Upbringing) -> Environment:
        """Return the stimuli of an upbringing.

        Raises
        ------
        DataError
            Where they are missing, or no longer those that the plan was made with.
        """
        found = self.environments.get(upbringing.environment)
        if found is None:
            found = upbringing.source.load(self.data_root, self.device)
            if found.fingerprint != upbringing.environment:
                raise DataError(
                    f"the stimuli have changed since the plan was made (fingerprint {found.fingerprint}, planned "
                    f"{upbringing.environment}). Run the study again."
                )
            self.environments[found.fingerprint] = found
        return found

    def subject(self, planned: PlannedSubject, weights: Literal["now", "asked"] = "now") -> Subject | None:
        """Return a reared subject as a member of its arm, or None where it is not complete.

        Parameters
        ----------
        planned : PlannedSubject
        weights : "now" or "asked"
            When its weights are read and verified, as for `Subject.load`.

        Raises
        ------
        RecordError
            Where one of its files is damaged; the text names it.
        """
        found = self.store.find_subject(planned.key, self.environment(planned.upbringing), weights)
        if found is None:
            return None
        if (found.seed, found.anatomy) != (planned.seed, planned.upbringing.anatomy):
            raise RecordError(f"{self.store.subject(planned.key)}: not the subject that was planned")
        return attrs.evolve(found, arm=planned.arm)

    def as_measured(self, part: PlannedPart, adults: Sequence[Subject]) -> list[Subject] | None:
        """Return the animals of a part, given as they have become, as they were at its age.

        None where the weights of a tracked age are not there, or no longer: they are kept only until it is measured.
        """
        if part.twins or part.age is None:
            return list(adults)
        (adult,) = adults
        if part.age in adult.ages:
            return [adult.at(part.age)]
        try:
            weights = read_weights(self.store.tracked(part.subject.key, part.age), adult.environment.device)
        except RecordError:  # nothing depends on them but time: the subject can be reared again
            return None
        return [attrs.evolve(adult, ages={**adult.ages, part.age: weights}).at(part.age)]

    def part(self, part: PlannedPart, adults: Sequence[Subject]) -> xr.Dataset | None:
        """Return what was measured on animals that have been reared, or None where it is not done.

        Raises
        ------
        RecordError
            Where the file is damaged, or was measured on other weights; the text names it.
        """
        if not self.store.part(part.key).exists():
            return None
        animals = self.as_measured(part, adults)
        return self.store.find_part(part.key, None if animals is None else part.weights_of(animals))

    def reared(self, planned: PlannedSubject) -> Subject:
        """Return a subject that has been reared.

        Raises
        ------
        RecordError
            Where it is not there or damaged; the text names it.
        """
        found = self.subject(planned)
        if found is None:
            raise RecordError(f"{self.store.subject(planned.key)}: the subject is gone")
        return found


@final
@attrs.frozen
class RearLitter(Task):
    """Rear subjects together: up to where those that share a beginning part, or to the end."""

    growth: Growth

    @property
    def name(self) -> str:
        """Such as ``rear half-0 to half-9 (10 subjects)``, or the same ``up to epoch 20``."""
        litter = self.growth.litter
        many = f" to {litter[-1].id} ({len(litter)} subjects)" if len(litter) > 1 else ""
        end = f" up to epoch {self.growth.until.until}" if self.growth.until else ""
        return f"rear {litter[0].id}{many}{end}"

    @property
    def kind(self) -> str:
        """Key of anatomy, stimuli and batch: arms differ little in how long a subject takes for an epoch."""
        upbringing = self.growth.litter[0].upbringing
        return content_key(plain(upbringing.anatomy), upbringing.environment, upbringing.rearing.batch)

    @property
    def count(self) -> int:
        """Subjects times epochs."""
        return len(self.growth.litter) * self.growth.epochs

    def do(self, bench: Bench, tell: Tell) -> tuple[str, ...]:
        """Rear the litter and save every subject; say which diverged."""
        with data_root_at(bench.data_root):
            return self._rear(bench, tell)

    def _rear(self, bench: Bench, tell: Tell) -> tuple[str, ...]:
        growth, until, begun = self.growth, self.growth.until, time.perf_counter()
        upbringing = until.upbringing if until else growth.litter[0].upbringing
        environment = bench.environment(upbringing)
        naive = [planned.upbringing.naive(planned.seed, planned.arm, environment) for planned in growth.litter]
        _require_unchanged("the anatomy", upbringing.material, upbringing.anatomy.material())
        if until is not None and _paused(until, naive, bench)[0]:
            return ()  # lived before the run was interrupted
        young, damage = _paused(growth.before, naive, bench) if growth.before else ([], "")
        remarks = (f"{damage}. They are reared from birth.",) if damage else ()
        how = (young or naive, upbringing.rearing, upbringing.interventions)
        if until is not None:
            for juvenile in rear_up_to(until.until, *how, tell):
                juvenile.save(bench.store.beginning(until.key(juvenile.origin.seed)))
            return remarks

        def put_by(place: int, subject: Subject) -> None:
            write_weights(subject.weights, bench.store.tracked(growth.litter[place].key, subject.age))

        adults = rear_tracked(upbringing.tracked, *how, visit=put_by, progress=tell)
        took = time.perf_counter() - begun
        with files.flushed(took >= min(WORTH_FLUSHING * len(adults), MOST_LOST)):
            for planned, adult in zip(growth.litter, adults, strict=True):
                _save(planned, adult, bench)
        return remarks + tuple(
            f"{planned.id} diverged in epoch {adult.diverged}: its loss was no longer finite. "
            "It is recorded as such and left out of what is measured."
            for planned, adult in zip(growth.litter, adults, strict=True)
            if adult.diverged >= 0
        )


def _save(planned: PlannedSubject, adult: Subject, bench: Bench) -> None:
    """Write a subject, unless the same one is there, sound.

    A worker that a cluster has lost sight of may still come to its end, when others have long done its task again and
    go on from there: what they have is not touched.
    """
    if bench.store.complete(planned.key):
        try:
            there = bench.reared(planned)
        except RecordError:
            there = None
        if there is not None and there.fingerprint == adult.fingerprint:
            return
    bench.store.discard_subject(planned.key)
    adult.save(bench.store.subject(planned.key), planned.key)


def _require_unchanged(what: str, planned: str, now: str) -> None:
    """Refuse what was made from files that are not those of the plan; asked when they have been read."""
    if now != planned:
        raise DataError(
            f"what {what} reads besides stimuli has changed since the plan was made (fingerprint {now}, planned "
            f"{planned}). Run the study again."
        )


def _paused(beginning: PlannedBeginning, naive: Sequence[Subject], bench: Bench) -> tuple[list[Juvenile], str]:
    """Return subjects as they are at the end of a shared beginning.

    None where it has not been lived, or where a file is damaged, with the reason. Nothing depends on them but time:
    without, subjects are reared from birth.
    """
    paths = [bench.store.beginning(beginning.key(one.seed)) for one in naive]
    if not all(path.exists() for path in paths):
        return [], ""
    try:
        return [Juvenile.load(path, one) for path, one in zip(paths, naive, strict=True)], ""
    except RecordError as damage:
        return [], str(damage)


@final
@attrs.frozen
class MeasurePart(Task):
    """Measure what one protocol asks of one subject at one age."""

    part: PlannedPart

    @property
    def name(self) -> str:
        """Such as ``LesionStudy of half-3`` or ``LesionStudy of half-3 at 20``."""
        age = "" if self.part.age is None else f" at {self.part.age}"
        return f"{self.part.record} of {self.part.subject.id}{age}"

    @property
    def kind(self) -> str:
        """Name of the record."""
        return self.part.record

    @property
    def count(self) -> int:
        """One."""
        return 1

    def do(self, bench: Bench, tell: Tell) -> tuple[str, ...]:
        """Measure the subject and write the part."""
        with data_root_at(bench.data_root):
            return self._measure(bench)

    def _measure(self, bench: Bench) -> tuple[str, ...]:
        part, begun = self.part, time.perf_counter()
        animals = bench.as_measured(part, [bench.reared(planned) for planned in part.animals])
        if animals is None:
            path = bench.store.tracked(part.subject.key, part.age or 0)
            raise RecordError(f"{path}: the weights of that age are gone. Run again: the subject is then reared again")
        with computing(bench.threads):
            if isinstance(part.protocol, TwinStudy):
                treated = (planned.treatment for planned in part.animals)
                measured = part.protocol.compare(dict(zip(treated, animals, strict=True)))
            else:
                assert isinstance(part.protocol, Examination)
                measured = part.protocol.measure(animals[0])
        _require_unchanged(part.record, part.material, part.protocol.material())
        # what a part at a tracked age was measured on goes once it is there
        with files.flushed(part.tracked or time.perf_counter() - begun >= WORTH_FLUSHING):
            bench.store.write_part(part.key, measured, part.weights_of(animals))
        return ()
