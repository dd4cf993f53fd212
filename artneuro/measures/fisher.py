"""Fisher information of the weights: how much the answers change with them.

``F = E_x E_{y ~ p_w(y|x)} [grad log p_w(y|x) grad log p_w(y|x)^T]``, so that a small change d of the weights changes
the answers by ``KL(p_w || p_{w+d}) ~ d^T F d / 2``. Its trace is the mean squared norm of the scores. Achille, Rovere
and Soatto 2019, arXiv 1711.08856, section 3.
"""

import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import torch
from torch import Tensor, nn

from artneuro.errors import Problem, SpecificationError
from artneuro.measures.directions import Source, directions, drawn_for, of_label
from artneuro.measures.entropy import predictive_entropy
from artneuro.measures.parametrised import evaluating, parameters_by_layer
from artneuro.measures.scores import Scorer, Scores

Estimator = Literal["exact", "sampled", "weighted", "probe", "batch"]
ESTIMATORS = typing.get_args(Estimator)


@final
@dataclass(frozen=True, eq=False)
class FisherTrace:
    """Trace of the Fisher information, by layer.

    Parameters
    ----------
    layers : tuple of str
        Names of the modules whose weights were measured.
    squares : Tensor, shape (draw, block, layer), float64
        Squared norms of the scores. A block is one stimulus; for the estimator `batch`, so many stimuli as were
        summed up, and the squared norm is divided by their number.
    sizes : Tensor, shape (block,), int64
        Stimuli of each block.
    logits : Tensor, shape (stimulus, class)
        What the network answered.
    exact : bool
        Whether nothing was drawn: the expectation over labels was taken in full.
    """

    layers: tuple[str, ...]
    squares: Tensor
    sizes: Tensor
    logits: Tensor
    exact: bool = False

    @property
    def value(self) -> Tensor:
        """Trace of each layer's part of the information, shape (layer,), in nats."""
        return self._mean(self.squares)

    @property
    def error(self) -> Tensor:
        """Standard error of `value`, shape (layer,); it covers the choice of stimuli and what was drawn.

        The stimuli are taken as a random sample of the environment. Not-a-number where there is one block only.
        """
        return self._error(self.squares)

    @property
    def draw_error(self) -> Tensor:
        """Standard error of `value` for these very stimuli, shape (layer,): of what was drawn alone.

        Not-a-number where there was one draw only: its noise cannot be told from the differences between stimuli.
        """
        return self._draw_error(self.squares)

    @property
    def share(self) -> Tensor:
        """Each layer's share of the total, shape (layer,); not-a-number where the total is 0."""
        return self.value / self.value.sum()

    @property
    def total(self) -> float:
        """Trace of all layers measured, in nats."""
        return float(self.value.sum())

    @property
    def total_error(self) -> float:
        """Standard error of `total`; layers are measured on the same stimuli, so it is not made of theirs."""
        return float(self._error(self.squares.sum(dim=2, keepdim=True)))

    @property
    def total_draw_error(self) -> float:
        """Standard error of `total` for these very stimuli."""
        return float(self._draw_error(self.squares.sum(dim=2, keepdim=True)))

    @property
    def entropy(self) -> float:
        """Mean predictive entropy, in nats."""
        return float(predictive_entropy(self.logits.double()).mean())

    @property
    def _weight(self) -> Tensor:
        return (self.sizes.double() / self.sizes.sum())[:, None]

    def _mean(self, squares: Tensor) -> Tensor:
        return (squares.mean(dim=0) * self._weight).sum(dim=0)

    def _error(self, squares: Tensor) -> Tensor:
        blocks = squares.shape[1]
        if blocks < 2:
            return torch.full_like(squares[0, 0], torch.nan)
        apart = (squares.mean(dim=0) - self._mean(squares)) * self._weight
        return (apart.square().sum(dim=0) * blocks / (blocks - 1)).sqrt()

    def _draw_error(self, squares: Tensor) -> Tensor:
        draws = squares.shape[0]
        if self.exact:
            return torch.zeros_like(squares[0, 0])
        if draws < 2:
            return torch.full_like(squares[0, 0], torch.nan)
        return ((squares.var(dim=0) / draws) * self._weight.square()).sum(dim=0).sqrt()


