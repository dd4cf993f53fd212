"""How files of brains are read."""

import csv
import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]


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
