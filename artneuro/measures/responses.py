"""Responses: what every measure of representations takes, checked once and in words.

All of them take activity of shape (stimulus, unit), as a tensor or as an array, and answer with float64 tensors where
the activity lies: on the graphics card for a tensor there, in memory otherwise.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artneuro.errors import ActivityError

Activity = Tensor | NDArray[np.generic]

FEWEST = 4
"""Fewest stimuli: three have three pairs, and the centred or debiased measures are not defined or say nothing."""


def tensor_of(values: Activity) -> Tensor:
    """Return an array as a tensor of the same numbers, whatever its strides, byte order and permissions.

    Those of files are often read-only or big-endian, and reversed views have negative strides: torch warns or refuses.

    Examples
    --------
    >>> tensor_of(np.arange(3, dtype=">f4")[::-1])
    tensor([2., 1., 0.])
    """
    if isinstance(values, Tensor):
        return values
    array = np.asarray(values)
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    return torch.from_numpy(np.require(native, requirements=["C", "W"]))


def responses(activity: Activity, name: str = "activity") -> Tensor:
    """Return activity in float64 where it lies; refuse what no measure of representations can be asked of.

    Parameters
    ----------
    activity : Tensor or array, shape (stimulus, unit)
        One number a stimulus and unit; feature maps are averaged over their positions (`spatial_mean`) or flattened.
    name : str
        What the caller calls it, for the error.

    Returns
    -------
    Tensor, shape (stimulus, unit), float64

    Raises
    ------
    ActivityError
        Where it has another shape, fewer than 4 stimuli, no units, or values that are missing or infinite.

    Examples
    --------
    >>> responses(torch.eye(4)).dtype
    torch.float64
    """
    values = tensor_of(activity).detach().double()
    if values.ndim != 2:
        raise ActivityError(
            f"{name}: required shape (stimulus, unit); came {tuple(values.shape)}. Average feature maps over their "
            "positions with spatial_mean, or flatten them with flatten(1)."
        )
    stimuli, units = values.shape
    if stimuli < FEWEST or units == 0:
        raise ActivityError(
            f"{name}: required at least {FEWEST} stimuli (rows) and 1 unit (columns); came {stimuli} and {units}. "
            "Record more stimuli."
        )
    refuse_missing(values, name)
    return values


def labelled_responses(activity: Activity, targets: Activity) -> tuple[Tensor, Tensor]:
    """Return activity, in its own precision, and the class of each stimulus, both as tensors on one device.

    Parameters
    ----------
    activity : Tensor or array, shape (stimulus, unit)
        One number a stimulus and unit.
    targets : Tensor or array of int, shape (stimulus,)
        Class of each stimulus.

    Raises
    ------
    ActivityError
        Where shapes do not go together, or values are missing or infinite.

    Examples
    --------
    >>> labelled_responses(np.zeros((2, 3)), np.array([0, 1]))[1]
    tensor([0, 1])
    """
    values = tensor_of(activity)
    classes = tensor_of(targets).to(values.device)
    if values.ndim != 2 or classes.shape != values.shape[:1]:
        raise ActivityError(
            "required activity of shape (stimulus, unit) and one target a stimulus; came "
            f"{tuple(values.shape)} and {tuple(classes.shape)}. Average feature maps with spatial_mean."
        )
    refuse_missing(values, "activity")
    return values, classes.long()


def refuse_missing(values: Tensor, name: str) -> None:
    """Raise an ActivityError that says where values are not-a-number or infinite."""
    if values.sum().isfinite():  # one value that is not makes the sum so
        return
    bad = ~values.isfinite()
    if bad.any():
        first = tuple(bad.nonzero()[0].tolist())
        raise ActivityError(
            f"{name}: {int(bad.sum())} of {bad.numel()} values are not finite, the first at {first}. Nothing was left "
            "out: take those stimuli or units out, or find out why the network overflowed."
        )


def same_stimuli(x: Tensor, y: Tensor) -> None:
    """Raise an ActivityError where two activities, shape (stimulus, unit), have not the same number of stimuli."""
    if len(x) != len(y):
        raise ActivityError(
            f"required the same stimuli in the same order; came {len(x)} and {len(y)} rows. Select the stimuli "
            "that both have."
        )