def fisher_trace(
    model: nn.Module,
    stimuli: Tensor,
    *,
    estimator: Estimator = "weighted",
    draws: int = 1,
    generator: torch.Generator | None = None,
    batch: int = 32,
    layers: Sequence[str] | None = None,
) -> FisherTrace:
    """Trace of the Fisher information of a network's weights, under its own distribution of labels.

    The network is measured in evaluation mode, batch norm frozen; mode, weights and gradients are afterwards as they
    were. All weights count, whether or not they would be trained. A network that shares weights between modules has
    them in the first.

    Parameters
    ----------
    model : nn.Module
        Maps stimuli to logits (stimulus, class), each stimulus by itself.
    stimuli : Tensor, shape (stimulus, ...)
        As presented.
    estimator : {"weighted", "sampled", "probe", "exact", "batch"}
        All have the same expectation. `exact` takes every label in turn: one backward pass a class. With one backward
        pass a draw, `sampled` draws a label a stimulus from the model's distribution; `weighted` draws those labels
        more often that count more, as gradients near the answers tell, and weights them (`Scores.lengths`); `probe`
        draws random directions with the covariance of the scores (`directions.of_probe`). These are averages over
        stimuli of squared norms, which are computed without per-sample gradients. `batch` squares the gradient of the
        sum over a batch: unbiased, because scores of drawn labels have mean zero, but far noisier.
    draws : int
        How often something is drawn; for `exact` there is nothing to draw.
    generator : torch.Generator, optional
        The randomness, on the CPU; all but `exact` need it. What is drawn does not depend on `batch`.
    batch : int
        Stimuli at a time, which memory grows with; for the estimator `batch`, those that are summed up.
    layers : sequence of str, optional
        Names of modules to measure; all that have parameters, if left out.

    Returns
    -------
    FisherTrace
        Value and standard error of each layer and in total, shares, and the predictive entropy, in nats.

    Raises
    ------
    SpecificationError
        Where a parameter is out of range, a layer does not exist, or the network has no answer of its own to each
        stimulus.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 2, bias=False))
    >>> model[0].weight.data = torch.zeros(2, 2)
    >>> found = fisher_trace(model, torch.tensor([[1.0, 0.0], [0.0, 2.0]]), estimator="exact")
    >>> round(found.total, 6)  # p = (1/2, 1/2), so |e_y - p|^2 = 1/2, times the mean of |x|^2
    1.25
    """
    _check(stimuli, estimator, draws, generator, batch)
    parts: list[Tensor] = []
    answers: list[Tensor] = []
    sizes: list[int] = []
    with evaluating(model) as weights:
        names = parameters_by_layer(model, layers)
        scorer = Scorer.of(model, weights, names, stimuli[:1])
        classes = scorer.show(stimuli[:1]).logits.shape[1]
        source: Source = "sampled" if estimator == "batch" else estimator
        random = drawn_for(source, draws, len(stimuli), classes, generator)
        for block, drawn in zip(torch.split(stimuli, batch), torch.split(random, batch, dim=1), strict=True):
            scores = scorer.show(block)
            answers.append(scores.logits)
            parts.append(_squares(scores, estimator, drawn))
            sizes += [len(block)] if estimator == "batch" else [1] * len(block)
    squares = torch.cat(parts, dim=1)
    blocks = torch.tensor(sizes, device=squares.device)
    return FisherTrace(tuple(names), squares, blocks, torch.cat(answers), exact=estimator == "exact")


def empirical_fisher_trace(
    model: nn.Module,
    stimuli: Tensor,
    targets: Tensor,
    *,
    batch: int = 32,
    layers: Sequence[str] | None = None,
) -> FisherTrace:
    """Mean squared norm of the gradients of the loss: the "empirical Fisher", which is not the Fisher information.

    It takes the true labels in place of the model's own. The two differ wherever the network is not calibrated; a
    network that has learnt its stimuli by heart has almost none, whatever its weights tell elsewhere (Kunstner, Balles
    and Hennig 2019, arXiv 1905.12558).

    Parameters
    ----------
    model : nn.Module
        Maps stimuli to logits (stimulus, class), each stimulus by itself.
    stimuli : Tensor, shape (stimulus, ...)
        As presented.
    targets : Tensor, shape (stimulus,), int64
        Class of each stimulus.
    batch : int
        Stimuli at a time.
    layers : sequence of str, optional
        Names of modules to measure; all that have parameters, if left out.

    Returns
    -------
    FisherTrace
        `exact`: there is nothing to draw.

    Raises
    ------
    SpecificationError
        Where there is not one target a stimulus, or as `fisher_trace`.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 2, bias=False))
    >>> model[0].weight.data = torch.zeros(2, 2)
    >>> empirical_fisher_trace(model, torch.tensor([[1.0, 0.0]]), torch.tensor([0])).total
    0.5
    """
    _check(stimuli, "exact", 1, None, batch)
    if targets.shape != stimuli.shape[:1]:
        raise SpecificationError([Problem("targets", f"{len(stimuli)}, one a stimulus", str(tuple(targets.shape)))])
    parts, answers = [], []
    with evaluating(model) as weights:
        names = parameters_by_layer(model, layers)
        scorer = Scorer.of(model, weights, names, stimuli[:1])
        for block, labels in zip(torch.split(stimuli, batch), torch.split(targets, batch), strict=True):
            scores = scorer.show(block)
            answers.append(scores.logits)
            parts.append(scores.squared_norms(of_label(scores.logits, labels), last=True)[None])
    squares = torch.cat(parts, dim=1)
    return FisherTrace(tuple(names), squares, torch.ones_like(targets), torch.cat(answers), exact=True)


def _squares(scores: Scores, estimator: Estimator, drawn: Tensor) -> Tensor:
    """Return squared norms of one block of stimuli, shape (draw, block, layer)."""
    if estimator == "batch":
        summed = [scores.squared_norm_of_sum(one)[None] for one in directions(scores.logits, "sampled", drawn)]
        return torch.stack(summed) / len(scores.logits)
    lengths = scores.lengths() if estimator == "weighted" else None
    along = list(directions(scores.logits, estimator, drawn, lengths))
    norms = [scores.squared_norms(one, last=place == len(along) - 1) for place, one in enumerate(along)]
    return torch.stack(norms).sum(dim=0, keepdim=True) if estimator == "exact" else torch.stack(norms)


def _check(stimuli: Tensor, estimator: str, draws: int, generator: torch.Generator | None, batch: int) -> None:
    found = []
    if estimator not in ESTIMATORS:
        found.append(Problem("estimator", f"one of {', '.join(ESTIMATORS)}", repr(estimator)))
    if not len(stimuli):
        found.append(Problem("stimuli", "at least one", "none"))
    found += [
        Problem(name, "a whole number >= 1", repr(value))
        for name, value in (("draws", draws), ("batch", batch))
        if value < 1
    ]
    if estimator == "exact" and draws != 1:
        found.append(Problem("draws", "1 for `exact`, which draws nothing", repr(draws)))
    if estimator != "exact" and generator is None:
        advice = "Hand over `torch.Generator`, such as `Stream(0).torch()`, or use `exact`."
        found.append(Problem("generator", f"the randomness of `{estimator}`", "none", advice))
    if found:
        raise SpecificationError(found)
