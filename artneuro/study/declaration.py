"""Declaration: a study file -> a Study, with everything that is wrong with it said at once."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, final

import attrs

from artneuro import registry
from artneuro.cohort import Arm
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import conform, hints, shown
from artneuro.study.document import read
from artneuro.study.node import Node, located
from artneuro.study.overrides import assignment, at, merge
from artneuro.study.study import CohortDesign, Entry, Study

__all__ = ["CohortDesign", "Declaration", "Entry", "Study", "declared", "load_study"]


@final
@attrs.frozen
class Declaration:
    """A study as a file declares it, and where in the file everything stands.

    Parameters
    ----------
    study : Study
        The study.
    places : mapping of path to place
        File and line of every value, for problems that show later; see `document.located`.
    root : Node
        What was read, with profile and overrides merged in, and before arms inherit from the cohort.
    """

    study: Study
    places: Mapping[str, str]
    root: Node

    def over(self, values: Mapping[str, Any]) -> Study:
        """Return the study with other values, by the rules of `--set`.

        Parameters
        ----------
        values : mapping of path to plain data

        Raises
        ------
        SpecificationError
            Where the study does not have the path, or cannot have the value; with paths in the study.
        """
        node = self.root
        for path, value in values.items():
            node = merge(node, at(path, Node.of(value, path)), Study)
        return conform(_inherited(node).bare(), Study)  # type: ignore[no-any-return]

    def located(self, problems: Iterable[Problem]) -> SpecificationError:
        """Return problems of the study as one error that says where in the file each stands."""
        return SpecificationError(_once(_written(problems, self.places), self.places))


def load_study(path: Path | str, profile: str | None = None, overrides: Sequence[str] = ()) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : path
        A YAML file.
    profile : str, optional
        Name of the profile of the file that is merged in.
    overrides : sequence of str
        ``PATH=VALUE``, merged in last; the rules are those of `artneuro.study.overrides`. By the same rules, what an
        arm says of anatomy, environment or rearing is merged over what the cohort says.

    Raises
    ------
    SpecificationError
        With everything that is wrong, in every profile, each with file, line and path.
    """
    return declared(path, profile, overrides).study


Refusals = Callable[[Study], Iterable[Problem]]
"""Returns why the subjects of a study cannot be reared or measured, such as `suitability.refusals`."""


def declared(
    path: Path | str, profile: str | None = None, overrides: Sequence[str] = (), besides: Refusals | None = None
) -> Declaration:
    """Read a study file, and keep where everything stands; errors and other parameters are those of `load_study`.

    Parameters
    ----------
    besides : callable, optional
        Asked where the file is refused and its cohort and protocols are right by themselves, so that what takes stimuli
        and subjects to find is said along with the rest.
    """
    registry.load_plugins()
    root = read(path)
    if not isinstance(root.value, dict):
        required = "a mapping with `study:`, `question:`, `cohort:`"
        raise SpecificationError([Problem(root.place, required, shown(root.bare()))])
    base = Node({key: child for key, child in root.value.items() if key != "profiles"}, root.place)
    profiles = _profiles(root)
    if profile is not None and profile not in profiles:
        advice = registry.suggestion(profile, list(profiles))
        raise SpecificationError([Problem(f"{path}: profiles", "a profile of the file", shown(profile), advice)])
    chosen = [profiles[profile]] if profile else []
    problems: dict[Problem, None] = {}  # a set that keeps the order: what is wrong in the base is wrong in each profile
    declaration = _attempt(base, [*chosen, *_assignments(overrides, problems)], problems, besides)
    for name, over in profiles.items():
        if name != profile:
            _attempt(base, [over], problems)
    if declaration is not None and problems and besides is not None:  # another profile is wrong
        problems.update(dict.fromkeys(declaration.located(besides(declaration.study)).problems))
    if declaration is None or problems:
        raise SpecificationError(problems)
    return declaration


def _profiles(root: Node) -> dict[str, Node]:
    """Return the profiles of a file by name; each value's place says which profile it is of."""
    node = root.value.get("profiles", Node({}, root.place))
    if not isinstance(node.value, dict):
        raise SpecificationError(
            [Problem(f"{node.place}: profiles", "a mapping from names to overrides", shown(node.bare()))]
        )
    return {
        name: child.placed(lambda place, name=name: f"{place} (profile {name})") for name, child in node.value.items()
    }


