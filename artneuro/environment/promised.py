"""Published files in the data root: named where they are missing, refused in words where they are something else."""

import csv
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artneuro.environment.data_root import resolve_data_root
from artneuro.errors import DataError, SpecificationError

Array = NDArray[Any]


def files_of(name: str, data_root: Path | str | None, folder: str, *files: str) -> list[Path]:
    """Return the paths of files in a folder of the data root.

    Raises
    ------
    DataError
        Where one is missing; the text tells which, where it was looked for, and where it comes from.
    """
    paths = [resolve_data_root(data_root) / folder / file for file in files]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise DataError(
            f"{name}: looked in {paths[0].parent} and did not find {', '.join(missing)}. data/README.md tells where "
            "the files come from and under which terms. The data root is what data_root=, --data-root or ARTNEURO_DATA "
            "names; by default, the folder `data`."
        )
    return paths


@contextmanager
def as_promised(name: str, *paths: Path) -> Iterator[None]:
    """Turn what goes wrong in the block into words: the files are not what data/README.md says."""
    try:
        yield
    except (
        OSError,
        ValueError,
        KeyError,
        IndexError,
        EOFError,
        TypeError,
        MemoryError,
        SyntaxError,
        csv.Error,
        zipfile.BadZipFile,
        zlib.error,
        Image.DecompressionBombError,
        SpecificationError,
    ) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else str(error)
        files = ", ".join(str(path) for path in paths)
        raise DataError(
            f"{name}: {files}: not what data/README.md says ({reason}). Put the file there again."
        ) from error


def npz(path: Path, *keys: str) -> list[Array]:
    """Return arrays of an .npz file by their names; pickled ones are refused."""
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as opened:
        return [opened[key] for key in keys]
