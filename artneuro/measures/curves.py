"""Curves of a dose: how much is left as more is taken away, in one number."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def area_under_curve(y: ArrayLike, x: ArrayLike) -> NDArray[np.float64]:
    """Area under a curve, by the trapezoid rule, over the range of x: the mean height of the curve.

    Parameters
    ----------
    y : array, shape (..., point)
        Heights.
    x : array, shape (point,), strictly ascending
        Doses; they need not be evenly spaced.

    Returns
    -------
    array, shape (...)
        A constant curve has its height, whatever the doses.

    Raises
    ------
    ValueError
        Where there are fewer than two points, or they do not ascend.

    Examples
    --------
    >>> float(area_under_curve([1.0, 0.5, 0.0], [0.0, 0.5, 1.0]))
    0.5
    """
    heights, doses = np.asarray(y, dtype=np.float64), np.asarray(x, dtype=np.float64)
    if doses.size < 2 or (np.diff(doses) <= 0).any():
        raise ValueError(f"an area needs at least two doses in ascending order; came {doses.tolist()}")
    area: NDArray[np.float64] = np.trapezoid(heights, doses, axis=-1) / (doses[-1] - doses[0])
    return area


def normalised_accuracy(accuracy: ArrayLike, intact: ArrayLike, full: ArrayLike) -> NDArray[np.float64]:
    """Accuracy on a scale from 0 (everything lesioned) to 1 (intact).

    ``(accuracy - full) / (intact - full)``, as Tran et al. 2022 plot it. It separates how soon accuracy falls from how
    high it was, so networks of different accuracy can be compared.

    Parameters
    ----------
    accuracy : array, shape (..., point)
        Accuracy under lesions.
    intact, full : array, shape (...)
        Accuracy of the intact network, and with everything lesioned.

    Returns
    -------
    array, shape (..., point)
        Not-a-number where the full lesion costs no accuracy (``intact <= full``): such a network, at chance for
        instance, has nothing to lose, and says nothing about how lesions are withstood.

    Examples
    --------
    >>> normalised_accuracy([0.9, 0.5, 0.1], 0.9, 0.1)
    array([1. , 0.5, 0. ])
    """
    bottom, span = np.asarray(full, dtype=np.float64)[..., None], np.subtract(intact, full)[..., None]
    return (np.asarray(accuracy, dtype=np.float64) - bottom) / np.where(span > 0, span, np.nan)
