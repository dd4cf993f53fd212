"""Space: the parameters that a study file searches, each asked whether the study has it and takes its whole range."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, final

import attrs

from artneuro.cohort import Arm
from artneuro.environment.validation import Validation
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import shown
from artneuro.protocols.protocol import TwinStudy
from artneuro.rearing.beginnings import Course
from artneuro.registry import suggestion
from artneuro.study.declaration import Declaration
from artneuro.study.overrides import is_path
from artneuro.study.plan import Plan, plan_study
from artneuro.study.study import CohortDesign, Study
from artneuro.study.tuning.declaration import Range, Tune
from artneuro.study.tuning.parameter import Parameter, parameter_at

Values = Mapping[str, Any]
"""A value for each parameter that is searched, by its path: plain data, as a study file has them."""


@final
@attrs.frozen(eq=False)
class Space:
    """What is searched.

    Parameters
    ----------
    declaration : Declaration
        The study as its file has it.
    tune : Tune
        What it says of tuning.
    arm : str
        The arm that is reared.
    parameters : mapping of path to Parameter
        What stands at each path.
    """

    declaration: Declaration
    tune: Tune
    arm: str
    parameters: Mapping[str, Parameter]

    def corner(self, end: int) -> Values:
        """Return the lowest (0) or highest (-1) value of every parameter; of choices, the first or last."""
        return {path: tried.ends[end] for path, tried in self.tune.over.items()}

    def trial(self, values: Values) -> Study:
        """Return the study of one trial: the subjects of the arm alone, where the validation stimuli are the test's.

        Raises
        ------
        SpecificationError
            Where these values do not go together.
        """
        return _trial(self.declaration.over(values), self.tune, self.arm)


def search_space(declaration: Declaration) -> Space:
    """Return what a study file searches.

    Raises
    ------
    SpecificationError
        Where it searches nothing, or what it has not, or beyond what a parameter takes; with file and line.
    """
    tune = declaration.study.tune
    if tune is None:
        advice = "For example: tune: {over: {cohort.rearing.optimizer.sgd.lr: {low: 0.001, high: 1.0, log: true}}}"
        raise declaration.located([Problem("tune", "what is searched", "nothing", advice)])
    misplaced = [
        Problem(f"tune.over.{path}", "a path in the study, as --set takes it", shown(path))
        for path in tune.over
        if not is_path(path)
    ]
    problems = misplaced or list(_beyond(declaration, tune))
    if problems:
        raise declaration.located(problems)
    arm = tune.arm or next(iter(declaration.study.arms))
    whole = declaration.over({path: tried.ends[0] for path, tried in tune.over.items()})
    space = Space(declaration, tune, arm, {path: parameter_at(whole, path) for path in tune.over})
    try:
        problems = [*_unfit(space), *_idle(space)]
    except SpecificationError as error:  # of the treatment
        problems = list(error.problems)
    if problems:
        raise declaration.located(problems)
    return space


def planned(space: Space, data_root: Path | str | None, device: str) -> Plan:
    """Return the plan of the trial with the lowest values: whether such subjects can live and learn there.

    Raises
    ------
    SpecificationError
        Where they cannot; with file and line.
    DataError
        Where stimuli are missing or corrupt.
    """
    try:
        plan = plan_study(space.trial(space.corner(0)), data_root, device)
    except SpecificationError as error:
        held_out = "cohort.environment.validation.held_out"
        raise space.declaration.located(
            attrs.evolve(problem, where="tune.validation") if problem.where == held_out else problem
            for problem in error.problems
        ) from None
    found = list(_unjudged(plan))
    if found:
        raise space.declaration.located(found)
    return plan


def _unjudged(plan: Plan) -> Iterator[Problem]:
    """Yield why trials cannot be judged epoch by epoch, as a search does."""
    if any(not environment.classes for environment in plan.environments.values()):
        yield Problem("cohort.environment", "targets that are classes, where one tunes", "targets that are values")
    every = {planned.upbringing.rearing.evaluate_every for planned in plan.animals.values()}
    if every != {1}:
        advice = "Trials are judged after every epoch: leave it out."
        yield Problem("cohort.rearing.evaluate_every", "1, where one tunes", str(max(every)), advice)


def _trial(study: Study, tune: Tune, label: str) -> Study:
    arm, cohort = study.arms[label], study.cohort
    course = Course(arm.rearing or cohort.rearing, arm.interventions)
    if tune.treatment is not None:
        course = _treated(study, course, tune.treatment)
    source = Validation(of=arm.environment or cohort.environment, held_out=tune.validation, split_seed=tune.split_seed)
    design = CohortDesign(
        n=tune.subjects,
        first_seed=tune.first_seed,
        anatomy=arm.anatomy or cohort.anatomy,
        environment=source,
        rearing=course.rearing,
        arms={label: Arm(interventions=course.interventions)},
    )
    return Study(study=study.study, question=study.question, cohort=design)


def _treated(study: Study, course: Course, treatment: str) -> Course:
    """Return how twins of that treatment grow up, in the first of the study's twin studies that has it."""
    found: dict[str, Course] = {}
    for entry in study.protocols:
        if isinstance(entry.protocol, TwinStudy):
            found = {**entry.protocol.courses(course), **found}
    if treatment not in found:
        advice = suggestion(treatment, list(found))
        raise SpecificationError([Problem("tune.treatment", "a treatment of a twin study", shown(treatment), advice)])
    return found[treatment]


