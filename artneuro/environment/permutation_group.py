"""Composition of permutations, from pairs of tokens. Liu, Gan and Tegmark 2023, arXiv 2305.08746, section 3.3."""

import itertools
from pathlib import Path
from typing import final

import torch

from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.environment.formula import computed, divided, one_hot, stimuli_of
from artneuro.environment.modular_addition import SHARE
from artneuro.fields import between, define_spec, param
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("permutation_group")
@define_spec
class PermutationGroup(EnvironmentSource):
    """All pairs of permutations of `n` things; the class is their composition, ``p2[p1]``.

    With p1 the first token and p2 the second, thing i goes where ``p2[p1[i]]`` says. Permutations are numbered in
    lexical order, and named as what 0, 1, 2, ... become. A stimulus is both tokens one above the other, each with one
    input at 1: (1, 2, n!). Quantities: the signs of both and of their composition, ``sign1``, ``sign2``, ``sign``.

    Examples
    --------
    >>> place = PermutationGroup(n=3).load()
    >>> place.classes
    ('012', '021', '102', '120', '201', '210')
    >>> first, second = (place.classes[token] for token in place.train.images[5, 0].argmax(1))
    >>> "".join(second[int(thing)] for thing in first) == place.classes[int(place.train.targets[5])]
    True
    """

    n: int = param(4, doc="things that are permuted", check=between(2, 5))
    train_share: float = param(0.8, doc="share of the pairs that are learnt", check=SHARE)
    split_seed: int = param(0, doc="seed of the choice of pairs")

    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Compute the stimuli; nothing is read."""
        group = list(itertools.permutations(range(self.n)))
        number = {permutation: place for place, permutation in enumerate(group)}
        signs = torch.tensor([_sign(permutation) for permutation in group])
        pairs = torch.cartesian_prod(torch.arange(len(group)), torch.arange(len(group)))
        composed = [number[tuple(group[q][thing] for thing in group[p])] for p, q in pairs.tolist()]
        targets = torch.tensor(composed)
        quantities = {"sign1": signs[pairs[:, 0]], "sign2": signs[pairs[:, 1]], "sign": signs[targets]}
        whole = stimuli_of(one_hot(pairs, len(group)), targets, quantities)
        train, test = divided(len(pairs), self.train_share, Stream(self.split_seed).child("split"))
        names = ["".join(map(str, permutation)) for permutation in group]
        return computed(self, whole, train, test, classes=names, device=device)


def _sign(permutation: tuple[int, ...]) -> int:
    """Return 1 where an even number of exchanges makes a permutation, -1 where an odd one does."""
    inversions = sum(one > other for one, other in itertools.combinations(permutation, 2))
    return 1 if inversions % 2 == 0 else -1
