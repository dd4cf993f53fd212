"""A network as a graph: units and the connections between them, from a matrix of weights.

Every measure of graphs takes `weights[i, j]`, the weight of the connection from unit i to unit j, by its absolute
value. Connections of a unit to itself are left out: no path runs through them and they span no distance. A matrix whose
absolute values equal their transpose is an undirected graph, in which a pair of units has one connection; any other is
directed.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from artneuro.errors import Problem, SpecificationError

_ROUNDING = 1e-6  # of the largest weight: below it an asymmetry comes of single precision, not of direction


def strengths(weights: ArrayLike) -> NDArray[np.float64]:
    """Strength of each connection: the absolute weights, checked, without connections of a unit to itself.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        From the unit of the row to the unit of the column; any sign, any unit.

    Returns
    -------
    array, shape (unit, unit), >= 0
        In the unit of the weights; 0 where there is no connection.

    Raises
    ------
    SpecificationError
        Where the matrix is not square, has fewer than two units, is not finite, or is symmetric but for rounding, so
        that nobody can tell whether it is meant to be directed.

    Examples
    --------
    >>> strengths([[5.0, -2.0], [0.0, 1.0]]).tolist()
    [[0.0, 2.0], [0.0, 0.0]]
    """
    matrix = np.abs(np.asarray(weights, dtype=np.float64))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        advice = "`layered` makes one of the weights of consecutive layers." if matrix.ndim == 2 else ""
        raise _refusal("weights", "a square matrix of two units or more", f"shape {matrix.shape}", advice)
    if not np.isfinite(matrix).all():
        missing = np.count_nonzero(~np.isfinite(matrix))
        raise _refusal("weights", "finite numbers", f"{missing} that are not", "Write 0 where there is no connection.")
    np.fill_diagonal(matrix, 0.0)
    difference = np.abs(matrix - matrix.T).max()
    if 0 < difference <= _ROUNDING * matrix.max():
        raise _refusal(
            "weights",
            "a directed or a symmetric graph",
            f"one that is symmetric but for rounding (largest difference {difference:.1g})",
            "`symmetrised` makes it symmetric.",
        )
    return matrix


def _refusal(where: str, required: str, came: str, advice: str = "") -> SpecificationError:
    return SpecificationError([Problem(where, required, came, advice)])


def is_directed(weights: ArrayLike) -> bool:
    """Whether connections have a direction: some pair of units is not connected alike both ways.

    Examples
    --------
    >>> is_directed([[0, 1], [0, 0]]), is_directed([[0, 1], [-1, 0]])
    (True, False)
    """
    matrix = strengths(weights)
    return not np.array_equal(matrix, matrix.T)


def connection_count(weights: ArrayLike) -> int:
    """How many connections there are; in an undirected graph a pair has one.

    Examples
    --------
    >>> connection_count([[0, 1], [0, 0]]), connection_count([[0, 1], [1, 0]])
    (1, 1)
    """
    matrix = strengths(weights)
    entries = np.count_nonzero(matrix)
    return int(entries if is_directed(matrix) else entries // 2)


def density(weights: ArrayLike) -> float:
    """Which share of the possible connections exists, in [0, 1].

    Examples
    --------
    >>> density([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    0.6666666666666666
    """
    matrix = strengths(weights)
    n = len(matrix)
    return float(np.count_nonzero(matrix) / (n * (n - 1)))


def degrees(weights: ArrayLike) -> NDArray[np.int64]:
    """How many connections each unit has; in a directed graph incoming and outgoing ones together.

    Returns
    -------
    array, shape (unit,), int64

    Examples
    --------
    >>> degrees([[0, 1, 1], [1, 0, 0], [1, 0, 0]]).tolist()
    [2, 1, 1]
    """
    exists = strengths(weights) > 0
    outgoing: NDArray[np.int64] = exists.sum(axis=1, dtype=np.int64)
    return outgoing + exists.sum(axis=0, dtype=np.int64) if is_directed(exists) else outgoing


def symmetrised(weights: ArrayLike, by: Literal["mean", "max"] = "mean") -> NDArray[np.float64]:
    """Forget directions: an undirected graph with the mean or the larger weight of both directions, by absolute value.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights.
    by : {"mean", "max"}
        ``(|w_ij| + |w_ji|) / 2``, or the larger of both.

    Returns
    -------
    array, shape (unit, unit), >= 0, symmetric

    Examples
    --------
    >>> symmetrised([[0, -2], [0, 0]]).tolist(), symmetrised([[0, -2], [0, 0]], by="max").tolist()
    ([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [2.0, 0.0]])
    """
    if by not in ("mean", "max"):
        raise _refusal("by", "mean or max", repr(by))
    matrix = np.abs(np.asarray(weights, dtype=np.float64))
    if matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]:  # else `strengths` says what is wrong
        matrix = (matrix + matrix.T) / 2 if by == "mean" else np.maximum(matrix, matrix.T)
    return strengths(matrix)


def binarised(weights: ArrayLike, threshold: float = 0.0) -> NDArray[np.bool_]:
    """Which connections are stronger than a threshold: ``|w| > threshold``.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights.
    threshold : float, >= 0
        In the unit of the weights.

    Returns
    -------
    array, shape (unit, unit), bool

    Examples
    --------
    >>> binarised([[0.0, -0.5], [0.1, 0.0]], threshold=0.2).tolist()
    [[False, True], [False, False]]
    """
    if not threshold >= 0:
        raise _refusal("threshold", "a number >= 0", repr(threshold), "Weights are taken by their absolute value.")
    return strengths(weights) > threshold


def binarised_to_density(weights: ArrayLike, density: float) -> NDArray[np.bool_]:
    """Which connections are the strongest, so many that a given share of the possible ones exists.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights.
    density : float, in (0, 1]
        Share of the possible connections; their number is rounded to the nearest whole one.

    Returns
    -------
    array, shape (unit, unit), bool

    Raises
    ------
    SpecificationError
        Where there are fewer connections than that, or equally strong ones on both sides of the cut: which of them stay
        would then depend on the order of the units. The text names the nearest densities that can be had.

    Examples
    --------
    >>> binarised_to_density([[0.0, 3.0, 1.0], [2.0, 0.0, 0.1], [0.2, 0.3, 0.0]], density=0.5).astype(int).tolist()
    [[0, 1, 1], [1, 0, 0], [0, 0, 0]]
    """
    matrix = strengths(weights)
    n = len(matrix)
    places = np.ones((n, n), dtype=bool) if is_directed(matrix) else np.tri(n, dtype=bool).T
    np.fill_diagonal(places, False)
    ordered = np.sort(matrix[places])[::-1]
    keep = round(density * ordered.size) if 0 < density <= 1 else 0
    exist = np.count_nonzero(ordered)
    if not 1 <= keep <= exist:
        required = f"a share of the {ordered.size} possible connections that keeps between 1 and the {exist} that exist"
        raise _refusal("density", required, f"{density:g}, which keeps {keep}")
    cut = ordered[keep - 1]
    stronger, as_strong = np.count_nonzero(ordered > cut), np.count_nonzero(ordered >= cut)
    if as_strong != keep:
        nearest = " or ".join(f"{count / ordered.size:.6g}" for count in (stronger, as_strong) if count)
        required = "a cut between connections of different strength"
        came = f"{density:g}, which parts {as_strong - stronger} equally strong ones"
        raise _refusal("density", required, came, f"Densities that can be had: {nearest}.")
    kept: NDArray[np.bool_] = matrix >= cut
    return kept


def layered(matrices: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """See a feed-forward network as a graph: one square matrix of the weights of consecutive layers.

    Parameters
    ----------
    matrices : sequence of array, shape (units above, units below)
        As torch's `Linear` holds them, from the input upwards.

    Returns
    -------
    array, shape (unit, unit)
        From row to column; units are numbered from the first input to the last output.

    Raises
    ------
    SpecificationError
        Where there is no layer, or one does not fit the layer below.

    Examples
    --------
    >>> layered([[[1.0, 2.0]], [[3.0]]]).tolist()
    [[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 3.0], [0.0, 0.0, 0.0, 0.0]]
    """
    layers = [np.asarray(matrix, dtype=np.float64) for matrix in matrices]
    if not layers:
        raise _refusal("matrices", "the weights of one layer or more", "none")
    for number, layer in enumerate(layers):
        if layer.ndim != 2:
            raise _refusal(f"matrices[{number}]", "a matrix (units above, units below)", f"shape {layer.shape}")
        if number and layer.shape[1] != len(layers[number - 1]):
            required = f"{len(layers[number - 1])} columns, one for each row of the matrix below"
            raise _refusal(f"matrices[{number}]", required, f"shape {layer.shape}")
    sizes = [layers[0].shape[1], *(len(layer) for layer in layers)]
    ends = np.cumsum(sizes)
    whole = np.zeros((ends[-1], ends[-1]))
    for number, layer in enumerate(layers):
        below, above = ends[number] - sizes[number], ends[number]
        whole[below:above, above : above + sizes[number + 1]] = layer.T
    return whole
