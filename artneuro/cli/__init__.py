"""The command line, and nothing else: every command calls what Python users call."""

import os
import sys

from artneuro import endless
from artneuro.cli.commands import app
from artneuro.cli.sentences import MENDABLE, STOPPED, say

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; the entry point ``artneuro``."""
    endless.watch(_leave)
    try:
        app(prog_name="artneuro")
    except KeyboardInterrupt:  # between commands: while Python is still importing
        say("Stopped.")
        sys.exit(STOPPED)


def _leave(told: str) -> None:
    """End the process at once, from another thread than the one that is busy."""
    say(told)
    os._exit(MENDABLE)
