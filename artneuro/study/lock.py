"""One active run a folder: a lock that dies with the process that holds it."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from artneuro.errors import RunError

NAME = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a run folder for the block.

    The operating system drops the lock when the process ends, however it ends, so a killed run leaves nothing to
    clean up; the file itself stays and means nothing.

    Raises
    ------
    RunError
        Where another process holds it (named by its id), or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise RunError(
            f"{folder}: the run folder cannot be written ({error.strerror}). Choose another one with --out."
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise RunError(f"{folder}: the run folder cannot be locked ({error.strerror})") from error
            holder = os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"
            raise RunError(
                f"{folder}: in use by another run (process {holder}). Wait until it ends, or choose another --out."
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
