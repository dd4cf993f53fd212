"""The plan of a study: every subject to rear and every part to measure, each under a key that covers what it rests on.

A key is made of the declaration, the seed, the stimuli, the code that matters and the way of computing: all that a
result depends on, and nothing else. Labels, figures and hypotheses are not in it, so that renaming an arm costs
nothing; two arms that rear their subjects alike share them.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, final

import attrs

from artneuro import records
from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import plain
from artneuro.statistics.hypothesis import Hypothesis
from artneuro.study import code
from artneuro.study.planned import PlannedPart, PlannedSubject
from artneuro.study.references import HISTORY
from artneuro.study.study import Entry, Study
from artneuro.study.suitability import newborns, unsuitable
from artneuro.study.upbringing import Computing, Upbringing
from artneuro.subject import Subject


@final
@attrs.frozen(eq=False, slots=False)
class Plan:
    """What a study asks for, before anything has run.

    Parameters
    ----------
    study : Study
        The declaration.
    computing : Computing
        How numbers are made.
    subjects : tuple of PlannedSubject
        Arm by arm, seeds ascending.
    parts : tuple of PlannedPart
        Record by record, subjects in their order, ages ascending.
    environments : mapping of fingerprint to Environment
        The stimuli, loaded.
    """

    study: Study
    computing: Computing
    subjects: tuple[PlannedSubject, ...]
    parts: tuple[PlannedPart, ...]
    environments: Mapping[str, Environment]

    @cached_property
    def animals(self) -> Mapping[str, PlannedSubject]:
        """The subjects to rear by key, each once: under the first arm that it belongs to."""
        found: dict[str, PlannedSubject] = {}
        for subject in self.subjects:
            found.setdefault(subject.key, subject)
        return found

    def parts_of(self, key: str) -> Sequence[PlannedPart]:
        """Return the parts to measure on the subject under `key`, each once."""
        return self._parts_by_subject.get(key, ())

    @cached_property
    def _parts_by_subject(self) -> Mapping[str, Sequence[PlannedPart]]:
        found: dict[str, dict[str, PlannedPart]] = {}
        for part in self.parts:
            found.setdefault(part.subject.key, {}).setdefault(part.key, part)
        return {key: tuple(parts.values()) for key, parts in found.items()}

    def plain(self) -> dict[str, Any]:
        """Return what `plan.json` holds."""
        measured: dict[str, dict[str, Any]] = {}
        for part in self.parts:
            entry = measured.setdefault(part.record, {"protocol": part.protocol.named(), "parts": {}})
            entry["parts"].setdefault(part.subject.id, []).append({"age": part.age, "key": part.key})
        return {
            "study": self.study.study,
            "computing": self.computing.measuring(),
            "hypotheses": {
                label: {"key": hypothesis_key(hypothesis), **hypothesis.plain()}
                for label, hypothesis in self.study.hypotheses.items()
            },
            "environments": {name: plain(place.source) for name, place in sorted(self.environments.items())},
            "subjects": {
                subject.id: {
                    "arm": subject.arm,
                    "seed": subject.seed,
                    "key": subject.key,
                    "way": subject.upbringing.way,
                }
                for subject in self.subjects
            },
            "records": {**measured, HISTORY: {}},
        }


def hypothesis_key(hypothesis: Hypothesis) -> str:
    """Return the key of a hypothesis as declared."""
    return records.content_key(hypothesis.plain())


def plan_study(study: Study, data_root: Path | str | None = None, device: str = "cpu", threads: int = 1) -> Plan:
    """Return the plan of a study: its stimuli are read and every subject is asked whether it can be measured.

    Parameters
    ----------
    study : Study
        The declaration.
    data_root : path, optional
        Folder of the data sets.
    device : str
        Torch device.
    threads : int
        Threads that a measurement computes with.

    Raises
    ------
    SpecificationError
        Where a protocol cannot measure the subjects (a site that they lack, an age that is not kept).
    DataError
        Where stimuli are missing or corrupt.
    """
    computing = Computing(device, threads)
    environments: dict[str, Environment] = {}
    loaded: dict[str, Environment] = {}

    def load(source: EnvironmentSource) -> Environment:
        name = records.content_key(plain(source))
        if name not in loaded:
            environment = source.load(data_root, device)
            loaded[name] = environments.setdefault(environment.fingerprint, environment)
        return loaded[name]

    cohort = study.cohort

    def birth(label: str) -> Subject:
        arm = study.arms[label]
        place = load(arm.environment or cohort.environment)
        return Subject.naive(arm.anatomy or cohort.anatomy, place, cohort.first_seed, label)

    newborn = newborns(study, birth)
    problems = [*unsuitable(study, newborn), *_ages_twice(study)]
    if problems:
        raise SpecificationError(problems)
    upbringings = {
        label: Upbringing.of(newborn[label], arm.rearing or cohort.rearing, arm.interventions, computing)
        for label, arm in study.arms.items()
    }
    subjects = tuple(
        PlannedSubject(label, seed, upbringing, records.content_key(upbringing.key, seed))
        for label, upbringing in upbringings.items()
        for seed in range(cohort.first_seed, cohort.first_seed + cohort.n)
    )
    parts: list[PlannedPart] = []
    for entry in study.protocols:
        those = [subject for subject in subjects if subject.arm in study.measured(entry)]
        parts += _parts(entry, those, study.ages(entry) or (None,), computing)
    return Plan(study, computing, subjects, tuple(parts), environments)


def _ages_twice(study: Study) -> Iterator[Problem]:
    """Yield entries whose record would lie along `epoch` twice."""
    for place, entry in enumerate(study.protocols):
        along = [name for name, label in entry.protocol.outputs.items() if "epoch" in label.dims]
        if entry.ages is not None and along:
            came = f"ages, for a protocol that records {along[0]} along epoch itself"
            yield Problem(f"protocols[{place}].ages", "nothing", came, "Leave `ages` out.")


def _parts(
    entry: Entry, subjects: Sequence[PlannedSubject], ages: Sequence[int | None], computing: Computing
) -> Iterator[PlannedPart]:
    protocol = entry.protocol
    measuring = {"code": code.digest(*code.modules_of(protocol)), "computing": computing.measuring()}
    for subject in subjects:
        for age in ages:
            key = records.content_key(protocol.named(), subject.key, age, measuring)
            yield PlannedPart(entry.name, protocol, subject, age, key)
