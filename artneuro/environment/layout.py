"""What arrays of labelled images must look like: the check that stands between a user's arrays and an environment."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from artneuro.errors import DataError

ARRAYS = ("train_images", "train_targets", "test_images", "test_targets")
"""Names of the four arrays, as they stand in a file."""


def labelled(
    arrays: Mapping[str, Any], classes: Sequence[str] | None, where: str, values: bool = False
) -> tuple[dict[str, Tensor], list[str]]:
    """Turn four arrays into tensors that an environment can hold, copied, or say what is wrong with them.

    Images are (stimulus, y, x) or (stimulus, channel, y, x), uint8 in 0..255 or floats that are taken as they are;
    other whole numbers are taken as uint8 where all lie in 0..255. Targets are whole numbers (stimulus,) from 0, or
    values.

    Parameters
    ----------
    arrays : mapping of name to array
        `ARRAYS` by name: NumPy arrays, tensors, or what NumPy turns into an array.
    classes : sequence of str, optional
        Names of the classes; by default "0", "1", ... up to the highest target. Of the values, where targets are such.
    where : str
        The file or call that they came from, for errors.
    values : bool
        Whether targets may be values: floats (stimulus,) or (stimulus, value).

    Returns
    -------
    tensors : dict of str to Tensor
        Images (stimulus, channel, y, x), uint8 or float32; targets (stimulus,), int64, or (stimulus, value), float64.
    classes : list of str
        Names of the classes, or of the values.

    Raises
    ------
    DataError
        Naming `where`, the array, what was required and what came.
    """
    absent = [name for name in ARRAYS if name not in arrays]
    if absent:
        raise DataError(f"{where}: there is no {', '.join(absent)}. Required: {', '.join(ARRAYS)}.")
    tensors: dict[str, Tensor] = {}
    for part in ("train", "test"):
        images = _images(arrays[f"{part}_images"], f"{where}: {part}_images")
        targets = _targets(arrays[f"{part}_targets"], f"{where}: {part}_targets", values)
        if len(images) != len(targets):
            raise DataError(
                f"{where}: {len(images)} {part}_images, but {len(targets)} {part}_targets; one target each."
            )
        tensors |= {f"{part}_images": images, f"{part}_targets": targets}
    _same_kind(tensors["train_images"], tensors["test_images"], where)
    train, test = tensors["train_targets"], tensors["test_targets"]
    if train.shape[1:] != test.shape[1:]:
        shown = f"{tuple(train.shape[1:])} and {tuple(test.shape[1:])}"
        raise DataError(f"{where}: train_targets and test_targets must be of one kind; came {shown} a stimulus.")
    if train.is_floating_point():
        return tensors, _distinct([str(n) for n in range(train.shape[1])] if classes is None else list(classes), where)
    return tensors, _names(train, test, classes, where)


def _distinct(names: list[str], where: str) -> list[str]:
    if len(set(names)) < len(names):
        raise DataError(f"{where}: two classes have the same name: {', '.join(names)}.")
    return names


def _names(train: Tensor, test: Tensor, classes: Sequence[str] | None, where: str) -> list[str]:
    highest = max(int(train.max()), int(test.max()))
    if classes is None:
        met = np.unique(train.numpy())
        if len(met) <= highest:
            came = ", ".join(map(str, met[:10].tolist())) + (", ..." if len(met) > 10 else "")
            advice = f"Number them 0, 1, 2, ... (highest came {highest}), or name all classes."
            raise DataError(f"{where}: required training stimuli of every class; came classes {came}. {advice}")
        return [str(number) for number in range(highest + 1)]
    given = np.ravel(np.asarray(classes, dtype=object))  # a file may hold them as bytes, or with other dims
    names = [name.decode(errors="replace") if isinstance(name, bytes) else str(name) for name in given]
    if highest >= len(names):
        raise DataError(
            f"{where}: a target is {highest}, but {len(names)} class names were given (targets count from 0)."
        )
    return _distinct(names, where)


def _array(values: Any, where: str) -> "np.ndarray[Any, Any]":
    try:
        return np.asarray(values.detach().cpu() if isinstance(values, Tensor) else values)
    except (ValueError, TypeError) as error:
        raise DataError(f"{where}: required an array; came what NumPy cannot make one of ({error}).") from error


def _shown(array: "np.ndarray[Any, Any]") -> str:
    return f"{array.dtype} of shape {array.shape}"


def _images(values: Any, where: str) -> Tensor:
    array = _array(values, where)
    required = "required numbers of shape (stimulus, y, x) or (stimulus, channel, y, x)"
    if array.dtype.kind not in "uif" or array.ndim not in (3, 4) or array.size == 0:
        raise DataError(f"{where}: {required}; came {_shown(array)}.")
    if array.ndim == 4 and array.shape[3] in (1, 3, 4) and array.shape[1] > 4:
        advice = "The channel seems to come last: use `images.transpose(0, 3, 1, 2)`."
        raise DataError(f"{where}: {required}; came {_shown(array)}. {advice}")
    if array.dtype.kind == "f":
        pixels = array.astype(np.float32)
        if not np.isfinite(pixels).all():
            raise DataError(f"{where}: required finite values; some are infinite, missing or not numbers.")
    else:
        low, high = int(array.min()), int(array.max())
        if low < 0 or high > 255:
            advice = "Scale them, or hand them over as floats."
            raise DataError(f"{where}: required whole numbers in 0..255; came {low}..{high}. {advice}")
        pixels = array.astype(np.uint8)
    images = torch.tensor(pixels)
    return images[:, None] if images.ndim == 3 else images


def _targets(values: Any, where: str, floats: bool) -> Tensor:
    array = _array(values, where)
    if floats and array.dtype.kind == "f" and array.ndim in (1, 2) and array.size:
        if not np.isfinite(array).all():
            raise DataError(f"{where}: required finite values; some are infinite, missing or not numbers.")
        return torch.tensor(array.astype(np.float64)).reshape(len(array), -1)
    required = "required whole numbers of shape (stimulus,)"
    if array.ndim == 2 and array.shape[1] > 1:
        advice = "One-hot targets become whole numbers with `targets.argmax(1)`."
        raise DataError(f"{where}: {required}; came {_shown(array)}. {advice}")
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "ui":
        raise DataError(f"{where}: {required}; came {_shown(array)}.")
    if int(array.min()) < 0:
        raise DataError(f"{where}: required classes counted from 0; came {int(array.min())}.")
    return torch.tensor(array.astype(np.int64))


def _same_kind(train: Tensor, test: Tensor, where: str) -> None:
    if train.shape[1:] != test.shape[1:]:
        shapes = f"{tuple(train.shape[1:])} and {tuple(test.shape[1:])}"
        raise DataError(f"{where}: train_images and test_images must have one shape (channel, y, x); came {shapes}.")
    if train.dtype != test.dtype:
        kinds = f"{train.dtype} and {test.dtype}".replace("torch.", "")
        raise DataError(f"{where}: train_images and test_images must be of one kind of number; came {kinds}.")
