"""Canonical correlations: how alike two representations are, up to any invertible linear map.

Hotelling 1936; in networks, Raghu et al. 2017 (arXiv 1706.05806, SVCCA) and Morcos et al. 2018 (arXiv 1806.05759,
PWCCA).
"""

import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, responses, same_stimuli


def cca(x: Activity, y: Activity) -> Tensor:
    """Canonical correlations, largest first.

    Parameters
    ----------
    x, y : Tensor or array, shape (stimulus, unit)
        Activity for the same stimuli; columns are centred here.

    Returns
    -------
    Tensor, shape (component,), float64, in [0, 1]
        As many as the smaller of both ranks. Its mean and its mean square (R^2_CCA) are the usual summaries.

    Raises
    ------
    ActivityError
        Where one of them has as many independent units as stimuli less one: all correlations are then 1, whatever was
        recorded. Or for too few stimuli, missing values, or no variation.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [5.0, 3.0], [1.0, 1.0]])
    >>> cca(x, x @ torch.tensor([[1.0, 2.0], [0.0, 3.0]])).round(decimals=6)
    tensor([1., 1.], dtype=torch.float64)
    """
    return _correlations(*_bases(x, y, 1.0))


def svcca(x: Activity, y: Activity, variance: float = 0.99) -> float:
    """Mean canonical correlation of the leading principal components (SVCCA).

    Each representation is first reduced to the fewest components that hold `variance` of its variance, as Raghu et al.
    do; so rotation and scale do not matter, but other linear maps do.

    Parameters
    ----------
    x, y : Tensor or array, shape (stimulus, unit)
        Activity for the same stimuli.
    variance : float
        Share to be kept, in (0, 1].

    Returns
    -------
    float, in [0, 1]

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [5.0, 3.0], [1.0, 1.0]])
    >>> round(svcca(x, 2 * x.flip(1)), 6)
    1.0
    """
    if not 0 < variance <= 1:
        raise ValueError(f"variance: required in (0, 1]; came {variance}")
    return float(_correlations(*_bases(x, y, variance)).mean())


def pwcca(x: Activity, y: Activity) -> float:
    """Canonical correlations weighted by how much of `x` each direction accounts for (PWCCA).

    ``sum_i a_i rho_i / sum_i a_i`` with ``a_i = sum_j |<h_i, x_j>|``: h_i is the canonical variate of x, of length 1,
    and x_j the activity of its unit j, centred. Morcos et al. 2018, section 2.2. Weights are those of the first
    argument, so ``pwcca(x, y)`` and ``pwcca(y, x)`` differ; published code takes whichever has fewer units.

    Parameters
    ----------
    x, y : Tensor or array, shape (stimulus, unit)
        Activity for the same stimuli.

    Returns
    -------
    float, in [0, 1]

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [5.0, 3.0], [1.0, 1.0]])
    >>> round(pwcca(x, 2 * x.flip(1)), 6)
    1.0
    """
    basis, other = _bases(x, y, 1.0)
    left, correlations, _ = torch.linalg.svd(basis.T @ other, full_matrices=False)
    values = responses(x, "x")
    weights = ((basis @ left).T @ (values - values.mean(dim=0))).abs().sum(dim=1)
    return float((weights * correlations.clamp(max=1.0)).sum() / weights.sum())


def _correlations(basis: Tensor, other: Tensor) -> Tensor:
    found: Tensor = torch.linalg.svdvals(basis.T @ other).clamp(max=1.0)
    return found


def _bases(x: Activity, y: Activity, variance: float) -> tuple[Tensor, Tensor]:
    first, second = responses(x, "x"), responses(y, "y")
    same_stimuli(first, second)
    return _basis(first, "x", variance), _basis(second, "y", variance)


def _basis(values: Tensor, name: str, variance: float) -> Tensor:
    """Orthonormal basis over stimuli of the leading components of a representation."""
    stimuli = len(values)
    left, sizes, _ = torch.linalg.svd(values - values.mean(dim=0), full_matrices=False)
    # as numpy.linalg.matrix_rank, and of the activity itself: centring a constant leaves rounding
    floor = max(values.shape) * torch.finfo(torch.float64).eps * max(float(sizes[0]), float(values.abs().max()))
    rank = int((sizes > floor).sum())
    if rank == 0:
        raise ActivityError(f"{name}: required units that vary over stimuli; all {values.shape[1]} are constant")
    if variance < 1:
        held = sizes.square().cumsum(0) / sizes.square().sum()
        rank = min(rank, int((held < variance).sum()) + 1)
    if rank >= stimuli - 1:
        raise ActivityError(
            f"{name}: required fewer independent directions than stimuli less one; came {rank} for {stimuli} stimuli, "
            "for which every canonical correlation is 1, whatever was recorded. Record more stimuli, take svcca with "
            "less variance, or take debiased cka."
        )
    basis: Tensor = left[:, :rank]
    return basis
