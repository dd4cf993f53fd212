"""The plan of a study: every subject to rear and every part to measure, each under a key that covers what it rests on.

A key is made of the declaration, the seed, the stimuli, the code that matters and the way of computing: all that a
result depends on, and nothing else. Labels, figures and hypotheses are not in it, so that renaming an arm costs
nothing; two arms that rear their subjects alike share them.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, final

import attrs

from artneuro import records
from artneuro.environment.data_root import data_root_at
from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.errors import SpecificationError
from artneuro.fields import plain
from artneuro.protocols.protocol import Protocol, TwinStudy
from artneuro.rearing.beginnings import Beginning, beginnings
from artneuro.statistics.hypothesis import Hypothesis
from artneuro.study import code, declared
from artneuro.study.ages import kept
from artneuro.study.planned import PlannedBeginning, PlannedPart, PlannedSubject
from artneuro.study.references import HISTORY
from artneuro.study.study import Entry, Study
from artneuro.study.suitability import newborns, unsuitable
from artneuro.study.upbringing import Computing, Upbringing

STRETCH = 20
"""Epochs of a shared beginning after which those that live it are written down, at least."""
STRETCHES = 50
"""Into how many stretches a shared beginning is cut, at most: an epoch may be one update, and a life 20,000 of them."""


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
        Those of the design, arm by arm, seeds ascending.
    twins : tuple of PlannedSubject
        Those that twin studies rear besides.
    beginnings : tuple of PlannedBeginning
        What subjects share of their lives.
    parts : tuple of PlannedPart
        Record by record, subjects in their order, ages ascending.
    environments : mapping of fingerprint to Environment
        The stimuli, loaded.
    """

    study: Study
    computing: Computing
    subjects: tuple[PlannedSubject, ...]
    twins: tuple[PlannedSubject, ...]
    beginnings: tuple[PlannedBeginning, ...]
    parts: tuple[PlannedPart, ...]
    environments: Mapping[str, Environment]

    @cached_property
    def animals(self) -> Mapping[str, PlannedSubject]:
        """The subjects to rear by key, each once: under the first arm that it belongs to."""
        found: dict[str, PlannedSubject] = {}
        for subject in (*self.subjects, *self.twins):
            found.setdefault(subject.key, subject)
        return found

    def epochs(self) -> tuple[int, int]:
        """Return the epochs that rearing takes, and those it would take if no beginning were shared."""
        alone = sum(planned.upbringing.rearing.epochs for planned in self.animals.values())
        return alone - self.study.cohort.n * sum(beginning.saved for beginning in self.beginnings), alone

    def parts_of(self, key: str) -> Sequence[PlannedPart]:
        """Return the parts to measure on the subject under `key`, alone or among its twins, each once."""
        return self._parts_by_subject.get(key, ())

    @cached_property
    def _parts_by_subject(self) -> Mapping[str, Sequence[PlannedPart]]:
        found: dict[str, dict[str, PlannedPart]] = {}
        for part in self.parts:
            for animal in part.animals:
                found.setdefault(animal.key, {}).setdefault(part.key, part)
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
            "declaration": declared.keys(self.study),
            "hypotheses": {
                label: {"key": hypothesis_key(hypothesis), **hypothesis.plain()}
                for label, hypothesis in self.study.hypotheses.items()
            },
            "environments": {name: plain(place.source) for name, place in sorted(self.environments.items())},
            "subjects": {subject.id: _identity(subject) for subject in self.subjects},
            "twins": {twin.id: {**_identity(twin), "treatment": twin.treatment} for twin in self.twins},
            "records": {**measured, HISTORY: {}},
        }


