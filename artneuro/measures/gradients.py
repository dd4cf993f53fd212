"""Statistics of gradients over mini-batches: how large they are on average, and how much they differ.

Shwartz-Ziv and Tishby 2017, arXiv 1703.00810, section 3.4, take the change of their ratio for two phases of learning.
Achille, Rovere and Soatto 2019, arXiv 1711.08856, figure 6, use them as a control: they tell no critical period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from artneuro.errors import Problem, SpecificationError
from artneuro.measures.parametrised import evaluating, laid_out, parameters_by_layer


@final
@dataclass(frozen=True, eq=False)
class GradientStatistics:
    """Size of the gradients of each layer.

    Parameters
    ----------
    layers : tuple of str
        Names of the modules whose weights were measured.
    mean : Tensor, shape (layer,), float64
        Norm of the mean gradient over mini-batches. Of b mini-batches, its square is too large by
        ``deviation ** 2 / b`` in expectation.
    deviation : Tensor, shape (layer,), float64
        Norm of the standard deviation over mini-batches, ``sqrt(sum_i var(g_i))``.
    batches : int
        Number of mini-batches.
    """

    layers: tuple[str, ...]
    mean: Tensor
    deviation: Tensor
    batches: int

    @property
    def log_mean(self) -> Tensor:
        """Natural logarithm of `mean`, shape (layer,)."""
        return self.mean.log()

    @property
    def log_deviation(self) -> Tensor:
        """Natural logarithm of `deviation`, shape (layer,)."""
        return self.deviation.log()


def gradient_statistics(
    model: nn.Module, stimuli: Tensor, targets: Tensor, *, batch: int = 128, layers: Sequence[str] | None = None
) -> GradientStatistics:
    """Mean and standard deviation of the gradient of the cross-entropy over mini-batches, by layer.

    The network is measured in evaluation mode, and left as it was. Stimuli are taken in the order they come in; what
    is left after the last whole mini-batch is not looked at.

    Parameters
    ----------
    model : nn.Module
        Maps stimuli to logits (stimulus, class).
    stimuli : Tensor, shape (stimulus, ...)
        As presented, in random order.
    targets : Tensor, shape (stimulus,), int64
        Class of each stimulus.
    batch : int
        Stimuli of a mini-batch.
    layers : sequence of str, optional
        Names of modules to measure; all that have parameters, if left out.

    Returns
    -------
    GradientStatistics

    Raises
    ------
    SpecificationError
        Where there are fewer than two mini-batches, or not one target a stimulus.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(1, 2, bias=False))
    >>> model[0].weight.data = torch.zeros(2, 1)
    >>> found = gradient_statistics(model, torch.tensor([[1.0], [3.0]]), torch.tensor([0, 0]), batch=1)
    >>> found.mean, found.deviation  # gradients (-1/2, 1/2) and (-3/2, 3/2)
    (tensor([1.4142], dtype=torch.float64), tensor([1.], dtype=torch.float64))
    """
    found = []
    if targets.shape != stimuli.shape[:1]:
        found.append(Problem("targets", f"{len(stimuli)}, one a stimulus", str(tuple(targets.shape))))
    if batch < 1 or len(stimuli) < 2 * batch:
        advice = "Take more stimuli, or a smaller `batch`."
        found.append(Problem("batch", "two mini-batches or more", f"{len(stimuli)} stimuli in {batch}s", advice))
    if found:
        raise SpecificationError(found)
    with evaluating(model) as weights:
        names = parameters_by_layer(model, layers)
        chosen = [name for own in names.values() for name in own]
        total = {name: torch.zeros_like(weights[name], dtype=torch.float64) for name in chosen}
        squares = dict(total)
        batches = len(stimuli) // batch
        for number in range(batches):
            block = slice(number * batch, (number + 1) * batch)
            with torch.enable_grad():
                logits = functional_call(model, weights, (laid_out(stimuli[block]),))
                loss = F.cross_entropy(logits, targets[block])
            taken = torch.autograd.grad(loss, [weights[name] for name in chosen], allow_unused=True)
            for name, gradient in zip(chosen, taken, strict=True):
                if gradient is not None:
                    # Welford's way: no difference of large numbers
                    apart = gradient.double() - total[name]
                    total[name] = total[name] + apart / (number + 1)
                    squares[name] = squares[name] + apart * (gradient.double() - total[name])
    mean = [sum(total[name].square().sum() for name in own) for own in names.values()]
    variance = [sum(squares[name].sum() for name in own) / (batches - 1) for own in names.values()]
    return GradientStatistics(tuple(names), _stacked(mean).sqrt(), _stacked(variance).sqrt(), batches)


def _stacked(values: Sequence[Tensor | float]) -> Tensor:
    return torch.stack([torch.as_tensor(value, dtype=torch.float64) for value in values])
