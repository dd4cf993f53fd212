"""Addition on a circle, from pairs of tokens. Liu, Gan and Tegmark 2023, arXiv 2305.08746, section 3.3."""

from pathlib import Path
from typing import final

import torch

from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.environment.formula import computed, divided, one_hot, stimuli_of
from artneuro.fields import Check, define_spec, ge, param
from artneuro.registry import register
from artneuro.seeds import Stream

SHARE = Check("strictly between 0 and 1", lambda share: 0 < share < 1)


@final
@register("modular_addition")
@define_spec
class ModularAddition(EnvironmentSource):
    """All pairs (a, b) of numbers below `p`; the class is ``(a + b) mod p``.

    A stimulus is both tokens one above the other, each with one input at 1: (1, 2, p). Quantities: ``a``, ``b``.

    Examples
    --------
    >>> place = ModularAddition(p=5).load()
    >>> len(place.train), len(place.test), place.shape
    (20, 5, (1, 2, 5))
    >>> a, b = place.train.images[7, 0].argmax(1)
    >>> int(a + b) % 5 == int(place.train.targets[7])
    True
    """

    p: int = param(59, doc="how many numbers, and classes", check=ge(2))
    train_share: float = param(0.8, doc="share of the pairs that are learnt", check=SHARE)
    split_seed: int = param(0, doc="seed of the choice of pairs")

    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Compute the stimuli; nothing is read."""
        pairs = torch.cartesian_prod(torch.arange(self.p), torch.arange(self.p))
        quantities = {"a": pairs[:, 0], "b": pairs[:, 1]}
        whole = stimuli_of(one_hot(pairs, self.p), pairs.sum(1) % self.p, quantities)
        train, test = divided(len(pairs), self.train_share, Stream(self.split_seed).child("split"))
        names = [str(number) for number in range(self.p)]
        return computed(self, whole, train, test, classes=names, device=device)
