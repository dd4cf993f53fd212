"""Directions in the space of logits whose gradients, squared and averaged, give the Fisher information.

With p the softmax of the logits, the score of a label y is the gradient along ``e_y - p``. Directions v that satisfy
``E[v v^T] = diag(p) - p p^T`` give ``E|grad(v . logits)|^2 = E_y|grad log p_y|^2``.
"""

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Source = Literal["exact", "sampled", "weighted", "probe"]
"""Every label in turn; labels drawn from the model's own distribution, or more often where they count; or probes."""

DEFENCE = 0.1  # share of what is known of directions alone


def of_label(logits: Tensor, labels: Tensor) -> Tensor:
    """Direction of the score of a label, ``e_y - p``.

    Parameters
    ----------
    logits : Tensor, shape (stimulus, class)
    labels : Tensor, shape (stimulus,), int64

    Returns
    -------
    Tensor, shape (stimulus, class)

    Examples
    --------
    >>> of_label(torch.zeros(1, 2), torch.tensor([1]))
    tensor([[-0.5000,  0.5000]])
    """
    return F.one_hot(labels, logits.shape[1]).to(logits.dtype) - logits.softmax(dim=1)


def of_every_label(logits: Tensor) -> Iterator[Tensor]:
    """Directions of the scores of all labels, ``sqrt(p_c) (e_c - p)``: their squares add up to the expectation.

    Examples
    --------
    >>> first, second = of_every_label(torch.zeros(1, 2))
    >>> first.T @ first + second.T @ second  # diag(p) - p p^T
    tensor([[ 0.2500, -0.2500],
            [-0.2500,  0.2500]])
    """
    p = logits.softmax(dim=1)
    for label in range(logits.shape[1]):
        labels = torch.full((len(logits),), label, device=logits.device)
        yield p[:, label].sqrt()[:, None] * of_label(logits, labels)


def sampled_labels(logits: Tensor, uniform: Tensor) -> Tensor:
    """Draw a label from each of the model's own distributions, by inverting its cumulative sum.

    Parameters
    ----------
    logits : Tensor, shape (stimulus, class)
    uniform : Tensor, shape (stimulus,), in [0, 1)
        The randomness.

    Returns
    -------
    Tensor, shape (stimulus,), int64

    Examples
    --------
    >>> sampled_labels(torch.zeros(3, 4), torch.tensor([0.1, 0.3, 0.9]))
    tensor([0, 1, 3])
    """
    return _inverted(logits.double().softmax(dim=1), uniform)


