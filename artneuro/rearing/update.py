"""The update: an optimiser on the stacked weights of many subjects, in blocks that fit the processor's cache.

An optimiser passes over its tensors several times. On blocks of a hundred thousand entries all passes but the first
find the block in the cache, and small tensors share one block and so the overhead. Elementwise arithmetic gives the
same bits however entries are grouped.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, final

import torch
from torch import Tensor

from artneuro.rearing.each import padded
from artneuro.rearing.optimizer import Optimizer

BLOCK = 1 << 16
"""Entries of a block on a CPU: a quarter of a megabyte in float32, times the three to five tensors of an optimiser."""


class _Place(NamedTuple):
    """Where a parameter lies among all entries: its beginning, entries a subject, and its shape and strides."""

    begin: int
    each: int
    shape: torch.Size
    strides: tuple[int, ...]

    @property
    def end(self) -> int:
        return self.begin + self.shape[0] * self.each


@final
class Update:
    """Holds the parameters of some subjects and updates them.

    Parameters
    ----------
    parameters : mapping of str to Tensor, shape (subject, ...)
        They are copied. Each subject's part keeps its memory format, and is aligned as a tensor of its own would be.
    optimizer : Optimizer
        Elementwise.

    Attributes
    ----------
    parameters : dict of str to Tensor, shape (subject, ...)
        Views, which `step` changes in place.
    state : dict of str to dict of str to Tensor, shape (subject, ...)
        Parameter -> name of what the optimiser keeps -> view.
    """

    def __init__(self, parameters: Mapping[str, Tensor], optimizer: Optimizer) -> None:
        on_cpu = next(iter(parameters.values())).device.type == "cpu"
        self._block = BLOCK if on_cpu else sum(tensor.numel() for tensor in parameters.values()) + 1
        self._places: dict[str, _Place] = {}
        end = self._small = 0
        for name in sorted(parameters, key=lambda name: parameters[name].numel() >= self._block):  # small ones first
            place = self._places[name] = _place(end, parameters[name])
            end = padded(place.end)
            if parameters[name].numel() < self._block:
                self._small = end
        self._entries = next(iter(parameters.values())).new_zeros(end)
        self.parameters = {name: self._view(self._entries, name) for name in parameters}
        for name, stacked in parameters.items():
            self.parameters[name].copy_(stacked)
        self._gradients = self._entries.new_zeros(self._small)
        self._gathered = {
            name: self._view(self._gradients, name) for name, place in self._places.items() if place.begin < self._small
        }
        kept = {name: torch.zeros_like(self._entries) for name in optimizer.state}
        self.state = {name: {key: self._view(all_, name) for key, all_ in kept.items()} for name in parameters}
        self._optimizer, self._count = optimizer, 0
        self._blocks = [
            (run, low, high, self._entries[low:high], {key: all_[low:high] for key, all_ in kept.items()})
            for run, low, high in self._cut()
        ]
        self._scratch = self._entries.new_empty(max(high - low for _, low, high in self._cut()))

    def step(self, gradients: Mapping[str, Tensor], lr: float) -> None:
        """Update the parameters once, at the learning rate `lr`, by the gradients (subject, ...) of all of them."""
        rows = {0: self._gradients}
        for name, place in self._places.items():
            if name in self._gathered:
                self._gathered[name].copy_(gradients[name])
            else:
                rows[place.begin] = self._row(place, gradients[name])
        self._count += 1
        for run, low, high, entries, state in self._blocks:
            gradient, scratch = rows[run][low - run : high - run], self._scratch[: high - low]
            self._optimizer.update(entries, gradient, state, scratch, self._count, lr)

    def resume(self, states: Sequence[Mapping[str, Mapping[str, Tensor]]], count: int) -> None:
        """Go on where an update of the same kind paused: what it kept of each subject, after `count` steps."""
        for place, state in enumerate(states):
            for name, kept in state.items():
                for key, tensor in kept.items():
                    self.state[name][key][place].copy_(tensor)
        self._count = count

    def state_of(self, place: int) -> dict[str, dict[str, Tensor]]:
        """Return a copy of what the optimiser keeps of one subject."""
        return {
            name: {key: tensor[place].clone(memory_format=torch.contiguous_format) for key, tensor in kept.items()}
            for name, kept in self.state.items()
        }

    def _cut(self) -> Iterator[tuple[int, int, int]]:
        """Yield (beginning of the run, beginning, end) of each block; a run is one large parameter, or all small."""
        runs = [(0, self._small)]
        runs += [(place.begin, place.end) for name, place in self._places.items() if name not in self._gathered]
        for run, end in runs:
            for begin in range(run, end, self._block):
                yield run, begin, min(begin + self._block, end)

    def _view(self, entries: Tensor, name: str) -> Tensor:
        place = self._places[name]
        return entries.as_strided(place.shape, place.strides, place.begin)

    def _row(self, place: _Place, gradient: Tensor) -> Tensor:
        """Return a gradient as one row of entries, laid out as the parameter; without a copy where it is so already."""
        length = place.end - place.begin
        alike = all(
            size == 1 or ours == theirs
            for size, ours, theirs in zip(place.shape, place.strides, gradient.stride(), strict=True)
        )
        if alike and length == gradient.numel():
            return gradient.as_strided((length,), (1,))
        row = self._entries.new_zeros(length)
        row.as_strided(place.shape, place.strides).copy_(gradient)
        return row


def _place(end: int, stacked: Tensor) -> _Place:
    """Return the place of a parameter after `end` entries."""
    own = torch.empty_like(stacked[0])  # dense, in the memory format of the parameter
    each = own.numel() if len(stacked) == 1 else padded(own.numel())
    return _Place(end, each, stacked.shape, (each, *own.stride()))
