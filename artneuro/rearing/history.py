"""History: what is written down of a subject at the end of each epoch, or of every so many."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from artneuro import records
from artneuro.labels import Label
from artneuro.rearing.rearing import Rearing

_LOSS = "cross-entropy with the targets as told, as trained (label smoothing included, penalties not)"
_ALONG = ("epoch",)
MEASURES: Mapping[str, Label] = {
    "train_loss": Label(f"{_LOSS}, mean over the epoch's batches as they came", "nat", _ALONG),
    "train_accuracy": Label("share of right answers, with the targets as told, over the epoch's batches", "1", _ALONG),
    "test_loss": Label("cross-entropy on the test stimuli after the epoch", "nat", _ALONG),
    "test_accuracy": Label("share of right answers on the test stimuli after the epoch", "1", _ALONG),
    "learning_rate": Label("learning rate in the epoch", "1", _ALONG),
    "updates": Label("updates of the weights since birth, after the epoch", "update", _ALONG),
    "wall_time": Label(
        "time that the epochs since the row before took, shared out evenly among subjects reared together", "s", _ALONG
    ),
}
"""Variables of a history, along `epoch`: the age in epochs from birth, 1 after the first.

Where targets are values there is no accuracy; with `loss: mean_square` losses are mean squares, without a unit.
"""

_AFTER = {
    "train_loss": "cross-entropy on the training stimuli after the epoch, in evaluation mode, with the targets as told",
    "train_accuracy": "share of right answers on the training stimuli after the epoch, in evaluation mode, as told",
}


def labels_of(rearing: Rearing, classes: bool) -> dict[str, Label]:
    """Return the variables of a history and what they mean, for subjects that grow up like this.

    Parameters
    ----------
    rearing : Rearing
    classes : bool
        Whether targets are classes, and not values.

    Examples
    --------
    >>> found = labels_of(Rearing(loss="mean_square"), classes=False)
    >>> found["test_loss"].units, "test_accuracy" in found
    ('1', False)
    """
    labels = dict(MEASURES)
    if rearing.evaluate_train:
        labels |= {name: Label(meaning, MEASURES[name].units, _ALONG) for name, meaning in _AFTER.items()}
    if rearing.loss == "mean_square":
        for name in ("train_loss", "test_loss"):
            meaning = labels[name].long_name.replace("cross-entropy", "mean square of what answers are off by")
            labels[name] = Label(meaning, "1", _ALONG)
    return {name: label for name, label in labels.items() if classes or not name.endswith("accuracy")}


def history(rows: Sequence[Mapping[str, float]], born: int, rearing: Rearing, classes: bool) -> xr.Dataset:
    """Label the rows of a history.

    Parameters
    ----------
    rows : sequence of mapping
        One an evaluation, with every variable of `labels_of`.
    born : int
        Age at the beginning of the rearing.
    rearing : Rearing
        How the subject grew up.
    classes : bool
        Whether targets are classes, and not values.
    """
    labels, every = labels_of(rearing, classes), rearing.evaluate_every
    kinds: dict[str, Any] = {name: np.int64 if name == "updates" else np.float64 for name in labels}
    values = {name: np.array([row[name] for row in rows], dtype=kinds[name]) for name in labels}
    return records.dataset(values, labels, {"epoch": born + every * np.arange(1, len(rows) + 1)}, title="History")
