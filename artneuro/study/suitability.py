"""Suitability: whether subjects can live in their environment, and be treated and measured as declared.

It takes naive subjects, hence stimuli: what a study file alone can tell is asked by `Study` itself.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, final

import attrs

from artneuro import registry
from artneuro.environment.data_root import data_root_at
from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.errors import DataError, Problem, SpecificationError
from artneuro.protocols.protocol import Examination, Protocol, TwinStudy
from artneuro.rearing.beginnings import Course
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.modulation import modulations
from artneuro.rearing.suitability import inapplicable, unanswerable, units_of
from artneuro.rearing.suitability import unsuitable as unteachable
from artneuro.study.references import HISTORY, HISTORY_DIMS, Levels
from artneuro.study.room import require_room
from artneuro.study.study import Entry, Study
from artneuro.subject import Subject


def newborns(study: Study, load: Callable[[EnvironmentSource], Environment]) -> dict[str, Subject]:
    """Return one naive subject of each arm.

    Parameters
    ----------
    study : Study
        The declaration.
    load : callable
        Returns the stimuli of a source.

    Raises
    ------
    SpecificationError
        Where stimuli are not as declared, or an anatomy cannot be built for them; with paths in the study.
    """
    found: dict[Problem, None] = {}
    born = {}
    for label, arm in study.arms.items():
        own = f"cohort.arms.{label}."
        where = "cohort.environment" if arm.environment is None else f"{own}environment"
        try:
            place = load(arm.environment or study.cohort.environment)
            where = "cohort.anatomy" if arm.anatomy is None else f"{own}anatomy"
            require_room(arm.anatomy or study.cohort.anatomy, place)
            born[label] = Subject.naive(arm.anatomy or study.cohort.anatomy, place, study.cohort.first_seed, label)
        except SpecificationError as error:
            found.update(dict.fromkeys(problem.within(where) for problem in error.problems))
        except RuntimeError as error:  # torch's own: weights that no memory holds, for one
            came = str(error).partition("\n")[0]
            found[Problem(where, "an anatomy that can be built here", came, "Choose a smaller one.")] = None
    if found:
        raise SpecificationError(found)
    return born


def unsuitable(study: Study, newborn: Mapping[str, Subject]) -> Iterator[Problem]:
    """Yield why the subjects of a study cannot be reared or measured as it declares, with the path in the study.

    Parameters
    ----------
    study : Study
        The declaration.
    newborn : mapping of arm to Subject
        One naive subject of each arm.
    """
    heard: set[Problem] = set()  # arms often share what is wrong
    for label in study.arms:
        for problem in map(_Located(study, label), _untreatable(study, label, newborn[label])):
            if problem not in heard:
                heard.add(problem)
                yield problem
    for place, entry in enumerate(study.protocols):
        name = registry.name_of(type(entry.protocol))
        for label in study.measured(entry):
            for refusal in _refusals(study, entry, label, newborn[label]):
                problem = refusal.within(f"protocols[{place}].{name}")
                if problem not in heard:
                    heard.add(problem)
                    yield problem
    yield from _unjudged(study, newborn)
    if not heard:
        yield from study.dangling(_told(study, newborn))


def _told(study: Study, newborn: Mapping[str, Subject]) -> Levels:
    """Return the levels that subjects tell of each record; one that some have will be there."""
    told: dict[str, dict[str, tuple[Any, ...]]] = {}
    for entry in study.protocols:
        if isinstance(entry.protocol, Examination):
            own = [entry.protocol.levels_of(newborn[label]) for label in study.measured(entry)]
            dims = dict.fromkeys(dim for levels in own for dim in levels)
            told[entry.name] = {
                dim: tuple(dict.fromkeys(level for levels in own for level in levels.get(dim, ()))) for dim in dims
            }
    return told


def _unjudged(study: Study, newborn: Mapping[str, Subject]) -> Iterator[Problem]:
    """Yield what asks whether answers are right where no subject names classes, with the path in the study."""
    accuracies = {HISTORY: (tuple(study.arms), tuple(name for name in HISTORY_DIMS if name.endswith("accuracy")))}
    accuracies |= {entry.name: (study.measured(entry), entry.protocol.of_classes) for entry in study.protocols}
    missing = {
        f"{record}.{variable}"
        for record, (labels, variables) in accuracies.items()
        if not any(newborn[label].environment.classes for label in labels)
        for variable in variables
    }
    asked = {f"hypotheses.{label}": each.addresses for label, each in study.hypotheses.items()}
    for place, analysis in enumerate(study.analyses):
        asked[f"analyses[{place}].{registry.name_of(type(analysis))}"] = analysis.addresses
    for place, figure in enumerate(study.figures):
        asked[f"figures[{place}].{registry.name_of(type(figure))}"] = tuple(figure.addresses().values())
    for where, addresses in asked.items():
        for address in addresses:
            if address in missing:
                advice = "Where targets are values, no answer is right or wrong: ask for a loss."
                yield Problem(f"{where}.of", "what is recorded in such an environment", address, advice)


def refusals(study: Study, data_root: Path | str | None = None) -> Iterable[Problem]:
    """Return why the subjects of a study cannot live, be reared or be measured as it declares.

    Nothing is said where stimuli cannot be read: a plan says that, once the file is right.
    """
    load = cache(lambda source: source.load(data_root))
    with data_root_at(data_root):
        try:
            return tuple(unsuitable(study, newborns(study, load)))
        except SpecificationError as error:
            return error.problems
        except DataError:
            return ()


def _refusals(study: Study, entry: Entry, label: str, subject: Subject) -> Iterable[Problem]:
    """Return why a protocol cannot measure the subjects of an arm, or treat their twins."""
    if isinstance(entry.protocol, TwinStudy):
        arm = study.arms[label]
        return entry.protocol.unfit(subject, Course(arm.rearing or study.cohort.rearing, arm.interventions))
    assert isinstance(entry.protocol, Examination)
    return entry.protocol.unfit(subject)


def _untreatable(study: Study, label: str, subject: Subject) -> Iterator[Problem]:
    arm = study.arms[label]
    own = {name: getattr(arm, name) is not None for name in ("anatomy", "rearing")}
    where = {name: f"cohort.arms.{label}.{name}" if own[name] else f"cohort.{name}" for name in own}
    rearing = arm.rearing or study.cohort.rearing
    for problem in unanswerable(rearing, subject):
        yield attrs.evolve(problem, where=f"{where['rearing']}.{problem.where.partition('.')[2]}")
    model = subject.model()
    try:
        units_of(model, modulations(model, subject.sites(), arm.interventions), subject)
    except SpecificationError as error:
        yield from (problem.within(f"cohort.arms.{label}") for problem in error.problems)
    for problem in (*inapplicable(arm.interventions, rearing, subject), *_endless(arm.interventions, rearing.epochs)):
        yield problem.within(f"cohort.arms.{label}")
    for problem in unteachable(model, rearing, subject):
        top, dot, rest = problem.where.partition(".")
        yield attrs.evolve(problem, where=f"{where[top.lower()]}{dot}{rest}")


@final
class _Located:
    """Puts what is wrong with an arm where the arm comes from: the cohort, or the protocol that brings it."""

    def __init__(self, study: Study, label: str) -> None:
        self._prefix = f"cohort.arms.{label}"
        self._arm = study.arms[label]
        self._owner: str | None = None
        self._protocol: Protocol | None = None
        for place, entry in enumerate(study.protocols if study.cohort.arms is None else ()):
            if label in entry.brought and self._protocol is None:
                self._owner = f"protocols[{place}].{registry.name_of(type(entry.protocol))}"
                self._protocol = entry.protocol

    def __call__(self, problem: Problem) -> Problem:
        if self._owner is None or not problem.where.startswith(self._prefix):
            return problem
        inside = problem.where.removeprefix(self._prefix)
        place = re.match(r"^\.?interventions\[(\d+)\]\.\w+", inside)
        paths = self._declared(int(place[1])) if place else []
        if place and len(paths) == 1:
            return attrs.evolve(problem, where=f"{self._owner}.{paths[0]}{inside[place.end() :]}")
        # which of the protocol's arms it is, and the place in it, are nowhere in the file: it is said once, in words
        what = re.sub(r"^\.?interventions\[\d+\]\.", "", inside)
        return attrs.evolve(
            problem, where=self._owner, required=f"{what}: {problem.required}" if what else problem.required
        )

    def _declared(self, place: int) -> list[str]:
        """Return where in the protocol an intervention of the arm is declared, or else those of its kind."""
        treated = self._arm.interventions[place]
        declared = dict(_interventions_of(self._protocol))
        exactly = [path for path, each in declared.items() if each == treated]
        return exactly or [path for path, each in declared.items() if type(each) is type(treated)]


def _interventions_of(protocol: Protocol | None) -> Iterator[tuple[str, Intervention]]:
    """Yield the interventions among a protocol's parameters, by their paths in it."""
    for name in attrs.fields_dict(type(protocol)) if protocol is not None else ():
        value = getattr(protocol, name)
        if isinstance(value, Intervention):
            yield name, value
        elif isinstance(value, Mapping):
            for key, each in value.items():
                if isinstance(each, Intervention):
                    yield f"{name}.{key}.{registry.name_of(type(each))}", each


def _endless(interventions: Sequence[Intervention], epochs: int) -> Iterator[Problem]:
    """Yield windows that end after a study's subjects do: what is to be removed later is never removed."""
    for place, intervention in enumerate(interventions):
        offset = intervention.window.offset
        if offset is not None and offset > max(epochs, intervention.window.onset):
            where = f"interventions[{place}].{type(intervention).__name__}.window.offset"
            advice = "Leave `offset` out where it is to act to the end, or rear for longer."
            yield Problem(where, f"at most the rearing's end, {epochs}", str(offset), advice)
