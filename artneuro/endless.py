"""A file that is read without end: the process is ended, with a sentence, since nothing else can be done about it.

HDF5 searches for ever in some files that are damaged or made to do harm, and Python cannot interrupt it: no signal is
answered before it comes back. Other threads go on.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0
"""Seconds that reading a file may take, whatever its size."""
SLOWEST = 2**20
"""Bytes that are read in a second, at least, of a file that is long; a slow network reads some ten times as many."""
PAUSE = 5.0
"""Seconds between two looks."""
SENTENCE = (
    "{path}: reading it does not come to an end, so it is damaged or made to do harm. Replace it; where it lies in a "
    "run folder, remove it: running again makes it anew."
)
_under_way: dict[object, tuple[Path, float]] = {}  # what is being read, by whom, and since when


@contextmanager
def reading(path: Path | str) -> Iterator[None]:
    """Count a file as being read within the block."""
    reader = object()
    _under_way[reader] = Path(path), time.monotonic()
    try:
        yield
    finally:
        del _under_way[reader]


def overdue(now: float) -> str:
    """Return what to tell of a file that any thread has been reading for longer than any file takes.

    Parameters
    ----------
    now : float
        Seconds of `time.monotonic`.

    Returns
    -------
    str
        Empty where there is no such file.

    Examples
    --------
    >>> with reading("a.nc"):
    ...     print(overdue(time.monotonic() + 3600).partition(",")[0])
    a.nc: reading it does not come to an end
    >>> overdue(time.monotonic() + 3600)
    ''
    """
    for path, since in [*_under_way.values()]:  # a list at once: other threads begin and end meanwhile
        size = path.stat().st_size if path.exists() else 0
        if now - since > PATIENCE + size / SLOWEST:
            return SENTENCE.format(path=path)
    return ""


def watch(end: Callable[[str], object]) -> None:
    """Begin to look, in a thread of its own, for a file that is read without end.

    Parameters
    ----------
    end : callable
        Called, once, with what to tell. It must end the process: the thread that reads cannot be ended alone.
    """
    threading.Thread(target=_look, args=(end,), daemon=True).start()


class Looks:
    """Looks, one after the other, for a file that is read without end.

    Examples
    --------
    >>> looks = Looks()
    >>> with reading("a.nc"):
    ...     begun = time.monotonic()
    ...     [looks.told(begun + later) != "" for later in (10, 3600, 3605)]
    [False, False, True]
    """

    def __init__(self) -> None:
        self._before = ""

    def told(self, now: float) -> str:
        """Return what `overdue` tells, the second time in succession.

        The first may come when the whole process goes on that was stopped for an hour, with a file open.
        """
        before, self._before = self._before, overdue(now)
        return self._before if self._before == before else ""


def _look(end: Callable[[str], object]) -> None:
    looks = Looks()
    while not (told := looks.told(time.monotonic())):
        time.sleep(PAUSE)
    end(told)
