"""Paths: how many connections lie between two units.

Watts and Strogatz 1998; efficiency, Latora and Marchiori 2001, arXiv cond-mat/0101396.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csgraph, csr_matrix

from artneuro.measures.graph import strengths


def path_lengths(weights: ArrayLike, weighted: bool = False) -> NDArray[np.float64]:
    """Length of the shortest path from each unit to each other one.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights, from row to column.
    weighted : bool
        Whether a connection is ``1 / |w|`` long, so that strong connections are short; otherwise it counts 1.

    Returns
    -------
    array, shape (unit, unit)
        In connections, or in the inverse unit of the weights; infinite where no path leads there, 0 on the diagonal.

    Raises
    ------
    SpecificationError
        Where the weights are no graph (see `strengths`).

    Examples
    --------
    >>> path_lengths([[0, 4, 0], [0, 0, -2], [0, 0, 0]]).tolist()
    [[0.0, 1.0, 2.0], [inf, 0.0, 1.0], [inf, inf, 0.0]]
    >>> path_lengths([[0, 4, 0], [0, 0, -2], [0, 0, 0]], weighted=True)[0].tolist()
    [0.0, 0.25, 0.75]
    """
    connections = csr_matrix(strengths(weights))
    if weighted:
        connections.data = 1.0 / connections.data
    lengths: NDArray[np.float64] = csgraph.shortest_path(connections, method="D", unweighted=not weighted)
    return lengths


def reachable_fraction(lengths: ArrayLike) -> float:
    """Share of the ordered pairs of units that a path joins, in [0, 1].

    Parameters
    ----------
    lengths : array, shape (unit, unit)
        Of `path_lengths`.

    Examples
    --------
    >>> reachable_fraction(path_lengths([[0, 1], [0, 0]]))
    0.5
    """
    return float(np.isfinite(_between(lengths)).mean())


def characteristic_path_length(lengths: ArrayLike) -> float:
    """Mean length of the shortest paths, over the ordered pairs of different units that one joins.

    Pairs that no path joins are left out, so a network that falls apart may have shorter paths than a whole one: look
    at `reachable_fraction` beside it, or at `efficiency` instead, in which such pairs count as 0.

    Parameters
    ----------
    lengths : array, shape (unit, unit)
        Of `path_lengths`.

    Returns
    -------
    float, in the unit of the lengths
        Not-a-number where no path joins any two units.

    Examples
    --------
    >>> chain = [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    >>> characteristic_path_length(path_lengths(chain))
    1.3333333333333333
    """
    between = _between(lengths)
    joined = between[np.isfinite(between)]
    return float(joined.mean()) if joined.size else float("nan")


def efficiency(lengths: ArrayLike) -> float:
    """How close are units to each other: the mean of one over the path length, over ordered pairs of different units.

    ``E = sum_{i != j} (1 / l_ij) / (n (n - 1))``; a pair that no path joins counts as 0.

    Parameters
    ----------
    lengths : array, shape (unit, unit)
        Of `path_lengths`.

    Returns
    -------
    float, in the inverse unit of the lengths
        For lengths in connections, in [0, 1]: 1 where every unit is connected with every other, 0 where none is.

    Examples
    --------
    >>> round(efficiency(path_lengths([[0, 1, 0], [1, 0, 1], [0, 1, 0]])), 4)
    0.8333
    """
    return float((1.0 / _between(lengths)).mean())


def _between(lengths: ArrayLike) -> NDArray[np.float64]:
    """Lengths of the ordered pairs of different units."""
    matrix = np.asarray(lengths, dtype=np.float64)
    return matrix[~np.eye(len(matrix), dtype=bool)]
