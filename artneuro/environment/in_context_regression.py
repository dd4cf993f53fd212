"""Regression in context: a slope is to be read off the sequence. Liu, Gan and Tegmark 2023, arXiv 2305.08746, 3.4."""

from pathlib import Path
from typing import final

import torch

from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.environment.formula import computed, divided, stimuli_of, uniform
from artneuro.environment.modular_addition import SHARE
from artneuro.fields import define_spec, ge, param
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("in_context_regression")
@define_spec
class InContextRegression(EnvironmentSource):
    """Points on a line through the origin, one after the other: ``y_i = w x_i``, another w in each sequence.

    A stimulus is a sequence of tokens of two entries, (0, x1), (y1, 0), (0, x2), ..., (0, xT): (1, 2 T - 1, 2). What is
    to be answered at each x is its y. Nobody can know the first, since w is not told yet; it is asked all the same, as
    published. w is uniform from -1 to 1, x from 1 to 3. Quantities: ``w`` and ``x1``, ..., ``xT``.

    Examples
    --------
    >>> place = InContextRegression(size=10).load()
    >>> place.shape, place.values, len(place.train), len(place.test)
    ((1, 3, 2), ('y1', 'y2'), 8, 2)
    """

    points: int = param(2, doc="points of each sequence: T", check=ge(1))
    size: int = param(10_000, doc="sequences, for learning and test", check=ge(2))
    train_share: float = param(0.8, doc="share of the sequences that are learnt", check=SHARE)
    seed: int = param(0, doc="seed of slopes, points and the choice of sequences")

    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Compute the stimuli; nothing is read."""
        stream = Stream(self.seed)
        w = uniform(-1.0, 1.0, (self.size, 1), stream.child("slopes"))
        x = uniform(1.0, 3.0, (self.size, self.points), stream.child("points"))
        y = w * x
        sequence = torch.zeros(self.size, 2 * self.points - 1, 2, dtype=torch.float64)
        sequence[:, 0::2, 1] = x
        sequence[:, 1::2, 0] = y[:, :-1]
        quantities = {"w": w[:, 0], **{f"x{number}": x[:, number - 1] for number in range(1, self.points + 1)}}
        whole = stimuli_of(sequence[:, None], y, quantities)
        train, test = divided(self.size, self.train_share, stream.child("split"))
        names = [f"y{number}" for number in range(1, self.points + 1)]
        return computed(self, whole, train, test, values=names, device=device)
