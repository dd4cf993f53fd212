"""Periphery: whether what lies far from the middle is connected less."""

import numpy as np
from numpy.typing import ArrayLike

from artneuro.errors import Problem, SpecificationError


def periphery(position: ArrayLike, weights: ArrayLike) -> float:
    """Mean number of connections of a unit far from the middle, over that of one near it.

    Far are those units that are farther from the mean of all positions than the median one.

    Parameters
    ----------
    position : array, shape (unit, axis)
        Where the units lie.
    weights : array, shape (unit, other)
        From each of them to others; what is not 0 is a connection.

    Returns
    -------
    float
        1 where the distance makes no difference. Not-a-number where no near unit has a connection, or none is far.

    Raises
    ------
    SpecificationError
        Where there are not as many positions as units.

    Examples
    --------
    >>> periphery([[0.0], [1.0], [2.0], [4.0]], [[1.0, 0.0], [3.0, 2.0], [1.0, 1.0], [0.0, 0.0]])
    0.25
    """
    places, exists = np.asarray(position), np.asarray(weights) != 0
    if len(places) != len(exists):
        raise SpecificationError([Problem("position", f"one for each of {len(exists)} units", f"{len(places)}")])
    if not len(places):
        return float("nan")
    distance = np.linalg.norm(places - places.mean(axis=0), axis=1)
    far, counts = distance > np.median(distance), exists.sum(axis=1)
    near = counts[~far].mean()
    return float(counts[far].mean() / near) if near and far.any() else float("nan")
