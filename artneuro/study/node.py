"""Node: a value of a study file and the place where it stands, so that what is wrong can be said with file and line."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self, final

import attrs

from artneuro.errors import Problem, SpecificationError


@final
@attrs.frozen
class Node:
    """A value and the place where it stands.

    Parameters
    ----------
    value : dict of str to Node, list of Node, or scalar
        What stands there.
    place : str
        File and line, such as ``study.yaml:12``, or the part of the command line.
    """

    value: Any
    place: str

    @classmethod
    def of(cls, value: Any, place: str) -> Self:
        """Return plain data, all of it standing at one place.

        Examples
        --------
        >>> Node.of({"n": [3]}, "a.yaml:1").bare()
        {'n': [3]}
        """
        if isinstance(value, Mapping):
            return cls({str(key): cls.of(child, place) for key, child in value.items()}, place)
        if isinstance(value, list | tuple):
            return cls([cls.of(child, place) for child in value], place)
        return cls(value, place)

    def bare(self) -> Any:
        """Return the value as plain data, without places.

        Examples
        --------
        >>> Node({"n": Node(3, "a.yaml:1")}, "a.yaml:1").bare()
        {'n': 3}
        """
        if isinstance(self.value, dict):
            return {key: child.bare() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.bare() for child in self.value]
        return self.value

    def placed(self, change: Callable[[str], str]) -> "Node":
        """Return the same value with the place of everything in it changed."""
        value: Any = self.value
        if isinstance(value, dict):
            value = {key: child.placed(change) for key, child in value.items()}
        elif isinstance(value, list):
            value = [child.placed(change) for child in value]
        return Node(value, change(self.place))

    def places(self, path: str = "") -> Iterator[tuple[str, str]]:
        """Yield the path of every value within this one, and its place; paths are those of `errors.Problem`."""
        yield path, self.place
        if isinstance(self.value, dict):
            for key, child in self.value.items():
                yield from child.places(f"{path}.{key}" if path else key)
        if isinstance(self.value, list):
            for position, child in enumerate(self.value):
                yield from child.places(f"{path}[{position}]")


def located(problems: Iterable[Problem], places: Mapping[str, str]) -> SpecificationError:
    """Return the problems as one error that says where each stands.

    Parameters
    ----------
    problems : iterable of Problem
        With paths from the top of the file.
    places : mapping of path to place
        From `Node.places`. A path that is not there (something is missing) is given the place of what encloses it.

    Examples
    --------
    >>> print(located([Problem("cohort.n", "a number", "nothing")], {"": "a.yaml:1", "cohort": "a.yaml:4"}))
    a.yaml:4: cohort.n: required a number; came nothing.
    """
    found = []
    for problem in problems:
        path = problem.where
        while path and path not in places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        separator = ": " if problem.where else ""
        found.append(attrs.evolve(problem, where=f"{places[path]}{separator}{problem.where}"))
    return SpecificationError(found)
