"""Communicability: how well units reach each other over paths of every length.

Estrada and Hatano 2008, arXiv 0707.0756; of weighted networks, Crofts and Higham 2009, J. R. Soc. Interface 6, 411.
"""

import torch
from torch import Tensor


def communicability(strengths: Tensor) -> Tensor:
    """How well each unit reaches each other one, over paths of every length, short ones counting more.

    ``C = expm(S^(-1/2) |W| S^(-1/2))`` with the diagonal set to 0, where S holds the summed strengths out of each unit.
    The sum of ``expm`` counts paths of k connections with the factor 1 / k!. A unit without connections out has no S to
    divide by; it reaches nothing.

    Parameters
    ----------
    strengths : Tensor, shape (unit, unit), >= 0
        Absolute weights, from row to column.

    Returns
    -------
    Tensor, shape (unit, unit), >= 0
        Differentiable; no unit.

    Examples
    --------
    >>> chain = torch.tensor([[0.0, 2.0, 0.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    >>> communicability(chain).round(decimals=4).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    out = strengths.sum(1)
    connected = out > 0
    scale = torch.where(connected, torch.where(connected, out, 1.0).rsqrt(), 0.0)  # no 1 / 0, nor its gradient
    reached: Tensor = torch.linalg.matrix_exp(scale[:, None] * strengths * scale[None, :])
    return reached - torch.diag_embed(torch.diagonal(reached))
