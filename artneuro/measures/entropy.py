"""Predictive entropy: how undecided a network's answers are."""

import torch
from torch import Tensor


def predictive_entropy(logits: Tensor) -> Tensor:
    """Entropy of the answer to each stimulus, ``-sum_c p_c log p_c``, with p the softmax of the logits.

    It stands beside every trace of the Fisher information, which falls with it: of a network that is sure of
    everything, no change of the weights is seen in the answers.

    Parameters
    ----------
    logits : Tensor, shape (..., class)
        Answers before the softmax.

    Returns
    -------
    Tensor, shape (...), unit nat, in [0, log(classes)]

    Examples
    --------
    >>> predictive_entropy(torch.tensor([[0.0, 0.0], [900.0, 0.0]]))
    tensor([0.6931, 0.0000])
    """
    entropy: Tensor = torch.special.entr(logits.softmax(dim=-1)).sum(dim=-1)
    return entropy
