"""Dimensionality: how many directions, or how many degrees of freedom, the responses to stimuli have."""

import torch

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, responses


def participation_ratio(x: Activity) -> float:
    """Effective number of linear dimensions, ``(sum_i l_i)^2 / sum_i l_i^2`` of the eigenvalues l of the covariance.

    Gao et al. 2017, doi 10.1101/214262. The eigenvalues are not computed: both sums are traces. Few stimuli bound it:
    it is at most the number of stimuli less one, and too low where that is not far above it.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity.

    Returns
    -------
    float, from 1 to the smaller of units and stimuli less one
        Not-a-number where no unit varies over stimuli.

    Examples
    --------
    >>> participation_ratio(torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
    2.0
    """
    values = responses(x, "x")
    varies = values.amax(dim=0) != values.amin(dim=0)
    centred = torch.where(varies, values - values.mean(dim=0), 0.0)
    products = centred @ centred.T if len(centred) < centred.shape[1] else centred.T @ centred
    return float(products.trace().square() / products.square().sum())


def intrinsic_dimension(x: Activity, discard: float = 0.1) -> float:
    """Dimension of the manifold that responses lie on, from the two nearest neighbours of each (TwoNN).

    mu = distance to the second over that to the first neighbour has the distribution F(mu) = 1 - mu^-d. d is the slope
    through the origin of -log(1 - F) against log mu, without the `discard` largest mu, which curvature and sparse
    corners distort. Facco et al. 2017, doi 10.1038/s41598-017-11873-y. It needs a few hundred stimuli, and is too low
    for dimensions above about 10.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity. Stimuli with equal responses count once.
    discard : float
        Share of the largest ratios to leave out, in [0, 1).

    Returns
    -------
    float

    Raises
    ------
    ActivityError
        Where fewer than 10 different responses are left.

    Examples
    --------
    >>> line = torch.rand(500, 1, generator=torch.Generator().manual_seed(0)) @ torch.tensor([[1.0, 2.0, -1.0]])
    >>> 0.9 < intrinsic_dimension(line) < 1.1
    True
    """
    if not 0 <= discard < 1:
        raise ValueError(f"discard: required in [0, 1); came {discard}")
    values = torch.unique(responses(x, "x"), dim=0)
    if len(values) < 10:
        raise ActivityError(f"required at least 10 stimuli with different responses; came {len(values)}")
    nearest = []
    for block in values.split(1024):
        apart = torch.cdist(block, values, compute_mode="donot_use_mm_for_euclid_dist")
        nearest.append(apart.topk(3, dim=1, largest=False).values)  # the nearest of all is the stimulus itself
    first, second = torch.cat(nearest)[:, 1:].T
    ratios = (second / first).log().sort().values
    kept = max(2, int(len(ratios) * (1 - discard)))
    share = torch.arange(1, len(ratios) + 1).to(ratios) / len(ratios)
    # the last point would be at infinity
    kept = min(kept, len(ratios) - 1)
    heights = -(1 - share[:kept]).log()
    return float((ratios[:kept] @ heights) / ratios[:kept].square().sum())
