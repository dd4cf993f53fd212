"""Discriminability: how far apart a unit's responses to two classes lie, in standard deviations (d')."""

import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, responses, tensor_of


def d_prime(x: Activity, signal: Activity) -> Tensor:
    """Difference of a unit's mean responses to signal and noise stimuli, over their root mean variance.

    ``(m_s - m_n) / sqrt((v_s + v_n) / 2)`` with unbiased variances (d_a of Green and Swets 1966, for
    unequal variances). The sign says which of both drives the unit more.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity.
    signal : Tensor or array of bool, shape (stimulus,)
        True for the stimuli of one class, such as faces; at least 2 of each.

    Returns
    -------
    Tensor, shape (unit,), float64
        0 for a unit that is constant; infinite for one that tells both classes apart without any variance.

    Examples
    --------
    >>> x = torch.tensor([[0.0], [2.0], [4.0], [6.0]])
    >>> d_prime(x, torch.tensor([False, False, True, True])).round(decimals=4)
    tensor([2.8284], dtype=torch.float64)
    """
    values = responses(x, "x")
    shown = tensor_of(signal).to(values.device)
    if shown.dtype != torch.bool or shown.shape != (len(values),):
        raise ActivityError(
            f"signal: required bool of shape {(len(values),)}, one a stimulus; came {shown.dtype} of "
            f"{tuple(shown.shape)}. Compare labels with a class, such as targets == 3."
        )
    count = int(shown.sum())
    if min(count, len(values) - count) < 2:
        raise ActivityError(f"signal: required at least 2 stimuli of each kind; came {count} and {len(values) - count}")
    first, second = values[shown], values[~shown]
    difference = first.mean(dim=0) - second.mean(dim=0)
    spread = ((first.var(dim=0) + second.var(dim=0)) / 2).sqrt()
    constant = values.amax(dim=0) == values.amin(dim=0)
    return torch.where(constant, 0.0, difference / spread)
