"""Activity of units, reduced to what an experiment needs of it: one number a stimulus, mean, deviation, life."""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor


def spatial_mean(activity: Tensor) -> Tensor:
    """Average each unit over its positions: a unit of a convolution is a whole feature map.

    Parameters
    ----------
    activity : Tensor, shape (stimulus, unit, ...)
        Activity at a site.

    Returns
    -------
    Tensor, shape (stimulus, unit)
        A neuron's activity as it is, a feature map's mean.

    Examples
    --------
    >>> spatial_mean(torch.tensor([[[[1.0, 3.0]], [[0.0, 0.0]]]]))
    tensor([[2., 0.]])
    """
    return activity.flatten(2).mean(dim=2) if activity.ndim > 2 else activity


@final
@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over stimuli and positions, unit by unit; those of two blocks of stimuli add up.

    Parameters
    ----------
    count : int
        Values summed, a unit: stimuli times positions.
    total, squares : Tensor, shape (unit,), float64
        Sum of the values, and of their squares.
    alive : Tensor, shape (unit,), bool
        True where any value was not 0.

    Examples
    --------
    >>> moments = Moments.of(torch.tensor([[1.0, 0.0]])) + Moments.of(torch.tensor([[3.0, 0.0]]))
    >>> moments.mean, moments.deviation, moments.alive
    (tensor([2., 0.], dtype=torch.float64), tensor([1., 0.], dtype=torch.float64), tensor([ True, False]))
    """

    count: int
    total: Tensor
    squares: Tensor
    alive: Tensor

    @classmethod
    def of(cls, activity: Tensor) -> "Moments":
        """Return the sums over one block of activity, shape (stimulus, unit, ...)."""
        values = activity.transpose(0, 1).flatten(1).double()
        return cls(
            count=values.shape[1],
            total=values.sum(dim=1),
            squares=values.square().sum(dim=1),
            alive=(values != 0).any(dim=1),
        )

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            count=self.count + other.count,
            total=self.total + other.total,
            squares=self.squares + other.squares,
            alive=self.alive | other.alive,
        )

    @property
    def mean(self) -> Tensor:
        """Mean activity of each unit, shape (unit,)."""
        return self.total / self.count

    @property
    def deviation(self) -> Tensor:
        """Standard deviation of each unit over stimuli and positions (divided by n), shape (unit,)."""
        return torch.clamp(self.squares / self.count - self.mean.square(), min=0.0).sqrt()
