"""MatrixCompletion: a critical period in deep linear networks. Kleinman, Achille and Soatto 2024, arXiv 2308.12221."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, final

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from artneuro import records
from artneuro.anatomy.deep_linear import DeepLinear
from artneuro.environment.one_hot import OneHot
from artneuro.errors import Problem
from artneuro.fields import define_spec, ge, gt, param, some
from artneuro.labels import Label
from artneuro.protocols.protocol import Assay
from artneuro.registry import name_of, register
from artneuro.seeds import Stream
from artneuro.subject import Subject

_MEANING = {
    "test_loss": "mean squared error on all entries of the second matrix, in the end",
    "train_loss": "half the mean squared error on the observed entries of the second matrix, in the end",
    "first_test_loss": "mean squared error on all entries of the first matrix, when it is removed",
}


@final
@register("MatrixCompletion")
@define_spec
class MatrixCompletion(Assay):
    """Let copies of a deep linear network complete one matrix for a while and then another, and measure the second.

    A network sees some entries of a matrix of low rank and should guess the others; small initial weights and depth
    make it look for a low rank by itself. It learns the first matrix up to a removal, and then the second, of lower
    rank, for a fixed number of updates. Where the first is learnt for too long, the second is fitted where it is
    observed, and wrong elsewhere: too high a rank stays. The whole task is synthetic.

    A subject's matrices are ``U V^T`` with Gaussian factors, scaled to entries of mean square 1; the places of the
    observed entries are the same in both. All of it is drawn from the subject's seed, so twins of different depth get
    the same task. Each update is a step of gradient descent on all observed entries, without momentum, so an update is
    an epoch. Copies begin with the weights that the subject has, mostly those of birth (``rearing: {epochs: 0}``), and
    share the time with the first matrix.

    Subjects have the anatomy `deep_linear` and live in the environment `one_hot`. It is not a rearing like others:
    the target of a stimulus is a row of numbers, some of them unknown, where rearing knows classes.

    Examples
    --------
    >>> import artneuro as an
    >>> newborn = an.Subject.naive(an.anatomy("deep_linear", depth=2), an.environment("one_hot", n=10), seed=0)
    >>> study = MatrixCompletion(observed=60, first_rank=2, rank=1, removals=(0, 50), epochs=100)
    >>> study.run(newborn).test_loss.dims
    ('subject', 'removal')
    """

    first_rank: int = param(10, doc="rank of the first matrix", check=ge(1))
    rank: int = param(5, doc="rank of the second matrix", check=ge(1))
    observed: int = param(2000, doc="entries that are observed, the same in both matrices", check=ge(1))
    removals: tuple[int, ...] = param(
        (0, 1000, 5000, 10000, 20000, 40000, 60000, 80000, 100000),
        units="epoch",
        doc="updates after which the second matrix takes the place of the first, ascending",
        check=some(),
    )
    epochs: int = param(30000, units="epoch", doc="updates with the second matrix", check=ge(1))
    lr: float = param(0.2, doc="learning rate", check=gt(0))
    ceiling: float = param(0.01, doc="training loss in the end above which networks count as under-fitted", check=gt(0))

    needs_classes: ClassVar[bool] = True
    outputs: ClassVar[Mapping[str, Label]] = {
        **{name: Label(meaning, dims=("removal",)) for name, meaning in _MEANING.items()},
        "excess_loss": Label("test loss, less that of the network that never saw the first matrix", dims=("removal",)),
        "under_fitted": Label(
            "under-fitted: training loss ended above the ceiling, with or without the first matrix", dims=("removal",)
        ),
        "baseline_test_loss": Label("test loss of the network that never saw the first matrix"),
        "baseline_train_loss": Label("training loss of the network that never saw the first matrix"),
    }

    flags: ClassVar[Mapping[str, tuple[str, ...]]] = {"under_fitted": ("test_loss", "excess_loss")}

    def problems(self) -> Iterator[Problem]:
        """Refuse removals out of order."""
        if list(self.removals) != sorted(set(self.removals)) or self.removals[0] < 0:
            yield Problem("removals", "whole numbers >= 0 that ascend", str(list(self.removals)))

    def levels(self) -> Mapping[str, tuple[Any, ...]]:
        """Return the removals."""
        return {"removal": self.removals}

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse subjects that are no square matrix, and more entries or ranks than it has."""
        source = subject.environment.source
        if not isinstance(subject.anatomy, DeepLinear):
            came = str(name_of(type(subject.anatomy)))
            yield Problem("anatomy", "deep_linear: the network as a whole must be a matrix", came)
        if not isinstance(source, OneHot):
            yield Problem(
                "environment", "one_hot, whose stimuli are the rows of the matrix", str(name_of(type(source)))
            )
            return
        if self.observed > source.n**2:
            yield Problem("observed", f"at most all {source.n**2} entries", str(self.observed))
        for field, rank in (("first_rank", self.first_rank), ("rank", self.rank)):
            if rank > source.n:
                yield Problem(field, f"at most {source.n}, as the matrix has rows", str(rank))

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        size = len(subject.environment.classes)
        device = subject.environment.device
        first, second = (
            matrix_of_rank(size, rank, rng.child("matrix", which)).to(device)
            for which, rank in (("first", self.first_rank), ("second", self.rank))
        )
        order = torch.randperm(size**2, generator=rng.child("observed").torch())
        places = order[: self.observed].to(device)
        born = [weight.detach().clone() for weight in subject.model().parameters()]
        baseline = descend(born, second, places, self.epochs, self.lr)
        begun, age = born, 0
        found: dict[str, list[float]] = {name: [] for name in _MEANING}
        for removal in self.removals:
            begun, age = descend(begun, first, places, removal - age, self.lr), removal
            grown = descend(begun, second, places, self.epochs, self.lr) if removal else baseline
            found["test_loss"].append(_error(grown, second))
            found["train_loss"].append(_error(grown, second, places) / 2)
            found["first_test_loss"].append(_error(begun, first))
        test_loss, train_loss = _error(baseline, second), _error(baseline, second, places) / 2
        values: dict[str, object] = {name: np.array(row) for name, row in found.items()}
        values["excess_loss"] = np.array(found["test_loss"]) - test_loss
        values |= {"baseline_test_loss": test_loss, "baseline_train_loss": train_loss}
        worst = np.maximum(found["train_loss"], train_loss)
        values["under_fitted"] = ~(worst <= self.ceiling)  # also where it is not a number
        return records.dataset(values, self.outputs, {"removal": np.array(self.removals)})

    def cautions(self, record: xr.Dataset) -> Iterator[str]:
        """Name the removals after which observed entries are not fitted."""
        for removal in record.removal.values:
            loss = record.train_loss.sel(removal=removal).values
            below = loss[~(loss <= self.ceiling)]
            if below.size:
                worst = f"removal at {removal} ({below.size} of {loss.size} subjects, highest {below.max():.2g})"
                yield f"Under-fitted, above a training loss of {self.ceiling:g} in the end: {worst}."


