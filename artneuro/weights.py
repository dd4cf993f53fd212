"""Weights: parameters and buffers by name; what identifies them, and their files."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import final

import attrs
import torch
from torch import Tensor

from artneuro import tensor_files
from artneuro.errors import RecordError

Weights = Mapping[str, Tensor]


def fingerprint_of(weights: Weights) -> str:
    """Return 16 hexadecimal digits that identify weights."""
    digest = hashlib.sha256()
    for name, tensor in sorted(weights.items()):
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def write_weights(weights: Weights, path: Path) -> None:
    """Write weights as one file (safetensors)."""
    tensor_files.write(weights, path)


def read_weights(path: Path, device: torch.device) -> Weights:
    """Read weights to a device.

    Raises
    ------
    RecordError
        Where the file is missing or damaged; the text names it.
    """
    return tensor_files.read(path, device)[0]


@final
@attrs.frozen(eq=False)
class Stored(Mapping[int, Weights]):
    """Weights at the ages kept, read from their files whenever they are asked for, and verified each time.

    Parameters
    ----------
    folder : Path
        Of the subject.
    device : torch.device
        Where they are read to.
    fingerprints : mapping of int to str
        Of the weights at each age, as they were saved.
    """

    folder: Path
    device: torch.device
    fingerprints: Mapping[int, str]

    def __getitem__(self, age: int) -> Weights:
        """Return the weights at an age.

        Raises
        ------
        RecordError
            Where the file is missing, damaged, or not the one that was saved; the text names it.
        """
        saved = self.fingerprints[age]
        path = self.folder / f"weights-{age}.safetensors"
        weights = read_weights(path, self.device)
        if fingerprint_of(weights) != saved:
            raise RecordError(f"{path}: the weights are not those that were saved")
        return weights

    def __iter__(self) -> Iterator[int]:
        """Go through the ages."""
        return iter(self.fingerprints)

    def __len__(self) -> int:
        """Count the ages."""
        return len(self.fingerprints)

    def upto(self, age: int) -> "Stored":
        """Return those up to an age."""
        return attrs.evolve(self, fingerprints={a: own for a, own in self.fingerprints.items() if a <= age})
