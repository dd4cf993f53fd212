"""Lesions: clamping units, and cutting connections; many lesions at once, folded into the batch."""

from collections.abc import Mapping

import torch
from torch import Tensor

from artneuro.errors import Problem, SpecificationError
from artneuro.registry import suggestion


def fold(activity: Tensor, mask: Tensor, filling: Tensor) -> Tensor:
    """Clamp units under many lesions at once, one copy of the batch a lesion.

    Parameters
    ----------
    activity : Tensor, shape (stimulus, unit, ...)
        Intact activity at a site; a unit of a convolution is a whole feature map.
    mask : Tensor, shape (lesion, unit), bool
        True where the lesion clamps the unit.
    filling : Tensor
        What a clamped unit is set to: one number, shape (); one a unit, shape (unit,) or (unit, ...); or one a
        lesion and stimulus, shape (lesion, stimulus, unit, ...).

    Returns
    -------
    Tensor, shape (lesion * stimulus, unit, ...)
        Lesion by lesion, in the memory format of `activity`. An empty lesion gives the activity bit for bit.

    Raises
    ------
    SpecificationError
        Where the shapes do not fit.

    Examples
    --------
    >>> activity = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> sham_and_first = torch.tensor([[False, False], [True, False]])
    >>> fold(activity, sham_and_first, torch.tensor(0.0))
    tensor([[1., 2.],
            [3., 4.],
            [0., 2.],
            [0., 4.]])
    """
    lesions, stimuli, units, place = len(mask), *activity.shape[:2], activity.shape[2:]
    fitting = ((), (units,), (units, *place), (lesions, stimuli, units, *place))
    found = []
    if mask.shape != (lesions, units) or mask.dtype != torch.bool:
        came = f"{tuple(mask.shape)}, {mask.dtype}"
        found.append(Problem("mask", f"shape (lesion, unit) with {units} units, bool", came))
    if tuple(filling.shape) not in fitting:
        found.append(Problem("filling", f"one of the shapes {', '.join(map(str, fitting))}", str(tuple(filling.shape))))
    if found:
        raise SpecificationError(found)
    if filling.ndim == 1:
        filling = filling.view(units, *[1] * len(place))
    clamped = torch.where(mask.view(lesions, 1, units, *[1] * len(place)), filling, activity).flatten(0, 1)
    channels_last = activity.ndim == 4 and activity.is_contiguous(memory_format=torch.channels_last)
    return clamped.contiguous(memory_format=torch.channels_last) if channels_last else clamped.contiguous()


def lesion_connections(weights: Mapping[str, Tensor], name: str, mask: Tensor) -> dict[str, Tensor]:
    """Cut connections: return the weights with some entries of one tensor set to zero.

    Parameters
    ----------
    weights : mapping of str to Tensor
        Parameters and buffers by name; left as they are.
    name : str
        The tensor that is lesioned, such as ``fc1.weight``.
    mask : Tensor, bool, of the tensor's shape
        True where the connection is cut.

    Raises
    ------
    SpecificationError
        Where there is no tensor of that name, or the mask does not fit it.

    Examples
    --------
    >>> intact = {"fc.weight": torch.ones(1, 3)}
    >>> lesion_connections(intact, "fc.weight", torch.tensor([[True, False, False]]))
    {'fc.weight': tensor([[0., 1., 1.]])}
    """
    if name not in weights:
        advice = suggestion(name, list(weights))
        raise SpecificationError([Problem("name", "the name of a weight tensor", repr(name), advice)])
    if mask.shape != weights[name].shape or mask.dtype != torch.bool:
        came = f"{tuple(mask.shape)}, {mask.dtype}"
        raise SpecificationError([Problem("mask", f"shape {tuple(weights[name].shape)}, bool", came)])
    return {**weights, name: weights[name].masked_fill(mask, 0.0)}
