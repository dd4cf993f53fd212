"""Individuals: what a matrix of similarities or distances between them says of each, and of all together."""

import numpy as np
import torch
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from torch import Tensor


def pseudo_values(pairs: Tensor) -> Tensor:
    """Return one value an individual for the mean of all pairs, by the jackknife.

    A pair shares its individuals with other pairs, so pairs are no independent observations; and means over the pairs
    of each individual lie about half as far apart as they would have to for a test. The pseudo-value
    ``n U - (n - 1) U_i``, with U the mean of all pairs and U_i that without individual i, is right: the mean over
    individuals is U, and their variance over n estimates that of U. Arvesen 1969, doi 10.1214/aoms/1177697287.

    Parameters
    ----------
    pairs : Tensor, shape (individual, individual)
        Symmetric; the diagonal is not read.

    Returns
    -------
    Tensor, shape (individual,), float64
        They may lie outside the range of the pairs. Not-a-number for fewer than 3 individuals.

    Examples
    --------
    >>> pseudo_values(torch.tensor([[1.0, 0.9, 0.6], [0.9, 1.0, 0.6], [0.6, 0.6, 1.0]])).round(decimals=6)
    tensor([0.9000, 0.9000, 0.3000], dtype=torch.float64)
    """
    n = len(pairs)
    if n < 3:
        return torch.full((n,), torch.nan, dtype=torch.float64)
    off = pairs.double().clone()
    off.fill_diagonal_(0.0)
    own, total = off.sum(dim=1), off.sum() / 2
    without = 2 * (total - own) / ((n - 1) * (n - 2))
    return 2 * total / (n - 1) - (n - 1) * without


def classical_scaling(distances: Tensor, axes: int = 2) -> Tensor:
    """Place individuals so that their distances are as given, as far as few axes allow. Torgerson 1952.

    Parameters
    ----------
    distances : Tensor, shape (individual, individual)
        Symmetric, 0 on the diagonal.
    axes : int
        Axes kept, those of the largest variance first.

    Returns
    -------
    Tensor, shape (individual, axes), float64
        Centred on 0; of each axis the place furthest from 0 is positive. Not-a-number where a distance is.

    Examples
    --------
    >>> line = torch.tensor([[0.0, 1.0, 3.0], [1.0, 0.0, 2.0], [3.0, 2.0, 0.0]])
    >>> classical_scaling(line, 1)[:, 0].diff().round(decimals=6)
    tensor([1., 2.], dtype=torch.float64)
    """
    n = len(distances)
    found = torch.zeros(n, axes, dtype=torch.float64)
    if distances.isnan().any():
        return found + torch.nan
    squares = distances.double().square()
    gram = -(squares - squares.mean(0) - squares.mean(1, keepdim=True) + squares.mean()) / 2
    values, vectors = torch.linalg.eigh(gram)
    kept = min(axes, n)
    places = vectors.flip(1)[:, :kept] * values.flip(0)[:kept].clamp(min=0.0).sqrt()
    furthest = places.abs().argmax(dim=0)
    found[:, :kept] = places * torch.where(places[furthest, torch.arange(kept)] < 0, -1.0, 1.0)
    return found


def leaf_order(distances: Tensor) -> Tensor:
    """Return the place of each individual in a hierarchical clustering (average linkage), likes beside each other.

    Parameters
    ----------
    distances : Tensor, shape (individual, individual)
        Symmetric, 0 on the diagonal.

    Returns
    -------
    Tensor, shape (individual,), int64
        From 0; -1 where a distance is not-a-number.

    Examples
    --------
    >>> leaf_order(torch.tensor([[0.0, 5.0, 1.0], [5.0, 0.0, 4.0], [1.0, 4.0, 0.0]]))
    tensor([2, 0, 1])
    """
    n = len(distances)
    if n < 3 or distances.isnan().any():
        return torch.full((n,), -1) if distances.isnan().any() else torch.arange(n)
    condensed = squareform(distances.double().numpy(), checks=False)
    leaves = leaves_list(linkage(condensed, "average", optimal_ordering=True))
    return torch.from_numpy(np.argsort(leaves))