def matrix_of_rank(size: int, rank: int, stream: Stream) -> Tensor:
    """Return a random square matrix of a rank, whose entries have a mean square of 1."""
    left, right = torch.randn(2, size, rank, generator=stream.torch(), dtype=torch.float64)
    matrix = left @ right.T
    scaled: Tensor = matrix * size / torch.linalg.matrix_norm(matrix)
    return scaled.float()


def descend(weights: list[Tensor], matrix: Tensor, places: Tensor, updates: int, lr: float) -> list[Tensor]:
    """Return the layers' matrices after gradient descent on half the mean squared error at the observed places.

    Parameters
    ----------
    weights : list of Tensor, shape (outputs, inputs)
        Layer by layer, from the input; they stay as they are.
    matrix : Tensor, shape (inputs, outputs)
        Row i is what the network should answer to input i.
    places : Tensor, int64
        Observed entries, counted along the rows.
    """
    layers = [weight.detach().clone().requires_grad_() for weight in weights]
    wanted = matrix.flatten()[places]
    with torch.enable_grad():
        for _ in range(updates):
            loss = (product(layers).flatten()[places] - wanted).square().mean() / 2
            gradients = torch.autograd.grad(loss, layers)
            with torch.no_grad():
                for layer, gradient in zip(layers, gradients, strict=True):
                    layer -= lr * gradient
    return [layer.detach() for layer in layers]


def product(weights: list[Tensor]) -> Tensor:
    """Return the matrix (inputs, outputs) that a deep linear network is: its answer to input i is row i."""
    whole = weights[0].T
    for weight in weights[1:]:
        whole = whole @ weight.T
    return whole


def _error(weights: list[Tensor], matrix: Tensor, places: Tensor | None = None) -> float:
    """Return the mean squared error on some entries, or all; not-a-number where the weights have diverged."""
    errors = (product(weights) - matrix).flatten().double()
    mean = (errors if places is None else errors[places]).square().mean().item()
    return mean if math.isfinite(mean) else math.nan
