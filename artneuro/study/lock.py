"""One active run a folder: a lock that dies with the process that holds it."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from artneuro.errors import RunError
from artneuro.study.holder import Holder

NAME = ".lock"
LINE = 400
"""Bytes that are read of it: number, machine and birth of a process."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a run folder for the block.

    The operating system drops the lock when the process ends, however it ends, so a killed run leaves nothing to
    clean up; the file itself stays. Who removes it during a run lets a second one in.

    Raises
    ------
    RunError
        Where another process holds it (named by its id), or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise RunError(
            f"{folder}: the run folder cannot be written ({error.strerror}). Choose another one with --out."
        ) from error
    try:
        _take(handle, fcntl.LOCK_EX, folder)
        os.ftruncate(handle, 0)
        os.pwrite(handle, Holder.here().line().encode(), 0)
        yield
    finally:
        os.close(handle)


def refuse_held(folder: Path) -> None:
    """Refuse a run folder whose lock another process holds, and touch nothing, so that it can be asked first.

    Raises
    ------
    RunError
        As `locked`.
    """
    try:
        handle = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:  # where it is not that nobody has run there, `locked` says what it is
        return
    try:
        _take(handle, fcntl.LOCK_SH, folder)
    finally:
        os.close(handle)


def _take(handle: int, how: int, folder: Path) -> None:
    """Take the lock of an open file, or say who has it."""
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise RunError(f"{folder}: the run folder cannot be locked ({error.strerror})") from error
        holder = Holder.parse(os.pread(handle, LINE, 0).decode(errors="replace"))
        who = f"process {holder.process} on {holder.host}" if holder else "its process is not known"
        raise RunError(
            f"{folder}: in use by another run ({who}). `artneuro status {folder}` tells how far it is. "
            "Wait until it ends, or choose another --out."
        ) from None


def holder(folder: Path) -> Holder | None:
    """Return who holds a run folder or was the last to, without touching it; None where nobody is known."""
    try:
        with (folder / NAME).open("rb") as opened:
            return Holder.parse(opened.read(LINE).decode(errors="replace"))
    except OSError:
        return None
