"""Uncertainty shared: how a network's probabilities agree with the answers that people spread over the same stimuli.

Peterson et al. 2019, doi 10.1109/ICCV.2019.00971 (cross-entropy to people's answers).
"""

import numpy as np
import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.correlation import spearman
from artneuro.measures.ranks import average_ranks
from artneuro.measures.responses import Activity, tensor_of
from artneuro.seeds import Stream


def answer_shares(counts: Activity) -> Tensor:
    """Share of people who gave each answer.

    Parameters
    ----------
    counts : Tensor or array, shape (stimulus, class), >= 0
        How many gave it; at least one answer to each stimulus.

    Returns
    -------
    Tensor, shape (stimulus, class), float64

    Examples
    --------
    >>> answer_shares(torch.tensor([[3, 1]]))
    tensor([[0.7500, 0.2500]], dtype=torch.float64)
    """
    values = tensor_of(counts).double()
    totals = values.sum(dim=-1, keepdim=True)
    if (values < 0).any() or (totals <= 0).any():
        raise ActivityError("counts: required counts >= 0 with at least one answer to each stimulus; came others")
    return values / totals


def soft_cross_entropy(log_probabilities: Tensor, shares: Tensor) -> float:
    """Cross-entropy of a network's probabilities to people's answers, ``-mean_s sum_c p_sc log q_sc``.

    It is least where the network answers as people spread their answers, and is then the entropy of these.

    Parameters
    ----------
    log_probabilities : Tensor, shape (stimulus, class)
        log q of the network.
    shares : Tensor, shape (stimulus, class)
        p of people.

    Returns
    -------
    float, unit nat

    Examples
    --------
    >>> round(soft_cross_entropy(torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[1.0, 0.0]])), 4)
    0.6931
    """
    return float(-(shares * log_probabilities.to(shares)).sum(dim=1).mean())


def class_confusions(probabilities: Tensor, targets: Tensor) -> Tensor:
    """Mean probability of each wrong answer to the stimuli of each class.

    Parameters
    ----------
    probabilities : Tensor, shape (stimulus, class)
        Of a network, or shares of people.
    targets : Tensor, shape (stimulus,), int64
        Class of each stimulus.

    Returns
    -------
    Tensor, shape (class, class), float64
        From the class of the row to the answer of the column; the diagonal is 0. Not-a-number for a class without
        stimuli.

    Examples
    --------
    >>> class_confusions(torch.tensor([[0.8, 0.2], [0.4, 0.6]]).double(), torch.tensor([0, 0]))
    tensor([[0.0000, 0.4000],
            [   nan,    nan]], dtype=torch.float64)
    """
    members = torch.nn.functional.one_hot(targets, probabilities.shape[1]).double()
    means = members.T @ probabilities.double() / members.sum(dim=0)[:, None]
    return torch.where(torch.eye(len(means), dtype=torch.bool) & ~means.isnan(), 0.0, means)


def confusion_correlation(a: Tensor, b: Tensor, targets: Tensor) -> float:
    """Spearman's correlation of the confusions of classes that two observers make, off the diagonal.

    Parameters
    ----------
    a, b : Tensor, shape (stimulus, class)
        Probabilities, or shares of answers.
    targets : Tensor, shape (stimulus,), int64
        Class of each stimulus.

    Returns
    -------
    float
        Not-a-number where a class has no stimuli, or an observer confuses nothing.

    Examples
    --------
    >>> shares = torch.rand(20, 3, generator=torch.Generator().manual_seed(0))
    >>> round(confusion_correlation(shares, shares**2, torch.arange(20) % 3), 2) > 0.5
    True
    """
    off = ~torch.eye(a.shape[1], dtype=torch.bool)
    first, second = (class_confusions(each, targets)[off] for each in (a, b))
    if first.isnan().any() or second.isnan().any():
        return float("nan")
    return spearman(first.numpy(), second.numpy())


def wrong_answer_correlation(a: Tensor, b: Tensor, targets: Tensor, *, given_class: bool = False) -> float:
    """Spearman's correlation of the probabilities of wrong answers, over all stimuli and wrong classes.

    The right answer is left out, so knowing the truth does not help. With `given_class`, what is common to the stimuli
    of a class is held constant as well: of the ranks, the mean of each pair of class and answer is taken out, so that
    only which stimulus is mistaken for what remains.

    Parameters
    ----------
    a, b : Tensor, shape (stimulus, class)
        Probabilities, or shares of answers.
    targets : Tensor, shape (stimulus,), int64
        Class of each stimulus.
    given_class : bool
        See above.

    Returns
    -------
    float
        Not-a-number where nothing varies.

    Examples
    --------
    >>> a = torch.tensor([[0.8, 0.15, 0.05], [0.9, 0.02, 0.08]])
    >>> round(wrong_answer_correlation(a, a, torch.tensor([0, 0])), 6)
    1.0
    """
    wrong = ~torch.nn.functional.one_hot(targets, a.shape[1]).bool()
    pairs = (targets[:, None] * a.shape[1] + torch.arange(a.shape[1]))[wrong]
    left = []
    for each in (a, b):
        ranks = average_ranks(each.double()[wrong])
        means = ranks.mean().expand(len(ranks))
        if given_class:
            size = a.shape[1] ** 2
            sums = torch.zeros(size, dtype=torch.float64).index_add_(0, pairs, ranks)
            means = (sums / torch.bincount(pairs, minlength=size))[pairs]
        left.append(ranks - means)
    lengths = [float(each.norm()) for each in left]
    if min(lengths) <= 1e-9 * len(pairs):  # of ranks; what is left there is rounding
        return float("nan")
    return float(left[0] @ left[1]) / (lengths[0] * lengths[1])


def halved_answers(counts: Activity, *, stream: Stream) -> tuple[Tensor, Tensor]:
    """Answers of two random halves of the people, drawn for each stimulus by itself.

    Parameters
    ----------
    counts : Tensor or array of int, shape (stimulus, class)
        At least 2 answers to each stimulus; of an odd number one is left out.
    stream : Stream
        Source of randomness.

    Returns
    -------
    first, second : Tensor, shape (stimulus, class), int64

    Examples
    --------
    >>> first, second = halved_answers(torch.tensor([[4, 2], [1, 1]]), stream=Stream(0))
    >>> first.sum(dim=1).tolist(), second.sum(dim=1).tolist()
    ([3, 1], [3, 1])
    """
    values = tensor_of(counts).long().cpu().numpy()
    if values.ndim != 2 or (values < 0).any() or (values.sum(axis=1) < 2).any():
        raise ActivityError("counts: required whole numbers (stimulus, class), at least 2 answers to each; came others")
    random = stream.numpy()
    halves = []
    for row in values:
        half = int(row.sum()) // 2
        one = random.multivariate_hypergeometric(row, half)
        halves.append((one, random.multivariate_hypergeometric(row - one, half)))
    first, second = np.array(halves).swapaxes(0, 1)
    return torch.from_numpy(first), torch.from_numpy(second)