def _refused(declaration: Declaration, values: Values) -> list[Problem]:
    try:
        declaration.over(values)
    except SpecificationError as error:
        return list(error.problems)
    return []


def _beyond(declaration: Declaration, tune: Tune) -> Iterator[Problem]:
    """Yield what the study has not, or does not take: first of all lowest values together, then of each other end."""
    low = {path: tried.ends[0] for path, tried in tune.over.items()}
    together = _refused(declaration, low)
    left = list(together)
    for path, value in low.items() if together else ():
        for problem in _refused(declaration, {path: value}):  # what it lacks by itself, another path may bring
            if problem in left:
                left.remove(problem)
                yield attrs.evolve(problem, where=f"tune.over.{path}")
    for problem in left:
        yield Problem("tune.over", f"values that go together: {problem.where} {problem.required}", problem.came)
    if together:
        return
    for path, tried in tune.over.items():
        for value in tried.ends[1:]:
            for problem in _refused(declaration, {**low, path: value})[:1]:
                yield attrs.evolve(problem, where=f"tune.over.{path}")


def _unfit(space: Space) -> Iterator[Problem]:
    """Yield ranges of parameters that are no numbers, and fractions for whole ones."""
    for path, tried in space.tune.over.items():
        number = space.parameters[path].number
        if tried.choices is None and number is None:
            advice = "Give a list of choices."
            yield Problem(f"tune.over.{path}", "choices", f"a range, of {space.parameters[path].words}", advice)
        elif tried.choices is None and number is int and not _whole(tried):
            yield Problem(f"tune.over.{path}", "whole numbers", f"{tried.low} to {tried.high}")


def _whole(tried: Range) -> bool:
    return isinstance(tried.low, int) and isinstance(tried.high, int)


def _idle(space: Space) -> Iterator[Problem]:
    """Yield parameters that change nothing of how the arm grows up, and those that change what it is judged on."""
    low = space.corner(0)
    before = space.trial(low).cohort
    if before.rearing.epochs < 1:
        yield Problem("cohort.rearing.epochs", "at least 1 where trials are to be judged", str(before.rearing.epochs))
    for path, tried in space.tune.over.items():
        after = space.trial({**low, path: tried.ends[-1]}).cohort
        if after.environment != before.environment:
            came = "what changes the environment: trials would be judged on different stimuli"
            yield Problem(f"tune.over.{path}", "a parameter of anatomy, rearing or an intervention", came)
        elif after == before:
            required = f"a parameter of how subjects of the arm {space.arm!r} grow up"
            advice = "An arm may have its own, which counts instead of the cohort's; twins have `tune.treatment`."
            yield Problem(f"tune.over.{path}", required, "one that changes nothing of it", advice)
