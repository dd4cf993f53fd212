"""Mutual information: how much a unit's activity tells of the class of the stimulus."""

import torch
from torch import Tensor

from artneuro.measures.responses import Activity, labelled_responses


def equal_frequency_bins(activity: Tensor, bins: int) -> Tensor:
    """Sort each unit's activity into bins of equal frequency; equal values share a bin.

    The edges of a unit are its order statistics at n/bins, 2n/bins, ...; a value lies in the bin that its count of
    edges at or below it gives. A rectified unit that is silent for most stimuli therefore has fewer bins in use.

    Parameters
    ----------
    activity : Tensor, shape (stimulus, unit)
        One number a unit and stimulus.
    bins : int
        Largest number of bins.

    Returns
    -------
    Tensor, shape (stimulus, unit), int64, in 0..bins-1

    Examples
    --------
    >>> equal_frequency_bins(torch.tensor([[0.0], [4.0], [1.0], [9.0]]), 2).T
    tensor([[0, 1, 0, 1]])
    """
    n = len(activity)
    places = [n * k // bins for k in range(1, bins)]
    values = activity.T.contiguous()
    edges = values.sort(dim=1).values[:, places].contiguous()
    return torch.searchsorted(edges, values, right=True).T


def mutual_information(activity: Activity, targets: Activity, classes: int, bins: int = 10) -> Tensor:
    """Mutual information of each unit's activity with the class, I(class; activity).

    The activity is sorted into `bins` of equal frequency; entropies are plug-in estimates with the correction of
    Miller and Madow, ``H + (m - 1) / 2n`` nats for m occupied cells and n stimuli, so that a unit which tells nothing
    has 0 in expectation, to first order in 1/n. A single estimate can then lie a little below 0; it is not cut off
    there, for that would bring the bias back.

    Parameters
    ----------
    activity : Tensor or array, shape (stimulus, unit)
        One number a unit and stimulus; feature maps are averaged over their positions first (`spatial_mean`).
    targets : Tensor or array of int, shape (stimulus,)
        Class of each stimulus.
    classes : int
        Number of classes.
    bins : int
        Largest number of bins of the activity.

    Returns
    -------
    Tensor, shape (unit,), float64, unit bit
        At most log2(min(classes, bins)), but for the correction. A silent unit has 0.

    Raises
    ------
    ActivityError
        Where shapes do not go together, or activity is missing or infinite.

    Notes
    -----
    Miller 1955, "Note on the bias of information estimates"; counts of occupied cells as in Panzeri and Treves 1996.

    Examples
    --------
    >>> tells = torch.tensor([0.0, 1.0]).repeat(500)
    >>> silent = torch.zeros(1000)
    >>> mutual_information(torch.stack([tells, silent], dim=1), tells.long(), classes=2, bins=2).round(decimals=2)
    tensor([1., 0.], dtype=torch.float64)
    """
    activity, targets = labelled_responses(activity, targets)
    n, units = activity.shape
    cells = bins * classes
    found = []
    for first in range(0, units, _UNITS_AT_ONCE):
        binned = equal_frequency_bins(activity[:, first : first + _UNITS_AT_ONCE], bins)
        width = binned.shape[1]
        index = torch.arange(width, device=activity.device) * cells + binned * classes + targets[:, None]
        joint = torch.bincount(index.flatten(), minlength=width * cells).view(width, bins, classes)
        rows, columns = joint.sum(dim=2), joint.sum(dim=1)
        nats = _entropy(rows, n) + _entropy(columns, n) - _entropy(joint.flatten(1), n)
        found.append(torch.where((rows > 0).sum(dim=1) > 1, nats, 0.0))  # exactly: rounding would give it a rank
    return torch.cat(found) / torch.log(torch.tensor(2.0, dtype=torch.float64))


_UNITS_AT_ONCE = 64  # keeps the index of 50,000 stimuli below 30 MB


def _entropy(counts: Tensor, n: int) -> Tensor:
    """Entropy in nats of counts (unit, cell) that sum to n, corrected after Miller and Madow."""
    share = counts.double() / n
    occupied = (counts > 0).sum(dim=1)
    plug_in: Tensor = -torch.special.xlogy(share, share).sum(dim=1)
    return plug_in + (occupied - 1).double() / (2 * n)
