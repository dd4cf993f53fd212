"""Clusters of units with like profiles."""

import numpy as np
import torch
from scipy.cluster.hierarchy import fcluster, linkage
from torch import Tensor

from artneuro.errors import ActivityError

MOST = 20_000  # the distances of all pairs are held: 3 GB


def cluster_profiles(profiles: Tensor, count: int) -> Tensor:
    """Group units by their profiles, with Ward's method (Ward 1963), cut where `count` groups are left.

    Parameters
    ----------
    profiles : Tensor, shape (unit, predictor)
        What each unit correlates with; not-a-number in a unit that has no profile.
    count : int
        Number of clusters, at least 1.

    Returns
    -------
    Tensor, shape (unit,), int64
        Number of the cluster, the largest being 0 (among equals, that of the earlier unit); -1 without a profile.
        There are fewer clusters where there are fewer different profiles.

    Raises
    ------
    ActivityError
        For more than 20,000 units.

    Examples
    --------
    >>> cluster_profiles(torch.tensor([[0.9], [0.0], [0.1], [torch.nan], [0.0]]), 2)
    tensor([ 1,  0,  0, -1,  0])
    """
    known = ~profiles.isnan().any(dim=1)
    values = profiles[known].double().cpu().numpy()
    if len(values) > MOST:
        raise ActivityError(f"required at most {MOST} units to cluster; came {len(values)}. Pool maps or choose sites.")
    found = torch.full((len(profiles),), -1, dtype=torch.int64)
    if len(values) == 1:
        found[known] = 0
    if len(values) < 2:
        return found
    numbers = fcluster(linkage(values, "ward"), count, criterion="maxclust")
    names, first, sizes = np.unique(numbers, return_index=True, return_counts=True)
    order = names[np.lexsort((first, -sizes))]
    places = {name: place for place, name in enumerate(order.tolist())}
    found[known.cpu()] = torch.tensor([places[number] for number in numbers.tolist()])
    return found