def _identity(subject: PlannedSubject) -> dict[str, Any]:
    return {"arm": subject.arm, "seed": subject.seed, "key": subject.key, "way": subject.upbringing.way}


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
        Where stimuli are not as declared, or a protocol cannot measure the subjects (a site that they lack, an age
        that is not kept).
    DataError
        Where stimuli, or what a protocol reads besides, are missing or corrupt.
    """
    with data_root_at(data_root):
        return _plan(study, data_root, device, threads)


def _plan(study: Study, data_root: Path | str | None, device: str, threads: int) -> Plan:
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

    newborn = newborns(study, load)
    problems = list(unsuitable(study, newborn))
    if problems:
        raise SpecificationError(problems)
    upbringings = {
        label: Upbringing.of(newborn[label], arm.rearing or cohort.rearing, arm.interventions, computing)
        for label, arm in study.arms.items()
    }
    tracked = _tracked(study, upbringings)
    upbringings = {label: _tracking(upbringing, tracked) for label, upbringing in upbringings.items()}
    seeds = range(cohort.first_seed, cohort.first_seed + cohort.n)
    subjects = {
        label: [_planned(label, seed, upbringing) for seed in seeds] for label, upbringing in upbringings.items()
    }
    twins: list[PlannedSubject] = []
    parts: list[PlannedPart] = []
    for entry in study.protocols:
        asked, ages = _asked(entry.protocol, computing), study.ages(entry) or (None,)
        for label in study.measured(entry):
            treated = _treated(entry, upbringings[label], computing, tracked)
            for subject in subjects[label]:
                own = tuple(_planned(label, subject.seed, grown, treatment) for treatment, grown in treated.items())
                twins += own
                parts += _parts(entry, asked, subject, own, ages)
    everyone = tuple(subject for label in study.arms for subject in subjects[label])
    shared = _shared([subject.upbringing for subject in (*everyone, *twins)])
    return Plan(study, computing, everyone, tuple(twins), shared, tuple(parts), environments)


def _planned(arm: str, seed: int, upbringing: Upbringing, treatment: str = "") -> PlannedSubject:
    return PlannedSubject(arm, seed, upbringing, records.content_key(upbringing.key, seed), treatment)


def _tracked(study: Study, upbringings: Mapping[str, Upbringing]) -> Mapping[str, set[int]]:
    """Return the ages that some entry tracks, by the key of an upbringing: arms that grow up alike share subjects."""
    found: dict[str, set[int]] = {}
    for entry in study.protocols:
        for label in study.measured(entry):
            upbringing = upbringings[label]
            ages = {age for age in study.ages(entry) or () if not kept(age, upbringing.rearing)}
            found.setdefault(upbringing.key, set()).update(ages)
    return found


def _tracking(upbringing: Upbringing, tracked: Mapping[str, set[int]]) -> Upbringing:
    return attrs.evolve(upbringing, tracked=tuple(sorted(tracked.get(upbringing.key, ()))))


def _treated(
    entry: Entry, upbringing: Upbringing, computing: Computing, tracked: Mapping[str, set[int]]
) -> dict[str, Upbringing]:
    """Return how the twins of a subject grow up, by treatment; none for an assay."""
    if not isinstance(entry.protocol, TwinStudy):
        return {}
    return {
        treatment: _tracking(upbringing.another(course, computing), tracked)
        for treatment, course in entry.protocol.courses(upbringing.course).items()
    }


def _shared(upbringings: Iterable[Upbringing]) -> tuple[PlannedBeginning, ...]:
    """Return what upbringings share of the lives of their subjects, seed by seed.

    A long stretch is lived in several, each of which is written down: who is killed within it goes on from there.
    """
    kin: dict[str, dict[str, Upbringing]] = {}
    for upbringing in upbringings:
        kin.setdefault(upbringing.kin, {})[upbringing.key] = upbringing

    def planned(tree: Beginning, before: int, family: list[Upbringing]) -> PlannedBeginning:
        first = family[tree.members[0]]
        branches = [planned(branch, tree.until, family) for branch in tree.branches]
        members = tuple(family[member].key for member in tree.members)
        stretch = max(STRETCH, math.ceil((tree.until - before) / STRETCHES))
        ends = [*range(before + stretch, tree.until, stretch), tree.until]
        for since, until in reversed([*zip([before, *ends[:-1]], ends, strict=True)]):
            branches = [PlannedBeginning(first.beginning(tree.course, until), until, since, members, tuple(branches))]
        return branches[0]

    return tuple(
        planned(tree, 0, list(family.values()))
        for family in kin.values()
        for tree in beginnings([upbringing.tracking for upbringing in family.values()])
    )


def _asked(protocol: Protocol, computing: Computing) -> tuple[Any, Any, str]:
    """Return what parts of all subjects rest on: what is asked, how numbers are made, and what is read besides."""
    measuring = {"code": code.digest(*code.modules_of(protocol)), "computing": computing.measuring()}
    material = protocol.material()
    return protocol.named(), {**measuring, "material": material} if material else measuring, material


def _parts(
    entry: Entry,
    asked: tuple[Any, Any, str],
    subject: PlannedSubject,
    twins: tuple[PlannedSubject, ...],
    ages: Sequence[int | None],
) -> Iterator[PlannedPart]:
    named, measuring, material = asked  # the same of all subjects, and long to say
    animals = [twin.key for twin in twins] or subject.key
    for age in ages:
        key = records.content_key(named, animals, age, measuring)
        yield PlannedPart(entry.name, entry.protocol, subject, age, key, twins, material)
