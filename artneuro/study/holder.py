"""Who holds a run folder: a process on a machine, and whether it still lives."""

import os
import platform
from pathlib import Path
from typing import final

import attrs


@final
@attrs.frozen
class Holder:
    """The process that works on a run folder, or was the last to.

    Parameters
    ----------
    process : int
        Its number.
    host : str
        Name of its machine.
    born : str
        When it started, in ticks since the machine did: numbers of processes are used again, and clocks are set. Empty
        where the machine does not tell (only Linux does).
    """

    process: int
    host: str
    born: str = ""

    @classmethod
    def here(cls) -> "Holder":
        """Return this process."""
        return cls(os.getpid(), platform.node() or "unknown", _life(os.getpid())[1])

    @classmethod
    def parse(cls, text: str) -> "Holder | None":
        r"""Return the holder that a line tells of, or None where it tells of none.

        Examples
        --------
        >>> Holder.parse("4711 somewhere 88\n")
        Holder(process=4711, host='somewhere', born='88')
        >>> Holder.parse("") is None
        True
        """
        process, host, born = (*text.split(), "", "", "")[:3]
        known = process.isascii() and process.isdigit() and 0 < int(process[:10]) < 2**31
        return cls(int(process[:10]), host, born) if known else None

    def line(self) -> str:
        """Return the line that `parse` reads."""
        return f"{self.process} {self.host} {self.born}".rstrip() + "\n"

    def alive(self) -> bool | None:
        """Tell whether it lives; None where that cannot be told, since it runs on another machine."""
        if self.host != Holder.here().host:
            return None
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # it lives, and is another user's
            pass
        state, born = _life(self.process)
        return state != "Z" and (not self.born or born == self.born)


def _life(process: int) -> tuple[str, str]:
    """Return the state of a process in one letter and when it started; nothing where that is not told."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return "", ""
