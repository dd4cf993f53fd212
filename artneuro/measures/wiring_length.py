"""Wiring length: how much wire the connections of a network in space take, and whether that is little.

Kaiser and Hilgetag 2006, PLoS Computational Biology 2, e95, compare a network with its units at exchanged places; Liu,
Gan and Tegmark 2023 (arXiv 2305.08746) tax connections by weight times length.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from artneuro.errors import Problem, SpecificationError
from artneuro.measures.graph import is_directed, strengths
from artneuro.seeds import Stream

By = Literal["weight", "existence"]


def distances_between(positions: ArrayLike, metric: Literal["l1", "l2"] = "l2") -> NDArray[np.float64]:
    """How far units are from each other.

    Parameters
    ----------
    positions : array, shape (unit, axis)
        Place of each unit.
    metric : {"l1", "l2"}
        Sum of the distances along the axes, or the straight line.

    Returns
    -------
    array, shape (unit, unit)
        In the unit of the positions.

    Raises
    ------
    SpecificationError
        Where positions are not a matrix of finite numbers, or the metric is unknown.

    Examples
    --------
    >>> distances_between([[0, 0], [3, 4]])[0, 1], distances_between([[0, 0], [3, 4]], metric="l1")[0, 1]
    (np.float64(5.0), np.float64(7.0))
    """
    places = np.asarray(positions, dtype=np.float64)
    if places.ndim != 2 or not np.isfinite(places).all():
        came = f"shape {places.shape}" if places.ndim != 2 else "some that are not finite"
        raise SpecificationError([Problem("positions", "finite numbers, shape (unit, axis)", came)])
    if metric not in ("l1", "l2"):
        raise SpecificationError([Problem("metric", "l1 or l2", repr(metric))])
    between: NDArray[np.float64] = cdist(places, places, metric="cityblock" if metric == "l1" else "euclidean")
    return between


def wiring_length(weights: ArrayLike, distances: ArrayLike, by: By = "weight") -> float:
    """How much wire all connections take together.

    ``sum |w_ij| d_ij`` over connections, or, by existence, ``sum d_ij``: a connection of an undirected graph counts
    once, two opposite ones of a directed graph count both.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights, from row to column.
    distances : array, shape (unit, unit)
        Of `distances_between`, or measured along fibres; only those of connected units are read.
    by : {"weight", "existence"}
        Whether a strong connection takes more wire.

    Returns
    -------
    float
        By existence in the unit of the distances, by weight times the unit of the weights; 0 without connections.

    Raises
    ------
    SpecificationError
        Where the weights are no graph (see `strengths`), distances of connected units are not finite numbers >= 0, or
        there is not one for each pair.

    Examples
    --------
    >>> line = distances_between([[0.0], [1.0], [3.0]])
    >>> weights = [[0, -2, 0], [0, 0, 1], [0, 0, 0]]
    >>> wiring_length(weights, line), wiring_length(weights, line, by="existence")
    (4.0, 3.0)
    """
    wire, spans = _wire(weights, distances, by)
    connected = wire > 0
    return float(wire[connected] @ spans[connected])


def expected_wiring_length(weights: ArrayLike, distances: ArrayLike, by: By = "weight") -> float:
    """How much wire they would take on average, were the places of units exchanged at random.

    Exact, not sampled: every connection then spans the mean distance of two units, ``sum |w| * sum_{i != j} d_ij /
    (n (n - 1))``.

    Parameters
    ----------
    weights, distances, by
        As of `wiring_length`; here all distances are read.

    Returns
    -------
    float
        As of `wiring_length`.

    Examples
    --------
    >>> line = distances_between([[0.0], [1.0], [3.0]])
    >>> expected_wiring_length([[0, -2, 0], [0, 0, 1], [0, 0, 0]], line)
    6.0
    """
    wire, spans = _wire(weights, distances, by, everywhere=True)
    n = len(spans)
    return float(wire.sum() * spans.sum() / (n * (n - 1)))


def shuffled_wiring_lengths(
    weights: ArrayLike, distances: ArrayLike, stream: Stream, shuffles: int = 1000, by: By = "weight"
) -> NDArray[np.float64]:
    """How much wire they would take, were the places of units exchanged at random, time after time.

    Parameters
    ----------
    weights, distances, by
        As of `wiring_length`; here all distances are read.
    stream : Stream
        Randomness of the exchanges.
    shuffles : int, >= 1
        Number of exchanges; each is a random permutation of all units.

    Returns
    -------
    array, shape (shuffle,)
        As of `wiring_length`. Their mean goes to `expected_wiring_length`; the share that is not longer than the
        network itself tells how unlikely its economy is by chance.

    Examples
    --------
    >>> line = distances_between([[0.0], [1.0], [3.0]])
    >>> lengths = shuffled_wiring_lengths([[0, 1, 0], [0, 0, 1], [0, 0, 0]], line, Stream(0), shuffles=100)
    >>> sorted(set(lengths.tolist()))
    [3.0, 4.0, 5.0]
    """
    if shuffles < 1:
        raise SpecificationError([Problem("shuffles", "a whole number >= 1", repr(shuffles))])
    wire, spans = _wire(weights, distances, by, everywhere=True)
    sources, targets = np.nonzero(wire)
    amounts, rng = wire[sources, targets], stream.numpy()
    places = (rng.permutation(len(wire)) for _ in range(shuffles))
    return np.array([amounts @ spans[place[sources], place[targets]] for place in places])


def _wire(
    weights: ArrayLike, distances: ArrayLike, by: By, everywhere: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wires of each pair, one a connection, and what they span, checked where it will be read."""
    if by not in ("weight", "existence"):
        raise SpecificationError([Problem("by", "weight or existence", repr(by))])
    matrix, spans = strengths(weights), np.asarray(distances, dtype=np.float64)
    wire = matrix if by == "weight" else (matrix > 0).astype(np.float64)
    if spans.shape != matrix.shape:
        required, advice = f"shape {matrix.shape}, one for each pair of units", "`distances_between` makes them."
        raise SpecificationError([Problem("distances", required, f"shape {spans.shape}", advice)])
    read = spans[~np.eye(len(spans), dtype=bool)] if everywhere else spans[matrix > 0]
    if not (np.isfinite(read).all() and (read >= 0).all()):
        raise SpecificationError([Problem("distances", "finite numbers >= 0", "some that are not")])
    if not is_directed(matrix):
        wire = np.triu(wire)
    return wire, np.where(np.eye(len(spans), dtype=bool), 0.0, spans)
