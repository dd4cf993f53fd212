"""Identity: what `subject.json` says of a subject, sealed, so that a changed letter is told."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artneuro import files
from artneuro.errors import RecordError

NAME = "subject.json"
"""The file, written last: it makes a subject complete."""
SEAL = "sha256"
"""Digest of all else in the file."""


def write(facts: Mapping[str, Any], folder: Path) -> None:
    """Write who a subject is into its folder."""
    files.write_text(folder / NAME, json.dumps({**facts, SEAL: _digest(facts)}, indent=1, sort_keys=True) + "\n")


def read(folder: Path) -> dict[str, Any]:
    """Read who the subject in a folder is.

    Raises
    ------
    RecordError
        Where the file is missing, damaged or was changed; the text names it.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write({"arm": "control", "seed": 1}, folder)
    >>> read(folder)
    {'arm': 'control', 'seed': 1}
    """
    path = folder / NAME
    try:
        facts: dict[str, Any] = json.loads(files.read_text(path))
        seal = facts.pop(SEAL)
        found = _digest(facts)
    except (OSError, ValueError, RecursionError, TypeError, AttributeError, KeyError) as error:
        raise RecordError(f"{path}: not a readable subject ({error!r})") from error
    if found != seal:
        raise RecordError(f"{path}: it was changed after it was written: see {SEAL!r}")
    return facts


def _digest(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
