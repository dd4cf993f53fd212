"""Correlation of two properties of units within one network."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


def spearman(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rank correlation; one number a network, never a test: units are no animals.

    Parameters
    ----------
    x, y : array, shape (unit,)
        Two properties of the same units.

    Returns
    -------
    float, in [-1, 1]
        Not-a-number where it is not defined: fewer than three units, a value missing, or all values equal.

    Examples
    --------
    >>> spearman([1, 2, 3], [1, 4, 9])
    1.0
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    pair = np.stack([first, second])
    if pair.shape[1] < 3 or (np.ptp(pair, axis=1) == 0).any():
        return float("nan")
    return float(stats.spearmanr(first, second).statistic)
