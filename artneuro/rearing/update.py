"""The update: torch's optimiser on the stacked weights of many subjects, in blocks that fit the processor's cache.

An optimiser passes over its tensors several times. On blocks of a hundred thousand entries all passes but the first
find the block in the cache, and small tensors share one block and so the overhead. Elementwise arithmetic gives the
same bits however entries are grouped.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, final

import torch
from torch import Tensor

from artneuro.rearing.each import padded
from artneuro.rearing.optimizer import Optimizer

BLOCK = 1 << 17
"""Entries of a block: half a megabyte in float32, times the three to five tensors of an optimiser."""


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
        self._names = sorted(parameters, key=lambda name: parameters[name].numel() >= BLOCK)  # small ones first
        self._places: dict[str, _Place] = {}
        self._small = 0
        end = 0
        for name in self._names:
            place = _place(end, parameters[name])
            self._places[name] = place
            end = padded(place.end)
            if parameters[name].numel() < BLOCK:
                self._small = end
        self._entries = next(iter(parameters.values())).new_zeros(end)
        self._gradients = self._entries.new_zeros(self._small)
        self.parameters = {name: self._view(self._entries, name) for name in parameters}
        for name, stacked in parameters.items():
            self.parameters[name].copy_(stacked)
        kept = {name: torch.zeros_like(self._entries) for name in optimizer.state}
        self.state = {name: {key: self._view(all_, name) for key, all_ in kept.items()} for name in parameters}
        self._optimizer = optimizer
        self._bounds = list(self._cut())
        self._blocks = self._in_blocks(self._entries)
        self._state = {key: self._in_blocks(all_) for key, all_ in kept.items()}
        self._counts = [torch.zeros(()) for _ in self._bounds]

    def step(self, gradients: Mapping[str, Tensor], lr: float) -> None:
        """Update the parameters once, at the learning rate `lr`, by the gradients (subject, ...) of all of them."""
        rows = {0: self._gradients} if self._small else {}
        for name, place in self._places.items():
            if place.begin < self._small:
                self._view(self._gradients, name).copy_(gradients[name])
            else:
                rows[place.begin] = self._row(name, gradients[name])
        given = [rows[run][low - run : high - run] for run, low, high in self._bounds]
        self._optimizer.update(self._blocks, given, self._state, self._counts, lr)

    def _cut(self) -> Iterator[tuple[int, int, int]]:
        """Yield (beginning of the run, beginning, end) of each block; a run is one large parameter, or all small."""
        runs = [(0, self._small)] if self._small else []
        runs += [(place.begin, place.end) for place in self._places.values() if place.begin >= self._small]
        for run, end in runs:
            for begin in range(run, end, BLOCK):
                yield run, begin, min(begin + BLOCK, end)

    def _in_blocks(self, entries: Tensor) -> list[Tensor]:
        return [entries[low:high] for _, low, high in self._bounds]

    def _view(self, entries: Tensor, name: str) -> Tensor:
        place = self._places[name]
        return entries.as_strided(place.shape, place.strides, place.begin)

    def _row(self, name: str, gradient: Tensor) -> Tensor:
        """Return a gradient as one row of entries, laid out as the parameter; without a copy where it is so already."""
        place = self._places[name]
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
