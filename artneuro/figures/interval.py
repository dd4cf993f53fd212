"""Mean of subjects with its interval."""

import numpy as np
import pandas as pd
from scipy import stats

FEWEST = 3
"""Subjects from which figures show an interval: with two, Student's is 13 standard errors wide and hides the data."""


def interval(table: pd.DataFrame, by: list[str], level: float = 0.95) -> pd.DataFrame:
    """Return the mean over subjects with its confidence interval, for each combination of `by`.

    The interval is Student's, mean ± t(n - 1) s / sqrt(n). It is over subjects: the table has one row a subject and
    condition, whatever was repeated inside a subject having been averaged before.

    Parameters
    ----------
    table : DataFrame
        Columns `value` and those of `by`.
    by : list of str
    level : float
        Coverage, 0.95 for a 95 % interval.

    Returns
    -------
    DataFrame
        Columns `by`, `mean`, `low`, `high`, `n`; `low` and `high` are NaN where n is 1.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [0, 0], "value": [0.0, 1.0]})
    >>> interval(table, ["x"]).round(2).values.tolist()  # t(1) = 12.71 and s / sqrt(2) = 0.5
    [[0.0, 0.5, -5.85, 6.85, 2.0]]
    """
    summary = table.groupby(by, sort=False)["value"].agg(["mean", "std", "count"]).reset_index()
    n = summary["count"].to_numpy()
    half = np.full(len(n), np.nan)
    half[n > 1] = stats.t.ppf(0.5 + level / 2, n[n > 1] - 1) * summary["std"].to_numpy()[n > 1] / np.sqrt(n[n > 1])
    return summary[by].assign(mean=summary["mean"], low=summary["mean"] - half, high=summary["mean"] + half, n=n)
