"""Environment: labelled stimuli and targets, train and test, held on the device as one tensor each."""

import hashlib
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path
from typing import final

import attrs
import numpy as np
import torch
from torch import Tensor

from artneuro.fields import Spec
from artneuro.records import content_key
from artneuro.registry import family


@final
@attrs.frozen(eq=False)
class Stimuli:
    """One set of stimuli with their targets.

    Parameters
    ----------
    images : Tensor, shape (stimulus, channel, y, x), uint8 in 0..255 or float32
        As stored; `Environment.present` turns them into what a network sees.
    targets : Tensor, shape (stimulus,), int64
        Class of each stimulus.
    index : Tensor, shape (stimulus,), int64
        Position in the source's own order, so that a stimulus keeps its name through sub-sampling.
    """

    images: Tensor
    targets: Tensor
    index: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def to(self, device: torch.device | str) -> "Stimuli":
        """Return the same stimuli on another device."""
        return Stimuli(self.images.to(device), self.targets.to(device), self.index.to(device))


@final
@attrs.frozen(eq=False, slots=False)
class Environment:
    """What subjects see: train and test stimuli, their classes, and how pixels are presented.

    Parameters
    ----------
    source : EnvironmentSource
        The declaration it came from.
    train, test : Stimuli
        The two sets.
    classes : tuple of str
        Names of the classes, in the order of the targets.
    mean, std : Tensor, shape (channel,)
        Normalisation: what is presented is ``(pixel - mean) / std``, with uint8 pixels scaled to [0, 1] first.
    """

    source: "EnvironmentSource"
    train: Stimuli
    test: Stimuli
    classes: tuple[str, ...]
    mean: Tensor
    std: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one stimulus, (channel, y, x)."""
        return tuple(self.train.images.shape[1:])

    @property
    def device(self) -> torch.device:
        """Where the stimuli lie."""
        return self.train.images.device

    def present(self, images: Tensor) -> Tensor:
        """Turn stored images (..., channel, y, x) into normalised float32 stimuli of the same shape."""
        scale = 255.0 if images.dtype == torch.uint8 else 1.0
        gain = 1.0 / (scale * self.std)
        shift = self.mean / self.std
        return images.to(torch.float32) * gain[:, None, None] - shift[:, None, None]

    def to(self, device: torch.device | str) -> "Environment":
        """Return the same environment on another device."""
        moved = {name: getattr(self, name).to(device) for name in ("train", "test", "mean", "std")}
        return attrs.evolve(self, **moved)

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that identify every pixel, target and the normalisation."""
        digest = hashlib.sha256()
        for tensor in (self.train.images, self.train.targets, self.test.images, self.test.targets, self.mean, self.std):
            digest.update(f"{tuple(tensor.shape)}{tensor.dtype}".encode())
            digest.update(np.ascontiguousarray(tensor.cpu().numpy()).data)
        return content_key(digest.hexdigest(), list(self.classes))


@family("environment")
class EnvironmentSource(Spec, ABC):
    """Declaration of an environment; `load` brings its stimuli into memory."""

    __slots__ = ()

    @abstractmethod
    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Read the stimuli.

        Parameters
        ----------
        data_root : path, optional
            Folder that holds the data sets; by default the environment variable ``ARTNEURO_DATA``, or ``data``.

        Raises
        ------
        DataError
            Where data are missing (naming the folder looked in and the ways to get them) or corrupt.
        """
