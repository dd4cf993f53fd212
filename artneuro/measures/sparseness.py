"""Sparseness: how few stimuli drive a unit, and how few units a stimulus drives.

Treves and Rolls 1991, with the scale of Vinje and Gallant 2000, doi 10.1126/science.287.5456.1273.
"""

from torch import Tensor

from artneuro.errors import NegativeActivityError
from artneuro.measures.responses import Activity, responses


def lifetime_sparseness(x: Activity) -> Tensor:
    """Sparseness of each unit over stimuli, ``(1 - mean(r)^2 / mean(r^2)) / (1 - 1/n)``; Vinje and Gallant 2000.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit), activity >= 0
        Activity.

    Returns
    -------
    Tensor, shape (unit,), float64, in [0, 1]
        0: equal response to every stimulus; 1: response to one stimulus only. Not-a-number for a silent unit.

    Examples
    --------
    >>> import torch
    >>> lifetime_sparseness(torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 5.0], [1.0, 0.0]]))
    tensor([0., 1.], dtype=torch.float64)
    """
    return _sparseness(_rates(x), dim=0)


def population_sparseness(x: Activity) -> Tensor:
    """Sparseness of the response to each stimulus over units; the same formula over units.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit), activity >= 0
        Activity of at least 2 units, on one scale: units of different gain make it larger.

    Returns
    -------
    Tensor, shape (stimulus,), float64, in [0, 1]
        0: all units respond equally; 1: one unit responds. Not-a-number for a stimulus that drives none.

    Examples
    --------
    >>> import torch
    >>> population_sparseness(torch.tensor([[1.0, 1.0], [0.0, 2.0], [3.0, 0.0], [0.0, 0.0]]))
    tensor([0., 1., 1., nan], dtype=torch.float64)
    """
    return _sparseness(_rates(x), dim=1)


def _rates(x: Activity) -> Tensor:
    values = responses(x, "x")
    negative = int((values < 0).any(dim=0).sum())
    if negative:
        raise NegativeActivityError(
            f"sparseness needs activity >= 0; {negative} of {values.shape[1]} units have some below 0. Measure it "
            "after a nonlinearity that is never negative, such as a ReLU."
        )
    return values


def _sparseness(values: Tensor, dim: int) -> Tensor:
    # of the share of the largest: squares of very small numbers would vanish
    shares = values / values.amax(dim=dim, keepdim=True)
    evenness = shares.mean(dim=dim).square() / shares.square().mean(dim=dim)
    return ((1 - evenness) / (1 - 1 / values.shape[dim])).clamp(0.0, 1.0)
