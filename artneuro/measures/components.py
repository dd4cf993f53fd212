"""Connected components: the parts, without a connection between them, into which a network falls."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csgraph, csr_matrix

from artneuro.errors import Problem, SpecificationError
from artneuro.measures.graph import binarised


def components(
    weights: ArrayLike, threshold: float = 0.0, connection: Literal["weak", "strong"] = "weak"
) -> NDArray[np.int64]:
    """Connected component of each unit, once weak connections are left out.

    Liu, Gan and Tegmark 2023 (arXiv 2305.08746) see modules of a trained network as components that remain.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights, from row to column.
    threshold : float, >= 0
        Connections with ``|w| <= threshold`` are left out; in the unit of the weights.
    connection : {"weak", "strong"}
        Whether units of a component are joined by connections of any direction, or reach each other both ways along
        them. In an undirected graph both are the same.

    Returns
    -------
    array, shape (unit,), int64
        Number of each unit's component, counted from 0 by falling size, and among equal ones by their first unit. A
        unit without any connection is a component of its own.

    Raises
    ------
    SpecificationError
        Where the weights are no graph (see `strengths`), or the threshold is negative.

    Examples
    --------
    >>> components([[0, 0, 0, 9], [0, 0, 0, 0], [0, 0, 0, 2], [0, 0, 0, 0]]).tolist()
    [0, 1, 0, 0]
    >>> components([[0, 0, 0, 9], [0, 0, 0, 0], [0, 0, 0, 2], [0, 0, 0, 0]], threshold=2).tolist()
    [0, 1, 2, 0]
    """
    if connection not in ("weak", "strong"):
        raise SpecificationError([Problem("connection", "weak or strong", repr(connection))])
    exists = csr_matrix(binarised(weights, threshold))
    _, labels = csgraph.connected_components(exists, directed=True, connection=connection)
    return numbered_by_size(labels)


def numbered_by_size(labels: ArrayLike) -> NDArray[np.int64]:
    """Number groups of units anew: from 0 by falling size, and among equal ones by their first unit.

    Parameters
    ----------
    labels : array, shape (unit,)
        Any label of each unit's group.

    Returns
    -------
    array, shape (unit,), int64

    Examples
    --------
    >>> numbered_by_size([7, 3, 3, 5]).tolist()
    [1, 0, 0, 2]
    """
    _, first, group, sizes = np.unique(np.asarray(labels), return_index=True, return_inverse=True, return_counts=True)
    number = np.empty(len(sizes), dtype=np.int64)
    number[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return number[group]
