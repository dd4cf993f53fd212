"""Dose and response: performance as ever more of a network is lesioned."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from artneuro.measures.curves import area_under_curve, normalised_accuracy
from artneuro.measures.performance import Tally


def counts_of(fractions: Sequence[float], total: int) -> list[int]:
    """Return how many of `total` each fraction is: rounded to the nearest, halves up.

    Examples
    --------
    >>> counts_of([0.0, 0.25, 0.5, 1.0], 10)
    [0, 3, 5, 10]
    """
    return [int(fraction * total + 0.5 + 1e-9) for fraction in fractions]  # 0.29 * 50 is a hair below 14.5


def points_of(fractions: Sequence[float], total: int) -> list[int]:
    """Return the different counts to measure at: those of the fractions, and always none and all.

    Examples
    --------
    >>> points_of([0.1, 0.2, 0.5], 4)
    [0, 1, 2, 4]
    """
    return sorted({0, total, *counts_of(fractions, total)})


def dose_response(
    tallies: Mapping[tuple[str, str, int], Tally],
    shape: tuple[int, int, int],
    fractions: Sequence[float],
    total: int,
    intact: Tally,
) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """Turn tallies of lesions of ever more units into curves.

    Parameters
    ----------
    tallies : mapping of (order, clamp, repeat) to Tally, shape (point,)
        Performance with each of `points_of(fractions, total)` units lesioned; conditions in the order of `shape`.
    shape : tuple of int
        Number of orders, clamps and repeats.
    fractions : sequence of float, ascending
        Fractions to report.
    total : int
        Number of units.
    intact : Tally, shape ()
        Performance of the intact network.

    Returns
    -------
    dict of str to array
        ``accuracy``, ``loss``, ``normalised_accuracy`` (order, clamp, repeat, fraction); ``class_accuracy`` likewise,
        and (class); ``auc``, ``accuracy_auc`` (order, clamp): area under the mean over repeats; ``sham_accuracy``,
        ``sham_loss`` (order, clamp, repeat): with an empty lesion; ``lesioned`` (fraction,): number of units.
        Normalised accuracy is scaled by the mean over repeats of the accuracy with all units lesioned.
    """
    counts, points = counts_of(fractions, total), points_of(fractions, total)
    places = [points.index(count) for count in counts]

    def table(values: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.stack(values).reshape(*shape, *values[0].shape)

    accuracy = table([tally.accuracy.cpu().numpy() for tally in tallies.values()])
    loss = table([tally.loss.cpu().numpy() for tally in tallies.values()])
    by_class = table([tally.class_accuracy.cpu().numpy() for tally in tallies.values()])
    full = np.broadcast_to(accuracy[..., -1].mean(axis=2, keepdims=True), shape)
    normalised = normalised_accuracy(accuracy[..., places], intact.accuracy.item(), full)
    return {
        "accuracy": accuracy[..., places],
        "loss": loss[..., places],
        "class_accuracy": by_class[..., places, :],
        "normalised_accuracy": normalised,
        "auc": area_under_curve(normalised.mean(axis=2), fractions),
        "accuracy_auc": area_under_curve(accuracy[..., places].mean(axis=2), fractions),
        "sham_accuracy": accuracy[..., 0],
        "sham_loss": loss[..., 0],
        "lesioned": np.array(counts),
    }
