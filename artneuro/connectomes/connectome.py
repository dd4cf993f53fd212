"""What a connectome is: which units are connected, how strongly, and where they lie."""

import hashlib
from collections.abc import Iterable
from typing import final

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from artneuro.errors import Problem, SpecificationError
from artneuro.measures import is_directed


def _held(values: ArrayLike) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)  # a copy: what is frozen must not change from outside
    array.flags.writeable = False
    return array


def _held_or_none(values: ArrayLike | None) -> NDArray[np.float64] | None:
    return None if values is None else _held(values)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(name) for name in names)


@final
@attrs.frozen(kw_only=True, eq=False)
class Connectome:
    """A nervous system, or a trained network, as a graph.

    Parameters
    ----------
    name : str
        What it is called.
    weights : array, shape (unit, unit)
        From the unit of the row to the unit of the column; 0 where there is no connection.
    meaning : str
        What a weight is, such as "number of chemical synapses".
    units : str
        Unit of the weights; "1" for counts and shares.
    positions : array, shape (unit, axis), optional
        Where each unit lies, in `length_units`.
    length_units : str
        Unit of the positions.
    names : sequence of str
        Names of the units; by default "1", "2", ...
    source : str
        Who measured it, and what must be known of it.
    terms : str
        Under which terms it may be used.

    Raises
    ------
    SpecificationError
        Where weights are no graph, or positions or names are not one for each unit.

    Examples
    --------
    >>> chain = Connectome(name="chain", weights=[[0, 2], [0, 0]], meaning="synapses", positions=[[0.0], [1.5]])
    >>> chain
    Connectome('chain': 2 units, directed, synapses, positions in mm)
    >>> chain.names
    ('1', '2')
    """

    name: str
    weights: NDArray[np.float64] = attrs.field(converter=_held)
    meaning: str = "weight of the connection"
    units: str = "1"
    positions: NDArray[np.float64] | None = attrs.field(default=None, converter=_held_or_none)
    length_units: str = "mm"
    names: tuple[str, ...] = attrs.field(converter=_names)
    source: str = ""
    terms: str = ""

    @names.default
    def _numbered(self) -> tuple[str, ...]:
        return tuple(str(number + 1) for number in range(len(np.atleast_1d(self.weights))))

    def __attrs_post_init__(self) -> None:
        is_directed(self.weights)  # refuses what is no graph
        n, problems = len(self.weights), []
        if len(self.names) != n or len(set(self.names)) != n:
            came = f"{len(self.names)} names, {len(set(self.names))} of them different"
            problems.append(Problem("names", f"one name of its own for each of {n} units", came))
        places = self.positions
        if places is not None and (places.ndim != 2 or len(places) != n or not np.isfinite(places).all()):
            came = f"shape {places.shape}" if places.ndim != 2 or len(places) != n else "some that are not finite"
            problems.append(Problem("positions", f"finite numbers, shape ({n}, axis)", came))
        if problems:
            raise SpecificationError(problem.within(self.name) for problem in problems)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that identify name, weights and positions."""
        digest = hashlib.sha256(f"{self.name}\n{self.weights.shape}\n".encode())
        digest.update(self.weights.tobytes())
        if self.positions is not None:
            digest.update(self.positions.tobytes())
        return digest.hexdigest()[:16]

    @property
    def directed(self) -> bool:
        """Whether connections have a direction."""
        return is_directed(self.weights)

    def __len__(self) -> int:
        return len(self.weights)

    def __repr__(self) -> str:
        kind = "directed" if self.directed else "undirected"
        places = "no positions" if self.positions is None else f"positions in {self.length_units}"
        return f"Connectome({self.name!r}: {len(self)} units, {kind}, {self.meaning}, {places})"
