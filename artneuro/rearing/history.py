"""History: what is written down of a subject at the end of each epoch."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from artneuro import records
from artneuro.labels import Label

_LOSS = "cross-entropy with the targets as told, as trained (label smoothing included, penalties not)"
_ALONG = ("epoch",)
MEASURES: Mapping[str, Label] = {
    "train_loss": Label(f"{_LOSS}, mean over the epoch's batches as they came", "nat", _ALONG),
    "train_accuracy": Label("share of right answers, with the targets as told, over the epoch's batches", "1", _ALONG),
    "test_loss": Label("cross-entropy on the test stimuli after the epoch", "nat", _ALONG),
    "test_accuracy": Label("share of right answers on the test stimuli after the epoch", "1", _ALONG),
    "learning_rate": Label("learning rate in the epoch", "1", _ALONG),
    "updates": Label("updates of the weights since birth, after the epoch", "update", _ALONG),
    "wall_time": Label("time the epoch took, shared out evenly among subjects reared together", "s", _ALONG),
}
"""Variables of a history, along `epoch`: the age in epochs from birth, 1 after the first."""

_AFTER = {
    "train_loss": "cross-entropy on the training stimuli after the epoch, in evaluation mode, with the targets as told",
    "train_accuracy": "share of right answers on the training stimuli after the epoch, in evaluation mode, as told",
}


def history(rows: Sequence[Mapping[str, float]], first: int, evaluated: bool) -> xr.Dataset:
    """Label the rows of a history.

    Parameters
    ----------
    rows : sequence of mapping
        One an epoch, with every variable of `MEASURES`.
    first : int
        Age after the first of them.
    evaluated : bool
        Whether training loss and accuracy were measured after each epoch instead of along it.
    """
    labels = dict(MEASURES)
    if evaluated:
        labels |= {name: Label(meaning, MEASURES[name].units, _ALONG) for name, meaning in _AFTER.items()}
    kinds: dict[str, Any] = {name: np.int64 if name == "updates" else np.float64 for name in labels}
    values = {name: np.array([row[name] for row in rows], dtype=kinds[name]) for name in labels}
    return records.dataset(values, labels, {"epoch": np.arange(first, first + len(rows))}, title="History")
