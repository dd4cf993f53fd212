"""Clamping: what the units that a lesion takes out are set to."""

from typing import Literal

import torch
from torch import Tensor

from artneuro.seeds import Stream

Clamp = Literal["zero", "mean", "noise", "resample"]


def filling(clamp: Clamp, activity: Tensor, mean: Tensor, deviation: Tensor, stream: Stream) -> Tensor:
    """Return what units are clamped to, for one block of stimuli.

    ``zero``: silence. ``mean``: the unit's mean activity. ``noise``: Gaussian noise of the unit's mean and standard
    deviation, drawn for every stimulus and position; it is not rectified. ``resample``: the unit's own activity to
    another stimulus of the block (a feature map as a whole), by a permutation drawn for each unit, so that it keeps
    its distribution and loses what it says about the stimulus.

    Parameters
    ----------
    clamp : {"zero", "mean", "noise", "resample"}
        What to set them to.
    activity : Tensor, shape (stimulus, unit, ...)
        Intact activity of the block.
    mean, deviation : Tensor, shape (unit,)
        Of each unit, over stimuli and positions.
    stream : Stream
        Randomness of this block. Noise is drawn as one standard normal number for each element of `activity`, in the
        order of its dims; permutations by sorting one uniform number for each stimulus and unit. They are drawn on
        the CPU, so that every device gets the same.

    Returns
    -------
    Tensor
        Shape () for zero, (unit,) for mean, (1, stimulus, unit, ...) otherwise, as `lesion.fold` takes it.

    Examples
    --------
    >>> activity = torch.tensor([[1.0, 10.0], [3.0, 30.0]])
    >>> filling("mean", activity, activity.mean(0), activity.std(0), Stream(0))
    tensor([ 2., 20.])
    """
    if clamp == "zero":
        return activity.new_zeros(())
    if clamp == "mean":
        return mean.to(activity)
    if clamp == "noise":
        return spread(mean, activity) + standard_noise(activity, stream)[None] * spread(deviation, activity)
    keys = torch.rand(activity.shape[:2], generator=stream.torch())
    others = keys.argsort(dim=0).to(activity.device)
    return activity.gather(0, others[(...,) + (None,) * (activity.ndim - 2)].expand_as(activity))[None]


def standard_noise(activity: Tensor, stream: Stream) -> Tensor:
    """Return standard normal noise of the activity's shape, drawn on the CPU, so that every device gets the same."""
    return torch.randn(activity.shape, generator=stream.torch()).to(activity)


def spread(values: Tensor, activity: Tensor) -> Tensor:
    """Return one value a unit, shaped to go with activity (stimulus, unit, ...)."""
    return values.to(activity).view(-1, *[1] * (activity.ndim - 2))
