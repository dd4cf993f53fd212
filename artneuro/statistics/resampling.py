"""Intervals of statistics without a formula, by drawing whole subjects again."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from artneuro.seeds import Stream

Array = np.ndarray[Any, Any]

DRAWS = 2000
"""Draws of a bootstrap: enough for limits at 2.5 %, which then lie among 50 values."""


def bootstrap(
    groups: Sequence[Array], statistic: Callable[[list[Array]], Array], stream: Stream, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the percentile interval of a statistic under drawing subjects anew within each group.

    Parameters
    ----------
    groups : sequence of arrays
        Subjects along the first axis.
    statistic : callable
        Takes the groups with an axis of draws in front, (draws, n, ...), and returns (draws,).
    stream : Stream
        The randomness; the same stream gives the same interval.
    """
    generator = stream.numpy()
    drawn = [group[generator.integers(0, len(group), (DRAWS, len(group)))] for group in groups]
    low, high = np.quantile(statistic(drawn), [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
