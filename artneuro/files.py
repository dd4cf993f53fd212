"""Files that appear whole or not at all: written beside, flushed, renamed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_flushing: ContextVar[bool] = ContextVar("flushing", default=True)


@contextmanager
def whole(path: Path | str) -> Iterator[Path]:
    """Give a path beside `path` to write to; rename it to `path` when the block ends well, remove it otherwise.

    A reader sees the old file or the new one and nothing between; so does a machine that loses power, unless files are
    not `flushed`.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with whole(folder / "a.txt") as beside:
    ...     _ = beside.write_text("complete")
    >>> (folder / "a.txt").read_text()
    'complete'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        if _flushing.get():
            _flush(beside)
        beside.chmod(0o644)  # mkstemp makes files private; results are meant to be read
        beside.replace(path)
        if _flushing.get():
            _flush(path.parent)  # the rename itself survives a power cut only once the folder is flushed
    finally:
        beside.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Wait until a file, or what a folder holds, is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def flushed(worth: bool) -> Iterator[None]:
    """Wait for the disk within the block only where it is `worth` it.

    A disk takes milliseconds for each file. Without waiting, a machine that loses power may leave damaged what was
    written within its last half minute: for files that tell when they are damaged, and are sooner made again.
    """
    before = _flushing.set(worth)
    try:
        yield
    finally:
        _flushing.reset(before)


LARGEST = 2**28
"""Bytes of a file of text that is read whole; the plan of ten thousand subjects, our largest, has some ten million."""


def read_text(path: Path) -> str:
    """Read a text file, unless it is larger than any of ours: a folder may come from a stranger.

    Raises
    ------
    OSError, ValueError
        Where it is missing, too large, or no text.
    """
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 2**20} MiB")
    return path.read_text(encoding="utf-8")


def write_text(path: Path | str, text: str) -> None:
    """Write a text file whole or not at all."""
    with whole(path) as beside:
        beside.write_text(text, encoding="utf-8")
