"""How files of brains are read: named where they are missing, and refused in words where they are something else."""

import csv
import gzip
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
from artneuro.errors import DataError

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


def npy(path: Path) -> Array:
    """Return the array of an .npy file; a pickled one is refused."""
    with path.open("rb") as stream:
        found: Array = np.lib.format.read_array(stream, allow_pickle=False)
    return found


def lines(path: Path) -> list[str]:
    """Return the lines of a text file."""
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a .csv.gz file by the names of its columns."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def image(stream: Any) -> Array:
    """Return an image (y, x, channel), bytes of red, green and blue."""
    with Image.open(stream) as opened:
        return np.asarray(opened.convert("RGB"))


def zipped_images(path: Path) -> tuple[list[str], Array]:
    """Return the images of an archive in the order of their names, and these."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith((".jpg", ".png")))
        pixels = []
        for name in names:
            with archive.open(name) as stream:
                pixels.append(image(stream))
    return [Path(name).stem for name in names], np.stack(pixels)