def _assignments(texts: Sequence[str], problems: dict[Problem, None]) -> list[Node]:
    nodes = []
    for text in texts:
        try:
            nodes.append(assignment(text))
        except SpecificationError as error:
            problems.update(dict.fromkeys(error.problems))
    return nodes


def _attempt(
    base: Node, overrides: Sequence[Node], problems: dict[Problem, None], besides: Refusals | None = None
) -> Declaration | None:
    """Return the study that is left after all overrides, or note why there is none."""
    node = base
    for over in overrides:
        if over.value is None:  # a profile that changes nothing
            continue
        if not isinstance(over.value, dict):
            problems[Problem(over.place, "overrides, as a mapping like that of the file", shown(over.bare()))] = None
            continue
        try:
            node = merge(node, over, Study)
        except SpecificationError as error:
            problems.update(dict.fromkeys(located(error.problems, dict(over.places())).problems))
    places = dict(node.places())
    whole = node
    try:
        whole = _inherited(node)
        places = dict(whole.places())
        return Declaration(conform(whole.bare(), Study), places, node)
    except SpecificationError as error:
        more = () if besides is None else _of_the_rest(whole.bare(), besides)
        problems.update(dict.fromkeys(_once([*error.problems, *_written(more, places)], places)))
    return None


def _of_the_rest(file: Mapping[str, Any], besides: Refusals) -> Iterable[Problem]:
    """Return what is wrong besides with who is reared and what is measured; nothing where these cannot be read."""
    protocols = file.get("protocols", [])
    if isinstance(protocols, list):  # when they measure is no matter of stimuli, and may be what is wrong
        protocols = [
            {key: value for key, value in entry.items() if key != "ages"} if isinstance(entry, dict) else entry
            for entry in protocols
        ]
    try:
        rest = conform({"study": "rest", "question": "?", "cohort": file["cohort"], "protocols": protocols}, Study)
    except (KeyError, SpecificationError):
        return ()
    return besides(rest)


def _inherited(root: Node) -> Node:
    """Return the file with what arms override merged over what the cohort has."""
    cohort = root.value.get("cohort")
    arms = cohort.value.get("arms") if cohort and isinstance(cohort.value, dict) else None
    if arms is None or not isinstance(arms.value, dict):
        return root
    kinds = hints(Arm)
    whole = {}
    for label, arm in arms.value.items():
        parts = dict(arm.value) if isinstance(arm.value, dict) else {}
        for name in ("anatomy", "environment", "rearing"):
            if name in parts and name in cohort.value:
                parts[name] = _over(f"cohort.arms.{label}.{name}", cohort.value[name], parts[name], kinds[name])
        whole[label] = Node(parts, arm.place) if parts else arm
    changed = Node({**cohort.value, "arms": Node(whole, arms.place)}, cohort.place)
    return Node({**root.value, "cohort": changed}, root.place)


def _over(path: str, base: Node, over: Node, kind: Any) -> Node:
    try:
        return merge(base, over, kind)
    except SpecificationError as error:
        raise SpecificationError([problem.within(path) for problem in error.problems]) from None


def _written(problems: Iterable[Problem], places: Mapping[str, str]) -> Iterator[Problem]:
    """Yield problems with paths as the file has them: an arm may be the list of its interventions."""
    for problem in problems:
        listed = re.sub(r"^(cohort\.arms\.[^.\[]+)\.interventions\[", r"\1[", problem.where)
        known = listed.partition("]")[0] + "]" in places
        yield attrs.evolve(problem, where=listed) if known else problem


def _once(problems: Iterable[Problem], places: Mapping[str, str]) -> Iterator[Problem]:
    """Yield problems with their place; what an arm has inherited from the cohort is wrong there already."""
    seen: set[tuple[str, str, str]] = set()
    for problem in problems:
        (found,) = located([problem], places).problems
        what = (found.where.removesuffix(problem.where), problem.required, problem.came)
        if not problem.where.startswith("cohort.arms.") or what not in seen:
            yield found
        seen.add(what)
