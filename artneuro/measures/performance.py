"""Performance of a network from its logits: loss, accuracy, accuracy per class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor


@final
@dataclass(frozen=True, eq=False)
class Tally:
    """Sums over stimuli under one condition or many; those of two blocks of stimuli add up.

    Parameters
    ----------
    losses : Tensor, shape (...), float64
        Sum of the cross-entropy over stimuli, in nats.
    hits : Tensor, shape (..., class), int64
        Stimuli of each class that were named right.
    shown : Tensor, shape (class,), int64
        Stimuli of each class.

    Examples
    --------
    >>> tally = Tally.of(torch.tensor([[2.0, 0.0], [2.0, 0.0]]), torch.tensor([0, 1]), classes=2)
    >>> float(tally.accuracy), tally.class_accuracy.tolist()
    (0.5, [1.0, 0.0])
    """

    losses: Tensor
    hits: Tensor
    shown: Tensor

    @classmethod
    def of(cls, logits: Tensor, targets: Tensor, classes: int) -> "Tally":
        """Tally one block of stimuli.

        Parameters
        ----------
        logits : Tensor, shape (..., stimulus, class)
            Leading dims are conditions. Of equal logits the first class is the answer.
        targets : Tensor, shape (stimulus,), int64
            Class of each stimulus.
        classes : int
            Number of classes.
        """
        chosen = logits.gather(-1, targets.expand(logits.shape[:-1])[..., None])[..., 0]
        losses = (logits.logsumexp(dim=-1) - chosen).double().sum(dim=-1)
        members = torch.nn.functional.one_hot(targets, classes)
        right = (logits.argmax(dim=-1) == targets).to(torch.float64)  # float, for the matrix product; exact to 2**53
        return cls(losses, (right @ members.to(torch.float64)).long(), members.sum(dim=0))

    @classmethod
    def joined(cls, tallies: Sequence["Tally"]) -> "Tally":
        """Return the tallies of one block of stimuli as one, their conditions along the first dim."""
        losses = torch.cat([tally.losses for tally in tallies])
        hits = torch.cat([tally.hits for tally in tallies])
        return cls(losses, hits, tallies[0].shown)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.losses + other.losses, self.hits + other.hits, self.shown + other.shown)

    @property
    def loss(self) -> Tensor:
        """Mean cross-entropy, in nats, shape (...)."""
        return self.losses / self.shown.sum()

    @property
    def accuracy(self) -> Tensor:
        """Share of the stimuli that were named right, shape (...)."""
        return self.hits.sum(dim=-1).double() / self.shown.sum()

    @property
    def class_accuracy(self) -> Tensor:
        """Share of each class's stimuli that were named right, shape (..., class); not-a-number without stimuli."""
        return self.hits.double() / self.shown
