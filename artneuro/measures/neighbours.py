"""Overlap of nearest neighbours: whether two representations find the same stimuli alike."""

from typing import Literal

import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, responses, same_stimuli


def neighbour_overlap(
    x: Activity, y: Activity, neighbours: int = 10, metric: Literal["euclidean", "cosine"] = "euclidean"
) -> float:
    """Share of a stimulus's nearest neighbours in one representation that are its neighbours in the other too.

    Mean over stimuli of |N_x(i) and N_y(i)| / k, for the k nearest other stimuli; Huh et al. 2024 (arXiv 2405.07987,
    mutual nearest neighbours). It is local, where CKA is ruled by the largest distances. By chance k / (n - 1) are
    shared. Of equally near stimuli the first are taken.

    Parameters
    ----------
    x, y : Tensor or array, shape (stimulus, unit)
        Activity for the same stimuli.
    neighbours : int
        k, from 1 to the number of other stimuli less one.
    metric : {"euclidean", "cosine"}
        How near is measured.

    Returns
    -------
    float, in [0, 1]

    Examples
    --------
    >>> x = torch.tensor([[0.0], [1.0], [5.0], [5.5]])
    >>> neighbour_overlap(x, x.square(), neighbours=1)
    1.0
    """
    first, second = responses(x, "x"), responses(y, "y")
    same_stimuli(first, second)
    if metric not in ("euclidean", "cosine"):
        raise ValueError(f"metric: required euclidean or cosine; came {metric!r}")
    if not 1 <= neighbours <= len(first) - 2:
        raise ActivityError(
            f"neighbours: required from 1 to {len(first) - 2}, the stimuli less two (all others are shared by any two "
            f"representations); came {neighbours}"
        )
    one, other = _nearest(first, neighbours, metric), _nearest(second, neighbours, metric)
    return int((one & other).sum()) / (neighbours * len(one))


def _nearest(values: Tensor, neighbours: int, metric: str) -> Tensor:
    """True where a stimulus (column) is among the nearest of another (row)."""
    if metric == "cosine":
        if (values == 0).all(dim=1).any():
            raise ActivityError(
                "cosine is not defined for stimuli that drive no unit: take them out, or take euclidean"
            )
        values = values / values.norm(dim=1, keepdim=True)
    apart = torch.cdist(values, values, compute_mode="donot_use_mm_for_euclid_dist")  # exact where distances are small
    apart.fill_diagonal_(torch.inf)
    nearest = apart.argsort(dim=1, stable=True)[:, :neighbours]
    return torch.zeros_like(apart, dtype=torch.bool).scatter_(1, nearest, True)
