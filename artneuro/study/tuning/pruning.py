"""Pruning: trials that are worse than most were at the same age are not reared to their end.

The median stopping rule of Golovin et al. 2017, "Google Vizier: a service for black-box optimization", section 3.2.1.
"""

import math
from collections.abc import Sequence
from statistics import median


def median_limits(courses: Sequence[Sequence[float]], grace: int, rising: bool) -> tuple[float, ...]:
    """Return, by epoch, what a trial must not be worse than.

    Parameters
    ----------
    courses : sequence of sequence of float
        What each completed trial had reached after each epoch.
    grace : int
        Epochs that no trial is cut short before, or at the end of.
    rising : bool
        Whether more is better.

    Returns
    -------
    tuple of float
        The median over those trials that lived so long; infinitely bad within the grace. Empty where none was
        completed.

    Examples
    --------
    >>> median_limits([[0.9, 0.5, 0.25], [0.8, 0.7, 0.75], [0.9, 0.6]], grace=1, rising=False)
    (inf, 0.6, 0.5)
    """
    worst = -math.inf if rising else math.inf
    longest = max(map(len, courses), default=0)
    return tuple(
        worst if epoch < grace else median(course[epoch] for course in courses if epoch < len(course))
        for epoch in range(longest)
    )
