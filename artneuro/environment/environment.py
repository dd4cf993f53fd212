"""Environment: labelled stimuli and targets, train and test, held on the device as one tensor each."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self, final

import attrs
import numpy as np
import torch
from torch import Tensor

from artneuro.environment.layout import labelled
from artneuro.environment.presentation import Normalise, Presentation, normalisation
from artneuro.errors import DataError
from artneuro.fields import Spec, define_spec, param
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
    targets : Tensor, shape (stimulus,), int64, or (stimulus, value), float64
        Class of each stimulus; or, where what is to be learnt is a function, its values.
    index : Tensor, shape (stimulus,), int64
        Position in the source's own order, so that a stimulus keeps its name through sub-sampling.
    quantities : mapping of str to Tensor, shape (stimulus,), float64
        What the task goes through on its way from stimulus to target, by name, such as the sign of a permutation: what
        one looks for in units. No subject ever sees them.
    """

    images: Tensor
    targets: Tensor
    index: Tensor
    quantities: Mapping[str, Tensor] = attrs.field(factory=dict)

    def __repr__(self) -> str:
        """Return how many there are, and of which shape."""
        return f"<Stimuli: {len(self)} of {' x '.join(map(str, self.images.shape[1:]))}>"

    def __len__(self) -> int:
        return len(self.targets)

    @classmethod
    def of(cls, images: Tensor, targets: Tensor) -> Self:
        """Return a whole set, numbered in its own order."""
        return cls(images, targets, torch.arange(len(targets)))

    def of_numbers(self, numbers: Tensor) -> "Stimuli":
        """Return those with the given numbers within this set, in that order."""
        quantities = {name: values[numbers] for name, values in self.quantities.items()}
        return Stimuli(self.images[numbers], self.targets[numbers], self.index[numbers], quantities)

    def to(self, device: torch.device | str) -> "Stimuli":
        """Return the same stimuli on another device."""
        quantities = {name: values.to(device) for name, values in self.quantities.items()}
        return Stimuli(self.images.to(device), self.targets.to(device), self.index.to(device), quantities)


