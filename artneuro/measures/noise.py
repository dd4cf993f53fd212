"""Information in the weights, by how much noise they bear.

Achille, Rovere and Soatto 2019, arXiv 1711.08856, section 3. Each weight is given the noise that is best between two
wishes: to lose little, and to tell little. The variances of a diagonal Lambda minimise
``E_{w' ~ N(w, Lambda)}[loss(w')] + beta KL(N(w, Lambda) || N(0, lambda^2 I))``. Where the slope along a variance is 0,
``E[d^2 loss / dw_i^2] = beta (1 / sigma_i^2 - 1 / lambda^2)``: the curvature of the loss as the noise sees it, which is
the diagonal of the Fisher information for little noise and a loss at its minimum.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from artneuro.errors import Problem, SpecificationError
from artneuro.measures.parametrised import Weights, evaluating, laid_out, parameters_by_layer

FASTEST = 0.5  # largest step of the logarithm of a precision
COOLING = 20.0  # the rate of step t is at most COOLING / t: noise averages out, and any start is left behind


@final
@dataclass(frozen=True, eq=False)
class NoiseInformation:
    """Information in the weights, by layer.

    Parameters
    ----------
    layers : tuple of str
        Names of the modules whose weights were measured.
    sums : Tensor, shape (step, layer), float64
        Sum over the weights of the layer of the curvature of the loss, as each of the steps that count estimates it.
        Where noise has settled it is ``beta (1 / sigma_i^2 - 1 / lambda^2)``; a weight that the prior alone holds,
        ``sigma_i = lambda``, has its own curvature, about 0 or below.
    deviation : Tensor, shape (layer,), float64
        Geometric mean of the noise that weights bear, at the end.
    loss : float
        Mean cross-entropy under noise, in nats, over the steps that count.
    """

    layers: tuple[str, ...]
    sums: Tensor
    deviation: Tensor
    loss: float

    @property
    def value(self) -> Tensor:
        """Information of each layer, shape (layer,), in nats."""
        mean: Tensor = self.sums.mean(dim=0)
        return mean

    @property
    def error(self) -> Tensor:
        """Standard error of `value`, shape (layer,): of noise and mini-batches, for these stimuli."""
        error: Tensor = self.sums.std(dim=0) / len(self.sums) ** 0.5
        return error

    @property
    def total(self) -> float:
        """Information of all layers measured, in nats."""
        return float(self.value.sum())

    @property
    def total_error(self) -> float:
        """Standard error of `total`."""
        return float(self.sums.sum(dim=1).std() / len(self.sums) ** 0.5)


def noise_information(
    model: nn.Module,
    stimuli: Tensor,
    targets: Tensor,
    *,
    beta: float,
    prior_width: float,
    generator: torch.Generator,
    steps: int = 200,
    start: float = 0.01,
    batch: int = 128,
    layers: Sequence[str] | None = None,
) -> NoiseInformation:
    """Information in the weights, by the noise that they bear.

    Precisions ``1 / sigma^2`` follow the natural gradient of the objective: each step draws noise e and a mini-batch,
    estimates the curvature along each weight by ``(g(w + sigma e) - g(w - sigma e)) e / 2 sigma``, g the gradient of
    the loss, and moves the logarithm of the precision by what ``curvature / beta + 1 / lambda^2`` is relatively above
    it, at a rate that falls with the number of the step. The second half of the steps counts. No weight is given more
    noise than the prior has: where the loss is not convex, some would bear any.

    The network is measured in evaluation mode, batch norm frozen, and left as it was. Weights of layers that are not
    measured bear no noise.

    Parameters
    ----------
    model : nn.Module
        Maps stimuli to logits (stimulus, class).
    stimuli : Tensor, shape (stimulus, ...)
        As presented.
    targets : Tensor, shape (stimulus,), int64
        Class of each stimulus.
    beta : float
        What a nat of information may cost, in nats of loss; above 0. Small: little noise.
    prior_width : float
        lambda, the standard deviation of the prior around 0.
    generator : torch.Generator
        The randomness, on the CPU.
    steps : int
        Steps of the descent, two backward passes each.
    start : float
        Noise to begin with.
    batch : int
        Stimuli of a mini-batch; all, where there are fewer.
    layers : sequence of str, optional
        Names of modules to measure; all that have parameters, if left out.

    Returns
    -------
    NoiseInformation

    Raises
    ------
    SpecificationError
        Where a parameter is out of range, or there is not one target a stimulus.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(1, 2, bias=False))
    >>> model[0].weight.data = torch.zeros(2, 1)
    >>> found = noise_information(model, torch.tensor([[2.0]]), torch.tensor([0]), beta=1e-6, prior_width=1.0,
    ...                           generator=torch.Generator().manual_seed(0))
    >>> abs(found.total - 2.0) < 4 * found.total_error + 0.01  # the curvature: x^2 p (1 - p), for each of two weights
    True
    """
    _check(stimuli, targets, beta, prior_width, steps, start, batch)
    with evaluating(model) as weights:
        names = parameters_by_layer(model, layers)
        noisy = [name for own in names.values() for name in own]
        precision = {name: torch.full_like(weights[name].detach(), start**-2.0) for name in noisy}
        least = prior_width**-2.0
        sums, losses = [], []
        for step in range(steps):
            rate = min(FASTEST, COOLING / (step + 1))
            chosen = torch.randperm(len(stimuli), generator=generator)[:batch].to(stimuli.device)
            deviation = {name: one.rsqrt() for name, one in precision.items()}
            noise = {name: _normal(one, generator) for name, one in deviation.items()}
            sides = []
            for sign in (1.0, -1.0):
                moved = {n: weights[n].detach() + sign * deviation[n] * noise[n] for n in noisy}
                loss, gradients = _gradients(model, {**weights, **moved}, noisy, stimuli[chosen], targets[chosen])
                sides.append(gradients)
                losses.append(loss)
            curvature = {n: (sides[0][n] - sides[1][n]) * noise[n] / (2 * deviation[n]) for n in noisy}
            for name, one in curvature.items():
                apart = rate * ((one / beta + least) / precision[name] - 1)
                precision[name] = (precision[name] * apart.clamp(-FASTEST, FASTEST).exp()).clamp(min=least)
            sums.append(_by_layer(names, curvature, torch.sum))
        logarithm = {name: one.log() for name, one in precision.items()}
    sizes = _by_layer(names, logarithm, lambda one: torch.tensor(one.numel()))
    widths = (-0.5 * _by_layer(names, logarithm, torch.sum) / sizes).exp()
    counted = torch.stack(sums[steps // 2 :])
    return NoiseInformation(tuple(names), counted, widths, float(torch.stack(losses[steps // 2 * 2 :]).mean()))


def _gradients(
    model: nn.Module, weights: Weights, noisy: Sequence[str], stimuli: Tensor, targets: Tensor
) -> tuple[Tensor, Weights]:
    """Return the loss, and its gradient with respect to the weights that bear noise."""
    leaves = {name: weights[name].detach().requires_grad_() for name in noisy}
    fixed = {name: weight.detach() for name, weight in weights.items() if name not in leaves}
    with torch.enable_grad():
        loss = F.cross_entropy(functional_call(model, {**fixed, **leaves}, (laid_out(stimuli),)), targets)
    taken = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)
    found = {
        name: torch.zeros_like(leaf) if one is None else one
        for (name, leaf), one in zip(leaves.items(), taken, strict=True)
    }
    return loss.detach().double().cpu(), found


def _normal(like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw noise on the CPU, so that it is the same on every device."""
    return torch.randn(like.shape, generator=generator, dtype=like.dtype).to(like.device)


def _by_layer(names: dict[str, tuple[str, ...]], values: Weights, reduce: Callable[[Tensor], Tensor]) -> Tensor:
    parts = [torch.stack([reduce(values[one].double()).cpu() for one in own]) for own in names.values()]
    return torch.stack([part.sum() for part in parts])


def _check(
    stimuli: Tensor, targets: Tensor, beta: float, prior_width: float, steps: int, start: float, batch: int
) -> None:
    found = [
        Problem(name, "a number above 0", repr(value))
        for name, value in (("beta", beta), ("prior_width", prior_width), ("start", start))
        if not value > 0
    ]
    if not start <= prior_width:
        found.append(Problem("start", f"at most the prior's width, {prior_width:g}", repr(start)))
    if steps < 4:
        found.append(Problem("steps", "a whole number >= 4", repr(steps)))
    if batch < 1:
        found.append(Problem("batch", "a whole number >= 1", repr(batch)))
    if targets.shape != stimuli.shape[:1]:
        found.append(Problem("targets", f"{len(stimuli)}, one a stimulus", str(tuple(targets.shape))))
    if found:
        raise SpecificationError(found)
