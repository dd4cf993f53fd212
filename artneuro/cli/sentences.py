"""Whatever goes wrong in a command, as a sentence on standard error and an exit status.

2: the user's to mend (a declaration, data, a folder, the disk). 130: stopped with Ctrl-C. 143: ended by SIGTERM. 1: a
fault of artneuro.
"""

import errno
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import typer

from artneuro.cli.printable import printable
from artneuro.errors import ArtneuroError, SpecificationError, Terminated

DEBUG = "ARTNEURO_DEBUG"
"""Environment variable that `artneuro --debug` sets: a fault then also prints Python's traceback."""

MENDABLE, FAULT, STOPPED, ENDED = 2, 1, 130, 143


@contextmanager
def spoken(kept: bool = False) -> Iterator[None]:
    """End the command with a sentence and an exit status where the block raises.

    Parameters
    ----------
    kept : bool
        Whether the command is one that can be stopped and goes on from there.

    Raises
    ------
    typer.Exit
        With the exit status.
    """
    after = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt as asked:
        say(f"Stopped.{' What is finished is kept: the same command goes on from there.' if kept else ''}")
        if isinstance(asked, Terminated):
            after = signal.SIG_IGN  # it is ending; who asks again, as some do, changes nothing
        raise typer.Exit(ENDED if isinstance(asked, Terminated) else STOPPED) from None
    except SpecificationError as error:
        say(str(error))
        count = len(error.problems)
        if count > 1:
            say(f"{count} problems; nothing was run.")
        raise typer.Exit(MENDABLE) from None
    except ArtneuroError as error:
        say(str(error))
        raise typer.Exit(MENDABLE) from None
    except BrokenPipeError:
        # whoever read our output has gone (`artneuro list | head`); leave the interpreter nothing to flush into it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAULT) from None
    except OSError as error:
        say(of_system(error))
        raise typer.Exit(MENDABLE) from None
    except MemoryError:
        say("The memory is full. Run fewer subjects at once (--workers 1), or a smaller environment.")
        raise typer.Exit(MENDABLE) from None
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        say(
            f"A fault in artneuro, not in your input: {type(error).__name__}: {error} "
            f"({Path(where.filename).name}, line {where.lineno}). "
            "Please report it; `artneuro --debug ...` prints the whole trace to send along."
        )
        if os.environ.get(DEBUG):
            traceback.print_exc()
        raise typer.Exit(FAULT) from None
    finally:
        signal.signal(signal.SIGTERM, after)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


def of_system(error: OSError) -> str:
    """Return what the operating system refused, and what to do.

    Examples
    --------
    >>> of_system(PermissionError(13, "Permission denied", "runs"))
    'runs: Permission denied. Choose another place with --out, or ask for the right to write there.'
    """
    advice = {
        errno.ENOSPC: "Free some space and run again: finished tasks are kept.",
        errno.EDQUOT: "Free some space and run again: finished tasks are kept.",
        errno.EACCES: "Choose another place with --out, or ask for the right to write there.",
        errno.EPERM: "Choose another place with --out, or ask for the right to write there.",
        errno.EROFS: "Choose another place with --out.",
    }
    what = f"{error.filename}: " if error.filename else ""
    return f"{what}{error.strerror or error}. {advice.get(error.errno or 0, '')}".rstrip()


def say(text: str) -> None:
    """Print a sentence on standard error."""
    typer.echo(printable(text), err=True)