def of_weighted_label(logits: Tensor, uniform: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Direction of the score of a label drawn as often as it counts, weighted to make up for it.

    The label y is drawn with chance ``q_y ~ p_y l_y`` and its score weighted by ``sqrt(p_y / q_y)``: importance
    sampling, which has no noise where l_y is in proportion to the squared norm of the score. A network that is almost
    sure of a label is then asked about the others, where its information lies. As l serve squared norms of what is
    cheap to know, mixed with a tenth of those of the directions, ``|e_y - p|^2``, so that every label that might count
    can be drawn (Hesterberg 1995, "Weighted average importance sampling and defensive mixture distributions").

    Parameters
    ----------
    logits : Tensor, shape (stimulus, class)
    uniform : Tensor, shape (stimulus,), in [0, 1)
        The randomness.
    lengths : Tensor, shape (stimulus, class), optional
        What is known of the squared norms of the scores, up to a factor a stimulus; if left out, those of the
        directions.

    Returns
    -------
    Tensor, shape (stimulus, class)
        0 where the network is sure.

    Examples
    --------
    >>> of_weighted_label(torch.zeros(1, 2), torch.tensor([0.9]))
    tensor([[-0.5000,  0.5000]])
    """
    p = logits.double().softmax(dim=1)
    scores = torch.eye(p.shape[1], dtype=p.dtype, device=p.device) - p[:, None, :]
    known = _to_mean_one(scores.square().sum(dim=2), p)
    if lengths is not None:
        known = _to_mean_one(lengths.double(), p) + DEFENCE * known
    counts = p * known
    spread = counts.sum(dim=1)
    labels = _inverted(torch.where(spread[:, None] > 0, counts, p), uniform)
    rows = torch.arange(len(p), device=p.device)
    weight = (spread / known[rows, labels].clamp(min=torch.finfo(p.dtype).tiny)).sqrt()
    return (scores[rows, labels] * weight[:, None]).to(logits.dtype)


def of_probe(logits: Tensor, signs: Tensor) -> Tensor:
    """Direction of a random probe of the output, ``v = sqrt(p) xi - p (sqrt(p) . xi)``.

    Parameters
    ----------
    logits : Tensor, shape (stimulus, class)
    signs : Tensor, shape (stimulus, class)
        xi, of independent signs +1 and -1.

    Returns
    -------
    Tensor, shape (stimulus, class)

    Examples
    --------
    >>> of_probe(torch.zeros(1, 2), torch.tensor([[1.0, -1.0]]))
    tensor([[ 0.7071, -0.7071]])
    """
    p = logits.softmax(dim=1)
    probe = p.sqrt() * signs
    return probe - p * probe.sum(dim=1, keepdim=True)


def drawn_for(source: Source, draws: int, stimuli: int, classes: int, generator: torch.Generator | None) -> Tensor:
    """Draw the randomness for all stimuli at once, so that it does not depend on how they are shown in blocks.

    Returns
    -------
    Tensor, shape (draw, stimulus, ...)
        On the CPU: signs, for probes; uniform numbers, for labels; of one draw that holds nothing, for `exact`.

    Examples
    --------
    >>> drawn_for("probe", 1, 2, 3, torch.Generator().manual_seed(0)).abs()
    tensor([[[1, 1, 1],
             [1, 1, 1]]])
    """
    if source == "exact":
        return torch.zeros(1, stimuli)
    if source == "probe":
        return torch.randint(0, 2, (draws, stimuli, classes), generator=generator) * 2 - 1
    return torch.rand(draws, stimuli, generator=generator, dtype=torch.float64)


def directions(logits: Tensor, source: Source, drawn: Tensor, lengths: Tensor | None = None) -> Iterator[Tensor]:
    """Yield directions, (stimulus, class) each: one a draw, or one a class for `exact`, whose squares then add up.

    Parameters
    ----------
    logits : Tensor, shape (stimulus, class)
    source : {"exact", "sampled", "weighted", "probe"}
    drawn : Tensor, shape (draw, stimulus, ...)
        What `drawn_for` drew for these stimuli.
    lengths : Tensor, shape (stimulus, class), optional
        What is known of the scores, for `weighted`; see `of_weighted_label`.

    Examples
    --------
    >>> len(list(directions(torch.zeros(1, 4), "exact", torch.zeros(1, 1))))
    4
    """
    if source == "exact":
        yield from of_every_label(logits)
        return
    for one in drawn.to(logits.device):
        if source == "probe":
            yield of_probe(logits, one.to(logits.dtype))
        elif source == "weighted":
            yield of_weighted_label(logits, one, lengths)
        else:
            yield of_label(logits, sampled_labels(logits, one))


def _inverted(chances: Tensor, uniform: Tensor) -> Tensor:
    upto = chances.cumsum(dim=1)
    upto = upto / upto[:, -1:]  # rounding must not leave a gap above the last
    labels: Tensor = torch.searchsorted(upto, uniform.double()[:, None], right=True)[:, 0]
    return labels


def _to_mean_one(lengths: Tensor, p: Tensor) -> Tensor:
    """Scale to a mean of one under p; zeros stay zeros."""
    mean = (p * lengths).sum(dim=1, keepdim=True)
    return lengths / mean.clamp(min=torch.finfo(p.dtype).tiny)
