"""Norms of a unit's connections: how strongly it is driven, and how strongly it drives.

The L1 norm of a filter is the measure that pruning ranks by; Morcos et al. 2018 (arXiv 1803.06959) compare it with the
importance of the unit.
"""

import torch
from torch import Tensor, nn


def incoming_norm(layer: nn.Linear | nn.Conv2d) -> Tensor:
    """L1 norm of the weights into each unit of a layer; the bias is not a connection.

    Parameters
    ----------
    layer : nn.Linear or nn.Conv2d
        The layer whose outputs are the units.

    Returns
    -------
    Tensor, shape (unit,)
        Sum of the absolute weights, over all inputs (and positions of the kernel).

    Examples
    --------
    >>> layer = nn.Linear(2, 2)
    >>> layer.weight.data = torch.tensor([[1.0, -2.0], [0.0, 0.5]])
    >>> incoming_norm(layer)
    tensor([3.0000, 0.5000])
    """
    return layer.weight.detach().abs().flatten(1).sum(dim=1)


def outgoing_norm(layer: nn.Linear | nn.Conv2d, units: int) -> Tensor:
    """L1 norm of the weights out of each unit, into the layer that reads it.

    A linear layer may read feature maps that were flattened: it then has ``in_features / units`` weights a unit and
    output, side by side.

    Parameters
    ----------
    layer : nn.Linear or nn.Conv2d
        The layer that reads the units.
    units : int
        Number of units that it reads.

    Returns
    -------
    Tensor, shape (unit,)
        Sum of the absolute weights, over all outputs (and positions).

    Raises
    ------
    ValueError
        Where the layer's inputs are no multiple of the units.

    Examples
    --------
    >>> layer = nn.Linear(4, 1)
    >>> layer.weight.data = torch.tensor([[1.0, -2.0, 0.0, 0.5]])
    >>> outgoing_norm(layer, units=2)
    tensor([3.0000, 0.5000])
    """
    weight = layer.weight.detach().abs()
    if isinstance(layer, nn.Conv2d):
        if layer.in_channels != units:
            raise ValueError(f"required a layer that reads {units} maps; came one that reads {layer.in_channels}")
        # in a grouped convolution, outputs come group by group, each reading its own share of the inputs
        grouped = weight.view(layer.groups, -1, *weight.shape[1:])
        return grouped.sum(dim=(1, 3, 4)).flatten()
    if layer.in_features % units:
        raise ValueError(f"required a layer whose inputs are a multiple of {units}; came {layer.in_features}")
    return torch.sum(weight.view(len(weight), units, -1), dim=(0, 2))
