"""Tensor files: named tensors and JSON-able facts in one file (safetensors) that tells when it was damaged.

A file that is cut short is no safetensors file any more; one whose bytes have changed still is. So each carries a
digest of what it holds, and is read only where that is still so.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from artneuro import files
from artneuro.errors import RecordError

FACTS = "artneuro"
"""The one entry of a file's metadata; with several, their order and so the file's bytes would differ each time."""


EXHAUSTED = (RecursionError, MemoryError, OverflowError)
"""What reading a file may end with that somebody wrote to exhaust its reader."""


def digest(tensors: Mapping[str, Tensor], facts: Mapping[str, Any] | None = None) -> str:
    """Return 64 hexadecimal digits that identify named tensors, bit for bit, and JSON-able facts.

    Examples
    --------
    >>> digest({"a": torch.zeros(2)}) == digest({"a": torch.zeros(2)}) != digest({"a": -torch.zeros(2)})
    True
    """
    total = hashlib.sha256(json.dumps(dict(facts or {}), sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        total.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        total.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()


def write(tensors: Mapping[str, Tensor], path: Path | str, facts: Mapping[str, Any] | None = None) -> None:
    """Write tensors and facts as one file, whole or not at all."""
    own = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}  # the format refuses shared memory
    text = json.dumps({"facts": dict(facts or {}), "sha256": digest(own, facts)}, sort_keys=True)
    with files.whole(path) as beside:
        try:
            safetensors.torch.save_file(own, beside, metadata={FACTS: text})
        except safetensors.SafetensorError as failure:  # which tells the number of the error in its text alone
            number = re.search(r"os error (\d+)", str(failure))
            if number is None:
                raise
            raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from failure


def read(path: Path | str, device: torch.device | str = "cpu") -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `write` wrote into memory of its own, which no longer depends on the file.

    Raises
    ------
    RecordError
        Where the file is missing or damaged; the text names it.
    """
    try:
        with safetensors.safe_open(path, "pt", device=str(device)) as opened:
            told = json.loads(opened.metadata()[FACTS])
            # copied: else they change with the file, and begin wherever they lie in it, on which rounding may depend
            tensors = {name: opened.get_tensor(name).clone() for name in opened.keys()}  # noqa: SIM118 (not a mapping)
        facts, written = told["facts"], told["sha256"]
        found = digest(tensors, facts)
    except (OSError, safetensors.SafetensorError, KeyError, TypeError, ValueError, RuntimeError, *EXHAUSTED) as error:
        raise RecordError(f"{path}: not a readable file of tensors ({error!r})") from error
    if found != written:
        raise RecordError(f"{path}: its contents are not those that were written")
    return tensors, facts
