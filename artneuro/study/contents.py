"""Contents: what a run folder may hold, and how what lies in it may be called.

Folders travel, and one that comes from a stranger is data and nothing else.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from artneuro.errors import RunError
from artneuro.fields import Check

_KINDS = {stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
FILES = frozenset({".nc", ".json", ".jsonl", ".log", ".safetensors", ".yaml", ".html"})
"""How files of a run end, and no folder of one."""
NAME = Check(
    "of letters, digits, - and _ (60 at most): it names files",
    lambda text: re.fullmatch(r"\w[\w-]{0,59}", text) is not None,
)


def require_plain(folder: Path) -> None:
    """Refuse a run folder that holds anything but files and folders.

    A link, or a file with a second name elsewhere, would let a run read, or write over, what lies outside of it; a pipe
    would let it wait for ever; a folder in the place of a file could never be made again. The folder itself may be a
    link: that is whoever names it who says where it lies.

    Raises
    ------
    RunError
        Where it holds something else; the text names it.
    """
    for entry in _walk(folder):
        with suppress(FileNotFoundError):  # of half a file, say, that a run which is active has just made whole
            _require_plain(entry)


def _require_plain(entry: "os.DirEntry[str]") -> None:
    if entry.is_dir(follow_symlinks=False) and Path(entry.name).suffix in FILES:
        raise RunError(f"{entry.path}: a folder in the place of a file. Remove it: what was there is made again.")
    if entry.is_file(follow_symlinks=False) and (names := entry.stat(follow_symlinks=False).st_nlink) > 1:
        raise RunError(
            f"{entry.path}: a file with {names} names (hard links), so that it would be changed elsewhere as well. "
            "Copy it, and put the copy in its place."
        )
    if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
        kind = _KINDS.get(stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode), "a device")
        raise RunError(
            f"{entry.path}: {kind}; a run folder holds files and folders only, so that nothing outside of it is "
            "read or written. Put what it stands for in its place, or remove it."
        )


def _walk(folder: Path | str) -> Iterator["os.DirEntry[str]"]:
    with ExitStack() as opened:
        try:
            entries = opened.enter_context(os.scandir(folder))
        except FileNotFoundError:  # removed meanwhile
            return
        for entry in entries:
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path)
