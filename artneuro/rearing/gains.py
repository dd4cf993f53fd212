"""Gains: by how much each round of swaps has lowered a subject's cost, that which its swaps lower, and when."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from artneuro import records
from artneuro.labels import Label

Rounds = NDArray[np.float64]
"""Rounds of swaps of one subject (round, 3): epochs that were complete, updates since birth, and the gain."""

LABELS: Mapping[str, Label] = {
    "swap_epoch": Label(
        "age at the round of swaps, in epochs that were complete; -1 where there is no such round",
        "epoch",
        ("swap_round",),
    ),
    "swap_step": Label(
        "updates of the weights before the round, since birth; -1 where there is none", "update", ("swap_round",)
    ),
    "swap_gain": Label(
        "by how much the round has lowered the cost that swaps lower, of sums or of means; not-a-number where there is "
        "none",
        "1",
        ("swap_round",),
    ),
}
"""Variables of a history besides those along `epoch`, where units changed places."""


def of(history: xr.Dataset) -> Rounds:
    """Read the rounds from a history; none where no unit could change places."""
    if "swap_gain" not in history:
        return joined([])
    return np.stack([history[name].values.astype(np.float64) for name in LABELS], axis=1)


def upto(rounds: Rounds, age: int) -> Rounds:
    """Return the rounds before an age, in epochs.

    Examples
    --------
    >>> upto(np.array([[0.0, 5, 2.5], [1, 10, 0.25]]), age=1).tolist()
    [[0.0, 5.0, 2.5]]
    """
    return rounds[rounds[:, 0] < age]


def written(rounds: Rounds) -> xr.Dataset:
    """Return the rounds as a dataset along `swap_round`, also where there are none."""
    values = {
        "swap_epoch": rounds[:, 0].astype(np.int64),
        "swap_step": rounds[:, 1].astype(np.int64),
        "swap_gain": rounds[:, 2],
    }
    return records.dataset(values, LABELS, {})


def written_into(history: xr.Dataset, rounds: Rounds) -> xr.Dataset:
    """Return a history with the rounds; the same where there are none."""
    return history.merge(written(rounds), combine_attrs="override") if len(rounds) else history


def joined(parts: Sequence[Rounds]) -> Rounds:
    """Return rounds (round, 3) one after the other; none where there are no parts."""
    return np.concatenate([np.zeros((0, 3)), *parts])
