"""The two kinds of task: rear a litter, measure a part. Each leaves whole files in the run folder, and nothing else."""

from pathlib import Path
from typing import final

import attrs

from artneuro.environment.environment import Environment
from artneuro.errors import DataError, RecordError
from artneuro.fields import plain
from artneuro.rearing.rear import rear_litter
from artneuro.records import content_key
from artneuro.study.executors import Task, Tell, computing
from artneuro.study.planned import PlannedPart, PlannedSubject
from artneuro.study.store import Store
from artneuro.study.upbringing import Upbringing
from artneuro.subject import Subject


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

    def subject(self, planned: PlannedSubject) -> Subject | None:
        """Return a reared subject as a member of its arm, or None where it is not complete.

        Raises
        ------
        RecordError
            Where one of its files is damaged; the text names it.
        """
        found = self.store.find_subject(planned.key, self.environment(planned.upbringing))
        return None if found is None else attrs.evolve(found, arm=planned.arm)


@final
@attrs.frozen
class RearLitter(Task):
    """Rear subjects of one upbringing together."""

    litter: tuple[PlannedSubject, ...]

    @property
    def name(self) -> str:
        """Such as ``rear half-0 to half-9 (10 subjects)``."""
        first, last = self.litter[0].id, self.litter[-1].id
        return f"rear {first}" if len(self.litter) == 1 else f"rear {first} to {last} ({len(self.litter)} subjects)"

    @property
    def kind(self) -> str:
        """Key of anatomy, stimuli and batch: arms differ little in how long a subject takes for an epoch."""
        upbringing = self.litter[0].upbringing
        return content_key(plain(upbringing.anatomy), upbringing.environment, upbringing.rearing.batch)

    @property
    def count(self) -> int:
        """Subjects times epochs."""
        return len(self.litter) * self.litter[0].upbringing.rearing.epochs

    def do(self, bench: Bench, tell: Tell) -> tuple[str, ...]:
        """Rear the litter and save every subject; say which diverged."""
        upbringing = self.litter[0].upbringing
        environment = bench.environment(upbringing)
        naive = [upbringing.naive(planned.seed, planned.arm, environment) for planned in self.litter]
        adults = rear_litter(naive, upbringing.rearing, upbringing.interventions, progress=tell)
        for planned, adult in zip(self.litter, adults, strict=True):
            bench.store.discard_subject(planned.key)
            adult.save(bench.store.subject(planned.key))
        return tuple(
            f"{adult.id} diverged in epoch {adult.diverged}: its loss was no longer finite. "
            "It is recorded as such and left out of what is measured."
            for adult in adults
            if adult.diverged >= 0
        )


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
        subject = bench.subject(self.part.subject)
        if subject is None:
            raise RecordError(f"{bench.store.subject(self.part.subject.key)}: the subject is gone")
        if self.part.age is not None:
            subject = subject.at(self.part.age)
        with computing(bench.threads):
            measured = self.part.protocol.measure(subject)
        bench.store.write_part(self.part.key, measured, subject.fingerprint)
        return ()
