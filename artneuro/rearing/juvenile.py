"""Juvenile: a subject in the middle of its rearing, with all that going on takes.

An adult that is reared further begins a new rearing: optimiser and schedule start anew. A juvenile goes on with the
same one, bit for bit as if it had never paused.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Self, final

import attrs
import numpy as np
import torch
from torch import Tensor

from artneuro import tensor_files
from artneuro.errors import RecordError
from artneuro.rearing import events, gains
from artneuro.subject import Subject
from artneuro.weights import Weights

State = Mapping[str, Mapping[str, Tensor]]


@final
@attrs.frozen(eq=False, kw_only=True)
class Juvenile:
    """A subject in the middle of its rearing.

    Parameters
    ----------
    origin : Subject
        The subject as it was when this rearing began.
    lived : int
        Epochs of this rearing that are over.
    updates : int
        Updates of the weights since birth.
    rows : tuple of mapping of str to float
        What was measured in each epoch of this rearing that it completed.
    ages : mapping of int to weights
        Weights at the ages kept, and now: the oldest is the present.
    state : mapping of str to mapping of str to Tensor
        Parameter -> name of what the optimiser keeps -> its value; empty before the first update.
    halted : bool
        Whether an intervention ended its rearing.
    diverged : int
        Age at which its loss became non-finite; -1 where it did not.
    memory : mapping of int to mapping of str to Tensor
        Place of an intervention that has acted -> name of what it remembers -> its value.
    log : array, shape (event, 5)
        Events of this rearing, in order: place of the intervention, epoch, step, unit, and whether that lives on.
    swaps : array, shape (round, 3)
        Rounds of swaps in this rearing, in order: epoch, step, and the gain.
    """

    origin: Subject
    lived: int
    updates: int
    rows: tuple[Mapping[str, float], ...]
    ages: Mapping[int, Weights]
    state: State
    halted: bool
    diverged: int
    memory: Mapping[int, Mapping[str, Tensor]] = attrs.field(factory=dict)
    log: events.Whole = attrs.field(factory=lambda: events.joined([]))
    swaps: gains.Rounds = attrs.field(factory=lambda: gains.joined([]))

    @classmethod
    def at_beginning(cls, subject: Subject) -> Self:
        """Return a subject that is about to be reared."""
        updated = "updates" in subject.history and subject.age
        return cls(
            origin=subject,
            lived=0,
            updates=int(subject.history.updates[-1]) if updated else 0,
            rows=(),
            ages=subject.ages,
            state={},
            halted=False,
            diverged=subject.diverged,
        )

    @property
    def weights(self) -> Weights:
        """Present weights: parameters and buffers by name."""
        return self.ages[max(self.ages)]

    def save(self, path: Path) -> None:
        """Write it as one file (safetensors with JSON beside the tensors), all but its origin."""
        own = {age: weights for age, weights in self.ages.items() if age not in self.origin.ages}
        tensors = {f"weights/{age}/{name}": tensor for age, weights in own.items() for name, tensor in weights.items()}
        tensors |= {f"state/{key}/{name}": tensor for name, kept in self.state.items() for key, tensor in kept.items()}
        tensors |= {f"memory/{at}/{name}": tensor for at, kept in self.memory.items() for name, tensor in kept.items()}
        tensors["log/all/events"] = torch.from_numpy(self.log)
        tensors["log/all/swaps"] = torch.from_numpy(self.swaps)
        facts = {
            "origin": self.origin.fingerprint,
            "lived": self.lived,
            "updates": self.updates,
            "rows": [dict(row) for row in self.rows],
            "halted": self.halted,
            "diverged": self.diverged,
        }
        tensor_files.write(tensors, path, facts)

    @classmethod
    def load(cls, path: Path, origin: Subject) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        RecordError
            Where the file is missing or damaged, or belongs to another origin; the text names it.
        """
        own: dict[int, dict[str, Tensor]] = {}
        state: dict[str, dict[str, Tensor]] = {}
        memory: dict[int, dict[str, Tensor]] = {}
        logs: dict[str, Tensor] = {}
        tensors, facts = tensor_files.read(path, origin.environment.device)
        try:
            for entry, tensor in tensors.items():
                kind, group, name = entry.split("/", 2)
                if kind == "weights":
                    own.setdefault(int(group), {})[name] = tensor
                elif kind == "state":
                    state.setdefault(name, {})[group] = tensor
                elif kind == "memory":
                    memory.setdefault(int(group), {})[name] = tensor
                else:
                    logs[name] = tensor.cpu()
            born = facts.pop("origin")
            rows = tuple(facts.pop("rows"))
            ages = {**origin.ages, **own}
            log, swaps = logs["events"].numpy().astype(np.int64), logs["swaps"].numpy().astype(np.float64)
            found = cls(origin=origin, rows=rows, ages=ages, state=state, memory=memory, log=log, swaps=swaps, **facts)
        except (KeyError, TypeError, ValueError) as error:
            raise RecordError(f"{path}: not a readable subject in the middle of its rearing ({error!r})") from error
        if born != origin.fingerprint:
            raise RecordError(f"{path}: belongs to another subject than {origin.id}")
        return found
