"""Clustering: whether the neighbours of a unit are connected with each other.

Watts and Strogatz 1998; of directed graphs, Fagiolo 2007, arXiv physics/0612169; of weighted ones, Onnela et al. 2005,
arXiv cond-mat/0408629.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from artneuro.measures.graph import strengths


def clustering(weights: ArrayLike, weighted: bool = False) -> NDArray[np.float64]:
    """Share that exists of the triangles that a unit could be part of.

    ``C_i = [(B + B^T)^3]_ii / (2 (d_i (d_i - 1) - 2 r_i))``, with B the binary graph, d_i the connections of unit i, in
    and out, and r_i those that go both ways (Fagiolo 2007, equation 8). In an undirected graph this is Watts' and
    Strogatz' share of pairs of neighbours that are neighbours. Weighted, B holds ``(w / max w)^(1/3)``, so that a
    triangle counts by the geometric mean of its weights.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights, from row to column.
    weighted : bool
        Whether triangles count by their weights; otherwise a connection exists or does not.

    Returns
    -------
    array, shape (unit,), in [0, 1]
        0 also for a unit with fewer than two neighbours. Its mean is the clustering coefficient of the network.

    Raises
    ------
    SpecificationError
        Where the weights are no graph (see `strengths`).

    Examples
    --------
    >>> triangle_and_tail = [[0, 1, 1, 1], [1, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]]
    >>> clustering(triangle_and_tail).round(3).tolist()
    [0.333, 1.0, 1.0, 0.0]
    """
    matrix = strengths(weights)
    exists = (matrix > 0).astype(np.float64)
    sides = np.cbrt(matrix / matrix.max()) if weighted and matrix.any() else exists
    both = sides + sides.T
    triangles = np.einsum("ij,ij->i", both @ both, both) / 2  # `both` is symmetric
    degree = exists.sum(axis=0) + exists.sum(axis=1)
    possible = degree * (degree - 1) - 2 * (exists * exists.T).sum(axis=1)
    share: NDArray[np.float64] = np.divide(triangles, possible, out=np.zeros(len(matrix)), where=possible > 0)
    return share
