"""Straight line through points, with the interval of its mean."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats


def regression(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any], level: float = 0.95) -> pd.DataFrame | None:
    """Return the least-squares line of y on x over the range of x, with the interval of the mean response.

    ``fit ± t(n - 2) s sqrt(1 / n + (x - mean x)^2 / sum (x - mean x)^2)``, s^2 the residual variance with n - 2 degrees
    of freedom (Draper & Smith 1998, "Applied Regression Analysis", section 1.4).

    Parameters
    ----------
    x, y : arrays, shape (n,)
    level : float

    Returns
    -------
    DataFrame or None
        Columns `x` (50 points), `fit`, `low`, `high`. None where no line is defined: fewer than 3 points, or a
        constant x.

    Examples
    --------
    >>> line = regression(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    >>> line.iloc[[0, -1]].round(6).values.tolist()
    [[0.0, 1.0, 1.0, 1.0], [2.0, 5.0, 5.0, 5.0]]
    """
    n = len(x)
    if n < 3 or np.ptp(x) == 0:
        return None
    away = x - x.mean()
    slope = away @ y / (away @ away)
    residual = y - y.mean() - slope * away
    at = np.linspace(x.min(), x.max(), 50)
    fit = y.mean() + slope * (at - x.mean())
    error = np.sqrt(residual @ residual / (n - 2) * (1 / n + (at - x.mean()) ** 2 / (away @ away)))
    half = stats.t.ppf(0.5 + level / 2, n - 2) * error
    return pd.DataFrame({"x": at, "fit": fit, "low": fit - half, "high": fit + half})
