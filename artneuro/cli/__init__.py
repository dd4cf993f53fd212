"""The command line, and nothing else: every command calls what Python users call."""

import sys

from artneuro.cli.commands import app
from artneuro.cli.sentences import STOPPED, say

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; the entry point ``artneuro``."""
    try:
        app(prog_name="artneuro")
    except KeyboardInterrupt:  # between commands: while Python is still importing
        say("Stopped.")
        sys.exit(STOPPED)
