"""Preparation: a network set up for an assay, shown the same stimuli again and again, block by block."""

import typing
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar, final

import attrs
import torch
from torch import Tensor

from artneuro.measures.performance import Tally
from artneuro.seeds import Stream

KEPT = 2**30  # bytes of exposures kept; what does not fit is computed again at each pass


class Exposed(typing.Protocol):
    """What a network gives when it is shown stimuli: its logits, or what can still be changed."""

    @property
    def nbytes(self) -> int:
        """Memory that it holds."""
        ...


E = TypeVar("E", bound=Exposed)
F = TypeVar("F", bound=Exposed)
K = TypeVar("K", bound=Hashable)


def deal(count: int, size: int, stream: Stream) -> tuple[Tensor, ...]:
    """Deal stimuli into blocks at random, so that every block is a sample of the whole set.

    Parameters
    ----------
    count : int
        Number of stimuli.
    size : int
        Largest block. There are ``ceil(count / size)`` blocks, whose sizes differ by one at most.
    stream : Stream
        Randomness: one permutation of the stimuli.

    Returns
    -------
    tuple of Tensor, int64
        Numbers of the stimuli of each block, ascending.

    Examples
    --------
    >>> [len(block) for block in deal(10, 4, Stream(0))]
    [4, 3, 3]
    """
    shuffled = torch.from_numpy(stream.numpy().permutation(count))
    return tuple(block.sort().values for block in shuffled.tensor_split(-(-count // size)))


@final
@attrs.define(eq=False)
class Preparation(Generic[E]):
    """A network shown stimuli block by block; what it gives is kept as far as memory allows.

    Parameters
    ----------
    expose : callable
        Stimuli as presented -> what the network gives.
    show : callable
        Numbers of stimuli -> stimuli as presented.
    blocks : sequence of Tensor
        Numbers of the stimuli of each block.
    targets : Tensor, shape (stimulus,), int64
        Class of each stimulus of the set.
    classes : int
        Number of classes.
    """

    expose: Callable[[Tensor], E]
    show: Callable[[Tensor], Tensor]
    blocks: Sequence[Tensor]
    targets: Tensor
    classes: int
    _kept: dict[int, E] = attrs.field(factory=dict, init=False)

    def showing_to(self, expose: Callable[[Tensor], F]) -> "Preparation[F]":
        """Return the same stimuli, shown to something else."""
        return Preparation(expose, self.show, self.blocks, self.targets, self.classes)

    def __iter__(self) -> Iterator[tuple[int, E]]:
        """Yield number and exposure of each block."""
        for number, block in enumerate(self.blocks):
            if number in self._kept:
                yield number, self._kept[number]
                continue
            exposure = self.expose(self.show(block))
            if sum(kept.nbytes for kept in self._kept.values()) + exposure.nbytes <= KEPT:
                self._kept[number] = exposure
            yield number, exposure

    @property
    def example(self) -> Tensor:
        """Two stimuli as presented."""
        return self.show(self.blocks[0][:2])

    @property
    def shown(self) -> Tensor:
        """Class of each stimulus, block after block."""
        return self.targets[torch.cat(tuple(self.blocks)).to(self.targets.device)]

    def tally(self, respond: Callable[[int, E], Iterable[tuple[K, Tensor]]]) -> dict[K, Tally]:
        """Tally the answers to all stimuli.

        Parameters
        ----------
        respond : callable
            Number and exposure of a block -> conditions and their logits (..., stimulus, class). Conditions of one
            key are joined along the first dim, in the order they come in.

        Returns
        -------
        dict
            Tally of each condition.
        """
        total: dict[K, Tally] = {}
        for number, exposure in self:
            targets = self.targets[self.blocks[number].to(self.targets.device)]
            parts: dict[K, list[Tally]] = defaultdict(list)
            for key, logits in respond(number, exposure):
                parts[key].append(Tally.of(logits, targets, self.classes))
            for key, tallies in parts.items():
                joined = Tally.joined(tallies)
                total[key] = total[key] + joined if key in total else joined
        return total
