"""Modularity: how much more units connect within their modules than their strengths alone would have it.

Newman 2004, Physical Review E 69, 066133; of directed graphs, Leicht and Newman 2008, arXiv 0709.4500.
"""

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike, NDArray

from artneuro.errors import Problem, SpecificationError
from artneuro.measures.components import numbered_by_size
from artneuro.measures.graph import is_directed, strengths
from artneuro.seeds import Stream


def modularity(weights: ArrayLike, modules: ArrayLike, resolution: float = 1.0) -> float:
    """How modular a network is under a given division into modules.

    ``Q = sum_ij (w_ij / m - resolution * out_i * in_j / m^2) * [module_i = module_j]``, with the strengths
    ``out_i = sum_j w_ij``, ``in_j = sum_i w_ij`` and their total ``m = sum_ij w_ij``; weights by absolute value. For an
    undirected graph this is the usual Q. The resolution is that of Reichardt and Bornholdt 2006 (cond-mat/0603718):
    above 1, smaller modules count for more.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights, from row to column; a bool matrix gives the Q of the binary graph.
    modules : array, shape (unit,)
        Any label of each unit's module.
    resolution : float, > 0
        Weight of what strengths alone would have.

    Returns
    -------
    float, at resolution 1 in [-1, 1)
        0: no more within modules than expected, as where all units are one module. Not-a-number where there is no
        connection.

    Raises
    ------
    SpecificationError
        Where the weights are no graph (see `strengths`), or `modules` does not give one label a unit.

    Examples
    --------
    >>> pairs = [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    >>> modularity(pairs, [0, 0, 1, 1])
    0.5
    """
    matrix, labels = strengths(weights), np.asarray(modules)
    if labels.shape != (len(matrix),):
        raise SpecificationError([Problem("modules", f"one label for each of {len(matrix)} units", f"{labels.shape}")])
    _require_positive(resolution)
    total = matrix.sum()
    if total == 0:
        return float("nan")
    groups = np.unique(labels, return_inverse=True)[1]
    member = np.eye(groups.max() + 1)[groups]
    within = np.trace(member.T @ matrix @ member) / total
    expected = (matrix.sum(axis=1) @ member) @ (matrix.sum(axis=0) @ member) / total**2
    return float(within - resolution * expected)


def louvain(weights: ArrayLike, stream: Stream, resolution: float = 1.0, runs: int = 1) -> NDArray[np.int64]:
    """Division into modules of the highest modularity, as far as the Louvain method finds it.

    Units move to the module that raises `modularity` most, modules then become units, until nothing rises (Blondel et
    al. 2008, arXiv 0803.0476; of directed graphs, Dugue and Perez 2015). The order of visits is random, and so is the
    optimum that is found.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights, from row to column.
    stream : Stream
        Randomness of the visits.
    resolution : float, > 0
        As of `modularity`.
    runs : int, >= 1
        Times that the method is begun anew; the division of the highest modularity is returned, the first of equals.

    Returns
    -------
    array, shape (unit,), int64
        Number of each unit's module, counted from 0 by falling size. Without any connection each unit is a module.

    Raises
    ------
    SpecificationError
        Where the weights are no graph (see `strengths`), or a parameter is out of its range.

    Examples
    --------
    >>> pairs = [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    >>> louvain(pairs, Stream(0).child("modules")).tolist()
    [0, 0, 1, 1]
    """
    matrix = strengths(weights)
    _require_positive(resolution)
    if runs < 1:
        raise SpecificationError([Problem("runs", "a whole number >= 1", repr(runs))])
    if not matrix.any():
        return np.arange(len(matrix))
    kind = nx.DiGraph if is_directed(matrix) else nx.Graph
    graph = nx.from_numpy_array(matrix, create_using=kind)
    best, highest = np.arange(len(matrix)), -np.inf
    for run in range(runs):
        found = nx.community.louvain_communities(
            graph, weight="weight", resolution=resolution, seed=stream.child(run).numpy()
        )
        labels = np.empty(len(matrix), dtype=np.int64)
        for number, members in enumerate(found):
            labels[list(members)] = number
        value = modularity(matrix, labels, resolution)
        if value > highest:
            best, highest = labels, value
    return numbered_by_size(best)


def _require_positive(resolution: float) -> None:
    if not resolution > 0:
        raise SpecificationError([Problem("resolution", "a number > 0", repr(resolution))])
