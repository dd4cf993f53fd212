"""Inspection: whether a worker elsewhere can do tasks of a run, asked there before it does any."""

import hashlib
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Self, final

import attrs
import torch

from artneuro import records
from artneuro.study import provenance


@final
@attrs.frozen
class Inspection:
    """What a worker must find where it is.

    Parameters
    ----------
    folder : Path
        The run folder, absolute.
    mark : str
        Digest of its `provenance.json`, which is like no other: another folder under the same path is told from it.
    versions : mapping of str to str
        Of everything that a result may depend on, with a digest of artneuro's own code.
    """

    folder: Path
    mark: str
    versions: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return what a worker must find, of a run that has begun here."""
        folder = folder.absolute()
        return cls(folder, _mark(folder), _versions())

    def complaint(self) -> str:
        """Say why nothing can be done here; empty where it can."""
        try:
            mark = _mark(self.folder)
        except OSError as error:
            return f"does not see the run folder {self.folder} ({error.strerror})"
        if mark != self.mark:
            return f"sees another folder under the path of the run folder, {self.folder}"
        try:
            tempfile.TemporaryFile(dir=self.folder).close()
        except OSError as error:
            return f"may not write to the run folder {self.folder} ({error.strerror})"
        here = _versions()
        differ = [name for name, asked in self.versions.items() if here[name] != asked]
        other = [f"{name} {here[name]} instead of {self.versions[name]}" for name in differ]
        return f"has {', '.join(other)}" if other else ""


def processor() -> str:
    """Return the kind of instructions that torch uses here; by it, the last bits of results may differ."""
    return torch.backends.cpu.get_cpu_capability()


def _mark(folder: Path) -> str:
    return hashlib.sha256((folder / provenance.NAME).read_bytes()).hexdigest()


@cache
def _versions() -> Mapping[str, str]:
    root = Path(records.__file__).parent
    code = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        code.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return {**records.environment_facts(), "the code of artneuro": code.hexdigest()[:8]}