@final
@attrs.frozen(eq=False, slots=False)
class Environment:
    """What subjects see: train and test stimuli, what they are to answer, and how pixels are presented.

    Parameters
    ----------
    source : EnvironmentSource
        The declaration it came from.
    train, test : Stimuli
        The two sets.
    classes : tuple of str
        Names of the classes, in the order of the targets; none where targets are values.
    mean, std : Tensor, shape (channel,)
        Normalisation: what is presented is ``(pixel - mean) / std``, with uint8 pixels scaled to [0, 1] first.
    values : tuple of str
        Names of the values, in the order of the targets; none where targets are classes.
    """

    source: "EnvironmentSource"
    train: Stimuli
    test: Stimuli
    classes: tuple[str, ...]
    mean: Tensor
    std: Tensor
    values: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return where it comes from and how much there is, in a line: stimuli are thousands of numbers."""
        sides = " x ".join(map(str, self.shape))
        sizes = f"{len(self.train)} train and {len(self.test)} test stimuli of {sides}"
        return f"<Environment {type(self.source).__name__}: {sizes}>"

    @classmethod
    def from_arrays(
        cls,
        train_images: Any,
        train_targets: Any,
        test_images: Any,
        test_targets: Any,
        classes: Sequence[str] | None = None,
        *,
        normalise: Normalise = "standard",
        name: str = "arrays",
        device: torch.device | str = "cpu",
    ) -> Self:
        """Make an environment of own images, from Python.

        Parameters
        ----------
        train_images, test_images : array or Tensor, shape (stimulus, y, x) or (stimulus, channel, y, x)
            uint8 in 0..255, or floats, which are taken as they are. They are copied.
        train_targets, test_targets : array or Tensor, shape (stimulus,) or (stimulus, value)
            Class of each image, whole numbers counted from 0; or, as floats, the values to be learnt.
        classes : sequence of str, optional
            Names of the classes, or of the values; by default their numbers.
        normalise : {"standard", "half", "none"}
            How pixels are normalised, as in `presentation.normalisation`.
        name : str
            What the images are, for the record.
        device : torch device
            Where they will lie.

        Raises
        ------
        DataError
            Where an array has another shape or kind; the message says what to do.

        Examples
        --------
        >>> import numpy as np
        >>> images = np.arange(6 * 64).reshape(6, 8, 8) / 384
        >>> own = Environment.from_arrays(images[:4], [0, 1, 0, 1], images[4:], [0, 1], classes=["up", "down"])
        >>> own.shape, own.classes
        ((1, 8, 8), ('up', 'down'))
        >>> heights = Environment.from_arrays(images[:4], images[:4, 0, :1], images[4:], images[4:, 0, :1])
        >>> heights.classes, heights.values
        ((), ('0',))
        """
        arrays = {
            "train_images": train_images,
            "train_targets": train_targets,
            "test_images": test_images,
            "test_targets": test_targets,
        }
        tensors, names = labelled(arrays, classes, "Environment.from_arrays", values=True)
        source = InMemory(in_memory=name, normalise=normalise)
        mean, std = normalisation(tensors["train_images"], source.normalise)
        train = Stimuli.of(tensors["train_images"], tensors["train_targets"])
        test = Stimuli.of(tensors["test_images"], tensors["test_targets"])
        classes_, values = ((), tuple(names)) if train.targets.is_floating_point() else (tuple(names), ())
        return cls(source, train, test, classes_, mean, std, values).to(device)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one stimulus, (channel, y, x)."""
        return tuple(self.train.images.shape[1:])

    @property
    def outputs(self) -> tuple[str, ...]:
        """What a network answers with, output by output: the names of the classes, or of the values."""
        return self.classes or self.values

    @property
    def device(self) -> torch.device:
        """Where the stimuli lie."""
        return self.train.images.device

    @cached_property
    def presentation(self) -> Presentation:
        """How pixels become stimuli here, for whoever must think in pixels."""
        return Presentation(self.mean, self.std)

    def present(self, images: Tensor, out: Tensor | None = None, dtype: torch.dtype = torch.float32) -> Tensor:
        """Turn stored images (..., channel, y, x) into normalised stimuli of the same shape.

        Parameters
        ----------
        images : Tensor, uint8 or float32
            As stored.
        out : Tensor, of the same shape, optional
            Where to put them, in whatever memory format and precision it has.
        dtype : torch.dtype
            Precision of the stimuli, where they are not put somewhere.
        """
        stimuli = images.to(dtype, copy=True) if out is None else out.copy_(images)
        gain, shift = self._scaling[images.dtype == torch.uint8, stimuli.dtype]
        return stimuli.mul_(gain).sub_(shift)

    @cached_property
    def _scaling(self) -> dict[tuple[bool, torch.dtype], tuple[Tensor, Tensor]]:
        """Gain and shift, shape (channel, 1, 1), of float images and of bytes, in each precision."""
        found = {}
        for dtype in (torch.float32, torch.float64):
            mean, std = self.mean.to(dtype)[:, None, None], self.std.to(dtype)[:, None, None]
            for are_bytes, white in ((False, 1.0), (True, 255.0)):
                found[are_bytes, dtype] = 1.0 / (white * std), mean / std
        return found

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
        return content_key(digest.hexdigest(), list(self.outputs))


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


@final
@define_spec
class InMemory(EnvironmentSource):
    """Where the images of `Environment.from_arrays` came from. It is a note for the record: it has no file to load.

    It is not registered, so a study file cannot name it; there, `arrays` reads images from a file.
    """

    in_memory: str = param(doc="what the images are, in the words of whoever handed them over")
    normalise: Normalise = param("standard", doc="how pixels are normalised")

    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Raise DataError: the images were in memory, and only whoever had them can hand them over again."""
        raise DataError(
            f"the images {self.in_memory!r} were handed over in Python and lie in no file. Hand them over again with "
            "Environment.from_arrays, or save them in an .npz file and declare `arrays: {path: FILE}`."
        )
