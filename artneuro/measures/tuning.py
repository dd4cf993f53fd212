"""Tuning: how a unit's response follows a property of the stimuli, and which stimuli drive it most and least."""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, refuse_missing, responses, tensor_of


@final
@dataclass(frozen=True, eq=False)
class TuningCurves:
    """Mean responses by the values of a property of the stimuli.

    Parameters
    ----------
    value : Tensor, shape (value,)
        Values of the property: each that occurs, or the mean of each bin.
    mean, sem : Tensor, shape (value, unit), float64
        Mean response, and its standard error over stimuli (not-a-number for a single one).
    count : Tensor, shape (value,), int64
        Stimuli that have the value.
    """

    value: Tensor
    mean: Tensor
    sem: Tensor
    count: Tensor


def tuning_curves(x: Activity, values: Activity, bins: int | None = None) -> TuningCurves:
    """Mean response of each unit at each value of a property, such as orientation or position.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity.
    values : Tensor or array, shape (stimulus,)
        The property of each stimulus.
    bins : int, optional
        For a property that varies continuously: sort stimuli into so many bins of as equal size as ties allow. Without,
        every value that occurs has a point of its own.

    Returns
    -------
    TuningCurves

    Examples
    --------
    >>> curves = tuning_curves(torch.tensor([[1.0], [3.0], [5.0], [5.0]]), torch.tensor([0.0, 0.0, 90.0, 90.0]))
    >>> curves.value, curves.mean[:, 0]
    (tensor([ 0., 90.], dtype=torch.float64), tensor([2., 5.], dtype=torch.float64))
    """
    activity = responses(x, "x")
    prop = tensor_of(values).to(activity)
    if prop.shape != (len(activity),):
        raise ActivityError(f"values: required shape {(len(activity),)}, one a stimulus; came {tuple(prop.shape)}")
    refuse_missing(prop, "values")
    if bins is None:
        _, group = torch.unique(prop, return_inverse=True)
    elif bins < 1:
        raise ActivityError(f"bins: required at least 1; came {bins}")
    else:
        edges = prop.sort().values[[len(prop) * k // bins for k in range(1, bins)]]
        # a bin that ties leave empty is left out
        _, group = torch.unique(torch.searchsorted(edges.contiguous(), prop, right=True), return_inverse=True)
    members = torch.nn.functional.one_hot(group).to(activity)
    count = members.sum(dim=0)
    mean = members.T @ activity / count[:, None]
    squared = members.T @ (activity - mean[group]).square()
    alone = count[:, None] < 2
    sem = torch.where(alone, torch.nan, (squared / (count[:, None] - 1).clamp(min=1.0) / count[:, None]).sqrt())
    return TuningCurves(members.T @ prop / count, mean, sem, count.long())


def preferred_stimuli(x: Activity, count: int = 1, *, least: bool = False) -> Tensor:
    """Stimuli that drive each unit most (or least), the first of equals first.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity.
    count : int
        How many for each unit.
    least : bool
        Whether those that drive it least are wanted.

    Returns
    -------
    Tensor, shape (count, unit), int64
        Rows of `x`, strongest first. For a unit that is constant they mean nothing.

    Examples
    --------
    >>> preferred_stimuli(torch.tensor([[1.0, 0.0], [3.0, 2.0], [2.0, 9.0], [0.0, 0.0]]), count=2)
    tensor([[1, 2],
            [2, 1]])
    """
    activity = responses(x, "x")
    if not 1 <= count <= len(activity):
        raise ActivityError(f"count: required from 1 to the {len(activity)} stimuli; came {count}")
    return activity.argsort(dim=0, descending=not least, stable=True)[:count]


def receptive_fields(x: Activity, stimuli: Activity, ridge: float | None = None) -> Tensor:
    """Activity-triggered average of the stimuli: the linear receptive field of each unit, for any layer.

    ``sum_i (r_i - mean r)(s_i - mean s) / sum_i |r_i - mean r|``: the mean stimulus weighted by activity, less the mean
    stimulus; for spike counts, the spike-triggered average up to scale (Chichilnisky 2001). It is the receptive field
    of a linear unit for white noise only; natural stimuli blur it, unless their correlations are divided out (`ridge`).

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity.
    stimuli : Tensor or array, shape (stimulus, ...)
        What was shown, such as (stimulus, channel, y, x).
    ridge : float, optional
        Regularised reverse correlation instead: (S'S / n + ridge m I)^-1 S'r / n, m the mean variance of a pixel. It
        has the units of weights.

    Returns
    -------
    Tensor, shape (unit, ...), float64
        All 0 for a unit that is constant.

    Examples
    --------
    >>> noise = torch.randn(4000, 1, 2, 2, generator=torch.Generator().manual_seed(0))
    >>> field = receptive_fields(noise[:, 0, 0, 1:].relu(), noise)[0, 0]
    >>> (field / field.max()).abs() > 0.2
    tensor([[False,  True],
            [False, False]])
    """
    activity = responses(x, "x")
    shown = tensor_of(stimuli).to(activity)
    if len(shown) != len(activity) or shown.ndim < 2:
        raise ActivityError(
            f"stimuli: required shape ({len(activity)}, ...), a row for each of x; came {tuple(shown.shape)}"
        )
    refuse_missing(shown, "stimuli")
    flat = shown.flatten(1)
    flat = flat - flat.mean(dim=0)
    varies = activity.amax(dim=0) != activity.amin(dim=0)
    centred = torch.where(varies, activity - activity.mean(dim=0), 0.0)
    product = centred.T @ flat
    if ridge is None:
        fields = product / centred.abs().sum(dim=0).clamp(min=torch.finfo(torch.float64).tiny)[:, None]
    else:
        if ridge <= 0:
            raise ActivityError(f"ridge: required > 0; came {ridge}")
        covariance = flat.T @ flat / len(flat)
        covariance.diagonal().add_(ridge * covariance.diagonal().mean())
        fields = torch.linalg.solve(covariance, product.T / len(flat)).T
    return fields.reshape(-1, *shown.shape[1:])
