"""A user's own images, from one file of arrays."""

import os
import zipfile
import zlib
from pathlib import Path
from typing import Any, final

import numpy as np

from artneuro import records
from artneuro.environment.collection import Collection
from artneuro.environment.data_root import inside
from artneuro.environment.environment import Stimuli
from artneuro.environment.layout import ARRAYS, labelled
from artneuro.errors import DataError, Problem, RecordError
from artneuro.fields import define_spec, param
from artneuro.registry import register


@final
@register("arrays")
@define_spec
class Arrays(Collection):
    """Own images in an .npz or netCDF (.nc) file, with arrays train_images, train_targets, test_images, test_targets.

    Images are (stimulus, y, x) or (stimulus, channel, y, x): uint8 in 0..255, or floats that are taken as they are.
    Targets are whole numbers (stimulus,), counted from 0. An array of text, `classes`, may name the classes. Pickled
    arrays are refused.
    """

    path: str = param(doc="the file, in the data root", check=inside())

    def problems(self) -> list[Problem]:
        """Refuse a file of another kind."""
        if Path(self.path).suffix in (".npz", ".nc"):
            return []
        return [Problem("path", "a file that ends in .npz or .nc", repr(self.path))]

    def _read(self, data_root: Path) -> tuple[Stimuli, Stimuli, tuple[str, ...]]:
        path = data_root / self.path
        if not os.path.isfile(path):  # False, and no error, also where a name is too long or may not be looked at
            raise DataError(
                f"arrays: looked for {path}, and there is no such file. Save {', '.join(ARRAYS)} there with "
                "numpy.savez, or name another data root (--data-root, ARTNEURO_DATA)."
            )
        arrays = _npz(path) if path.suffix == ".npz" else _netcdf(path)
        tensors, names = labelled(arrays, arrays.get("classes"), str(path))
        train, test = (Stimuli.of(tensors[f"{part}_images"], tensors[f"{part}_targets"]) for part in ("train", "test"))
        return train, test, tuple(names)


def _npz(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as opened:
            return {name: opened[name] for name in (*ARRAYS, "classes") if name in opened}
    except (OSError, ValueError, EOFError, KeyError, TypeError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: not a readable .npz file of plain arrays ({error}). Save it again.") from error


def _netcdf(path: Path) -> dict[str, Any]:
    try:
        return records.arrays(path)
    except RecordError as error:
        raise DataError(str(error)) from error
