"""Linear decoding: what a linear readout could learn from the units of a site."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, refuse_missing, responses, tensor_of
from artneuro.seeds import Stream

LEAST = 0.1
"""Share of a unit's standard deviation over all stimuli that it must show in training folds.

Standardised, one that shows less would be off by ten standard deviations or more in the test fold, and what ridge or
logistic regression made of its noise would be multiplied by as much. A unit that is active for one stimulus in a
hundred keeps it with four folds of five, unless that stimulus is among those left out.
"""


def decode_class(
    x: Activity, targets: Activity, *, stream: Stream, folds: int = 5, regularisation: float = 1.0
) -> Tensor:
    """Cross-validated accuracy of a linear decoder of the class (multinomial logistic regression).

    Units are standardised on the training folds alone, and not read where they hardly vary there, as `decode_value`
    says. Folds are stratified by class and shuffled.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity.
    targets : Tensor or array of int, shape (stimulus,)
        Class of each stimulus; at least `folds` stimuli of each.
    stream : Stream
        Source of randomness, for the folds.
    folds : int
        Parts of the stimuli, each tested once.
    regularisation : float
        Weight of the L2 penalty, 1 / C of scikit-learn.

    Returns
    -------
    Tensor, shape (fold,), float64
        Share of correct answers. Chance is the share of the commonest class.

    Examples
    --------
    >>> x = torch.tensor([[0.0], [1.0], [9.0], [8.0]]).repeat(5, 1)
    >>> decode_class(x, x[:, 0] > 5, stream=Stream(0), folds=2)
    tensor([1., 1.], dtype=torch.float64)
    """
    from sklearn.model_selection import StratifiedKFold

    values, labels = _data(x, targets)
    _, counts = np.unique(labels, return_counts=True)
    if len(counts) < 2 or counts.min() < folds or folds < 2:
        raise ActivityError(
            f"targets: required at least 2 classes and in each a stimulus for every one of at least 2 folds; came "
            f"{len(counts)} classes, the smallest with {counts.min()} stimuli, and {folds} folds"
        )
    splitter = StratifiedKFold(folds, shuffle=True, random_state=_seed(stream))
    return _scores(values, labels, list(splitter.split(values, labels)), _classifier(regularisation))


def decode_value(
    x: Activity, targets: Activity, *, stream: Stream, folds: int = 5, regularisation: float = 1.0
) -> Tensor:
    """Cross-validated R^2 of a linear decoder of a continuous property, such as viscosity (ridge regression).

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity; standardised on the training folds alone. A unit that varies there by less than a tenth of what it
        varies over all stimuli, in standard deviations, is not read: what the test fold shows of it was never seen.
    targets : Tensor or array, shape (stimulus,)
        The property of each stimulus.
    stream : Stream
        Source of randomness, for the folds.
    folds : int
        Parts of the stimuli, each tested once.
    regularisation : float
        Weight of the L2 penalty.

    Returns
    -------
    Tensor, shape (fold,), float64
        1 - squared errors over squared deviations from the mean of the fold; below 0 where the mean would do better.

    Examples
    --------
    >>> x = torch.arange(20.0)[:, None]
    >>> decode_value(x, 3 * x[:, 0] + 1, stream=Stream(0), folds=2, regularisation=1e-9).round(decimals=6)
    tensor([1., 1.], dtype=torch.float64)
    """
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import KFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    values, labels = _data(x, targets)
    if folds < 2 or len(values) < 2 * folds:
        raise ActivityError(f"folds: required at least 2, with 2 stimuli each; came {folds} for {len(values)} stimuli")
    splitter = KFold(folds, shuffle=True, random_state=_seed(stream))
    decoder = make_pipeline(StandardScaler(), Ridge(alpha=regularisation))
    return _scores(values, labels, list(splitter.split(values)), decoder)


def cross_condition_decoding(
    x: Activity, targets: Activity, conditions: Activity, *, regularisation: float = 1.0
) -> Tensor:
    """Accuracy of a linear decoder of the class in a condition that it was not trained on, for each condition.

    Cross-condition generalisation performance (Bernardi et al. 2020, doi 10.1016/j.cell.2020.09.031): high where the
    class has one direction whatever the condition (scene, position, context), which plain cross-validation cannot tell.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity; standardised on the training conditions alone.
    targets, conditions : Tensor or array of int, shape (stimulus,)
        Class and condition of each stimulus; at least 2 conditions.
    regularisation : float
        Weight of the L2 penalty.

    Returns
    -------
    Tensor, shape (condition,), float64
        Share of correct answers, in the order of the sorted conditions.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 9.0], [1.0, 9.0]]).repeat(5, 1)
    >>> cross_condition_decoding(x, x[:, 0].long(), (x[:, 1] > 0).long())
    tensor([1., 1.], dtype=torch.float64)
    """
    values, labels = _data(x, targets)
    _, where = _data(x, conditions, "conditions")
    present = np.unique(where)
    if len(present) < 2:
        raise ActivityError(f"conditions: required at least 2; came {len(present)}")
    splits = [(np.flatnonzero(where != one), np.flatnonzero(where == one)) for one in present]
    for one, (trained, tested) in zip(present, splits, strict=True):
        missing = set(labels[tested]) - set(labels[trained])
        if missing or len(np.unique(labels[trained])) < 2:
            raise ActivityError(
                f"conditions: required every class of condition {one} in others too, and at least 2 there; missing "
                f"{sorted(int(label) for label in missing)}"
            )
    return _scores(values, labels, splits, _classifier(regularisation))


Floats = NDArray[np.float64]


def _data(x: Activity, targets: Activity, name: str = "targets") -> tuple[Floats, Floats]:
    values, labels = responses(x, "x"), tensor_of(targets)
    if labels.shape != (len(values),):
        raise ActivityError(f"{name}: required shape {(len(values),)}, one a stimulus; came {tuple(labels.shape)}")
    refuse_missing(labels.double(), name)
    return values.cpu().numpy(), labels.cpu().numpy()


def _seed(stream: Stream) -> int:
    """Return 32 bits of a stream, all that scikit-learn takes."""
    return stream.entropy() >> 96


def _classifier(regularisation: float) -> object:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=1 / regularisation, max_iter=5000))


def _scores(
    values: Floats, labels: Floats, splits: list[tuple[NDArray[np.int64], NDArray[np.int64]]], decoder: object
) -> Tensor:
    from sklearn.model_selection import cross_val_score

    whole = values.std(axis=0)
    scores = []
    for trained, tested in splits:
        hardly = values[trained].std(axis=0) < LEAST * whole
        read = np.where(hardly, 0.0, values)
        scores.append(cross_val_score(decoder, read, labels, cv=[(trained, tested)]))
    return torch.from_numpy(np.concatenate(scores))
