"""Rich club: whether units with many connections are connected with each other.

Zhou and Mondragon 2004, arXiv cs/0308036; against random networks, Colizza et al. 2006, arXiv physics/0602134.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from artneuro.measures.graph import binarised, degrees
from artneuro.measures.nulls import require_same_degrees


def rich_club(weights: ArrayLike) -> NDArray[np.float64]:
    """Share that exists of the possible connections among the units with more than k connections.

    ``phi(k) = E_{>k} / (N_{>k} (N_{>k} - 1))``, with N_{>k} the units of degree above k, and E_{>k} the connections
    from one of them to another, of an undirected graph counted both ways. The degree of a directed graph is that of
    both directions.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights, from row to column; what is not 0 is a connection.

    Returns
    -------
    array, shape (degree,), in [0, 1]
        For k from 0 to the highest degree less one. Not-a-number where fewer than two units are left. Empty where there
        is no connection.

    Raises
    ------
    SpecificationError
        Where the weights are no graph (see `strengths`).

    Examples
    --------
    >>> triangle_and_tail = [[0, 1, 1, 1], [1, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]]
    >>> rich_club(triangle_and_tail).round(3).tolist()
    [0.667, 1.0, nan]
    """
    exists = binarised(weights)
    return _phi(exists, degrees(exists))


def _phi(exists: NDArray[np.bool_], degree: NDArray[np.int64]) -> NDArray[np.float64]:
    lower = np.minimum(degree[:, None], degree[None, :])[exists]
    steps = np.arange(degree.max())
    inside = len(lower) - np.searchsorted(np.sort(lower), steps, side="right")
    units = len(degree) - np.searchsorted(np.sort(degree), steps, side="right")
    possible = units * (units - 1)
    phi: NDArray[np.float64] = np.divide(inside, possible, out=np.full(len(steps), np.nan), where=possible > 0)
    return phi


def normalised_rich_club(weights: ArrayLike, nulls: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How much more units with many connections are connected with each other than their degrees alone would have it.

    ``rho(k) = phi(k) / phi0(k)``, with phi0 the mean of `rich_club` over nulls of the same degrees. Without them, phi
    rises with k in nearly every network.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights, from row to column; what is not 0 is a connection.
    nulls : array, shape (null, unit, unit), bool
        Of `degree_preserving_nulls`.

    Returns
    -------
    array, shape (degree,)
        As of `rich_club`; above 1, a rich club. Not-a-number also where no null has a connection among these units.

    Raises
    ------
    SpecificationError
        Where the weights are no graph (see `strengths`), or some null has other degrees.

    Examples
    --------
    >>> star = np.zeros((4, 4))
    >>> star[0, 1:] = star[1:, 0] = 1
    >>> normalised_rich_club(star, np.stack([star > 0])).tolist()  # no other graph has the degrees of a star
    [1.0, nan, nan]
    """
    exists = binarised(weights)
    require_same_degrees(exists, nulls)
    degree = degrees(exists)  # and of every null, even of one of a directed network that happens to be symmetric
    expected = np.mean([_phi(null, degree) for null in nulls], axis=0)
    rho = np.full(len(expected), np.nan)
    np.divide(_phi(exists, degree), expected, out=rho, where=expected > 0)
    return rho
