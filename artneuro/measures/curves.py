"""Curves of a dose, in one number: how much is left as more is taken away, and where half of it is done."""

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
    heights, doses = np.asarray(y, dtype=np.float64), _ascending(x, "an area")
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


def half_dose(y: ArrayLike, x: ArrayLike) -> NDArray[np.float64]:
    """Dose at which an effect first reaches half of what it is at the last dose, interpolated linearly.

    Whatever the size of the effect, half of it is there at the same dose; so it compares how late effects come that
    are not equally large.

    Parameters
    ----------
    y : array, shape (..., point)
        Effects, 0 where there is none.
    x : array, shape (point,), strictly ascending
        Doses; they need not be evenly spaced.

    Returns
    -------
    array, shape (...)
        In units of x. The first dose, where its effect is as large already. Not-a-number where the last effect is not
        above 0, or a value is missing: nothing has no half.

    Raises
    ------
    ValueError
        Where there are fewer than two points, or they do not ascend.

    Examples
    --------
    >>> half_dose([[0.0, 0.1, 0.3, 0.4], [0.0, 0.0, 0.0, -0.1]], [0.0, 10.0, 20.0, 40.0])
    array([15., nan])
    """
    effects, doses = np.asarray(y, dtype=np.float64), _ascending(x, "half of an effect")
    half = effects[..., -1] / 2
    reached = (effects >= half[..., None]).argmax(axis=-1)
    before = np.maximum(reached - 1, 0)
    low, high = (np.take_along_axis(effects, at[..., None], axis=-1)[..., 0] for at in (before, reached))
    rise = np.where(high > low, high - low, 1.0)  # 1 where the first dose has it already: nothing is divided there
    found = doses[before] + np.where(reached > 0, (half - low) / rise, 0.0) * (doses[reached] - doses[before])
    return np.where((half > 0) & np.isfinite(effects).all(axis=-1), found, np.nan)


def _ascending(x: ArrayLike, what: str) -> NDArray[np.float64]:
    doses = np.asarray(x, dtype=np.float64)
    if doses.size < 2 or (np.diff(doses) <= 0).any():
        raise ValueError(f"{what} needs at least two doses in ascending order; came {doses.tolist()}")
    return doses
