"""Formulas to be learnt from examples. Liu, Gan and Tegmark 2023, arXiv 2305.08746, section 3.1."""

import math
from pathlib import Path
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.environment.formula import computed, stimuli_of, uniform
from artneuro.fields import define_spec, ge, param
from artneuro.registry import register
from artneuro.seeds import Stream

Formula = Literal["independence", "feature_sharing", "compositionality"]

_INPUTS = {"independence": 4, "feature_sharing": 3, "compositionality": 4}


@final
@register("symbolic")
@define_spec
class Symbolic(EnvironmentSource):
    """Values of a formula at random places of the cube from -1 to 1; nothing is normalised.

    independence
        ``(x1 + x3)**3`` and ``x2**2 + sin(pi x4)``: two functions that share nothing. Quantities: ``sum13``,
        ``square2``, ``sine4``.
    feature_sharing
        ``x1**2``, ``x1**2 + x2**2`` and ``x1**2 + x2**2 + x3**2``: each needs what the one before computes. Quantities:
        the squares.
    compositionality
        ``sqrt((x1 - x2)**2 + (x3 - x4)**2)``. Quantities: the two squares under the root, and their sum.

    Examples
    --------
    >>> place = Symbolic(formula="compositionality").load()
    >>> x, y = place.train.images[0, 0, 0], place.train.targets[0]
    >>> bool(((x[0] - x[1])**2 + (x[2] - x[3])**2 - y**2).abs() < 1e-6)
    True
    >>> place.values, sorted(place.train.quantities)
    (('distance',), ['square12', 'square34', 'sum'])
    """

    formula: Formula = param(doc="what is to be learnt")
    train_size: int = param(100, doc="stimuli to learn from", check=ge(1))
    test_size: int = param(100, doc="stimuli to be tested on", check=ge(1))
    seed: int = param(0, doc="seed of the places")

    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Compute the stimuli; nothing is read."""
        count = self.train_size + self.test_size
        x = uniform(-1.0, 1.0, (count, _INPUTS[self.formula]), Stream(self.seed).child("places"))
        outputs, quantities = _values(self.formula, x)
        whole = stimuli_of(x[:, None, None], torch.stack(list(outputs.values()), dim=1), quantities)
        order = torch.arange(count)
        train, test = order[: self.train_size], order[self.train_size :]
        return computed(self, whole, train, test, values=list(outputs), device=device)


def _values(formula: Formula, x: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return outputs and quantities by name, each (stimulus,), at places (stimulus, input)."""
    if formula == "independence":
        between = {"sum13": x[:, 0] + x[:, 2], "square2": x[:, 1] ** 2, "sine4": torch.sin(math.pi * x[:, 3])}
        return {"cube": between["sum13"] ** 3, "square_and_sine": between["square2"] + between["sine4"]}, between
    if formula == "feature_sharing":
        squares = {f"square{number}": x[:, number - 1] ** 2 for number in (1, 2, 3)}
        one, two, three = squares.values()
        return {"sum1": one, "sum2": one + two, "sum3": one + two + three}, squares
    parts = {"square12": (x[:, 0] - x[:, 1]) ** 2, "square34": (x[:, 2] - x[:, 3]) ** 2}
    total = parts["square12"] + parts["square34"]
    return {"distance": total.sqrt()}, {**parts, "sum": total}
