"""Where data lie: the data root, and places in it that a declaration may name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path, PureWindowsPath

from artneuro.fields import Check

_NAMED: ContextVar[Path | str | None] = ContextVar("data_root", default=None)


@contextmanager
def data_root_at(data_root: Path | str | None) -> Iterator[None]:
    """Let a folder be the data root within the block, where one is named: of a study, for all that it reads.

    Examples
    --------
    >>> with data_root_at("/elsewhere"):
    ...     resolve_data_root().as_posix()
    '/elsewhere'
    """
    token = _NAMED.set(data_root if data_root is not None else _NAMED.get())
    try:
        yield
    finally:
        _NAMED.reset(token)


def resolve_data_root(data_root: Path | str | None = None) -> Path:
    """Return the absolute folder that holds the data sets.

    Parameters
    ----------
    data_root : path, optional
        By default that of `data_root_at`, then the environment variable ``ARTNEURO_DATA``; where neither is set,
        ``data`` in the working directory.

    Examples
    --------
    >>> resolve_data_root("/somewhere/data").as_posix()
    '/somewhere/data'
    """
    named = data_root if data_root is not None else _NAMED.get()
    named = named if named is not None else os.environ.get("ARTNEURO_DATA") or "data"
    return Path(os.path.expanduser(named)).absolute()


def inside() -> Check:
    """Require a path that stays within the data root, wherever it was written.

    A study file may come from a stranger, and is meant for any machine: it reads from the data root alone. So ``..``
    and absolute paths, of any system, are refused. Links within the data root are followed: who keeps it has made them,
    and large data often lie on another disk.
    """

    def stays(path: str) -> bool:
        place = PureWindowsPath(path)  # which knows the separators and beginnings of all systems
        return bool(path.strip()) and "\0" not in path and not place.anchor and ".." not in place.parts

    return Check("that names a place, perhaps a link, in the data root, without `..`", stays)
