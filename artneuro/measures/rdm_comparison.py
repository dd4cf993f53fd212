"""Comparison of RDMs: how alike two sets of dissimilarities are, under a convention that has a name.

Kriegeskorte et al. 2008; Nili et al. 2014, doi 10.1371/journal.pcbi.1003553; Schütt et al. 2023,
doi 10.7554/eLife.82566.
"""

from collections.abc import Callable
from typing import Literal, get_args

import torch
from scipy import stats
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.ranks import average_ranks
from artneuro.measures.rdms import square_rdm, stimuli_of
from artneuro.measures.responses import Activity, tensor_of

Comparison = Literal["pearson", "spearman", "kendall_tau_a", "rho_a", "cosine", "cosine_cov", "bures"]


def compare_rdms(
    a: Activity, b: Activity, method: Comparison = "spearman", *, covariance: Activity | None = None
) -> Tensor:
    """Compare all RDMs of one set with all of another.

    What a method needs of one RDM (centring, ranks, roots) is computed once, and all pairs come from one matrix
    product, so that whole cohorts are compared in one call.

    - ``pearson``: correlation over pairs of stimuli;
    - ``spearman``: the same of ranks, ties sharing theirs. It favours models that predict ties;
    - ``rho_a``: the mean of Spearman's rho when ties are broken at random; the right choice where models predict ties,
      and fast. Schütt et al. 2023, appendix;
    - ``kendall_tau_a``: (concordant - discordant) / all pairs of pairs; Nili et al. 2014. Pair by pair, and slow;
    - ``cosine``: without centring, for dissimilarities with a meaningful zero, such as crossnobis;
    - ``cosine_cov``: cosine after whitening with the covariance that noise gives to dissimilarities which share a
      stimulus, V = (C S C')^2 element by element, C the contrasts of the pairs and S the `covariance` of patterns over
      stimuli, by default the identity. Diedrichsen et al. 2021, arXiv 2007.02789. For squared euclidean RDMs and the
      default this is linear CKA;
    - ``bures``: tr((A^1/2 B A^1/2)^1/2) / (tr A tr B)^1/2, A and B the centred Grams of squared distances; Harvey et
      al. 2024, arXiv 2311.11436. Dissimilarities that are no squared distances give negative eigenvalues, which count
      as 0 (rsatoolbox does so in the first RDM alone, so that its answer depends on the order).

    Parameters
    ----------
    a, b : Tensor or array, shape (..., pair)
        RDMs as vectors of pairs, as `rdm` makes them; any dims before, such as (subject, site, pair).
    method : str
        One of the names above.
    covariance : Tensor or array, shape (stimulus, stimulus)
        For ``cosine_cov``: covariance of the patterns' noise over stimuli.

    Returns
    -------
    Tensor, float64, shape of the dims of `a` before the pairs and then those of `b`
        1: alike. Not-a-number where an RDM has no variation (``cosine``: no length), such as that of a constant unit;
        0 there for ``kendall_tau_a`` and ``rho_a``, which are defined for ties.

    Raises
    ------
    ActivityError
        For RDMs of different stimuli, missing values, or too few stimuli.

    Examples
    --------
    >>> one = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    >>> models = torch.stack([one.square(), one.flip(0)])
    >>> compare_rdms(one, models, "spearman").round(decimals=6)
    tensor([ 1., -1.], dtype=torch.float64)
    """
    if covariance is not None and method != "cosine_cov":
        raise ValueError(f"covariance is not used by {method}: leave it out, or take cosine_cov")
    first, second = tensor_of(a).double(), tensor_of(b).double()
    n, other = stimuli_of(first, "a"), stimuli_of(second, "b")
    if n != other:
        raise ActivityError(f"required RDMs of the same stimuli; came {n} and {other}. Select those that both have.")
    rows = first.reshape(-1, first.shape[-1]), second.reshape(-1, second.shape[-1])
    return compare_rows(*rows, method, covariance).reshape(first.shape[:-1] + second.shape[:-1])


def compare_rows(a: Tensor, b: Tensor, method: Comparison, covariance: Activity | None = None) -> Tensor:
    """Compare all rows of one matrix (rdm, pair) with all of another; but for whitening and Bures, of any pairs."""
    if method not in get_args(Comparison):
        raise ValueError(f"method: required one of {', '.join(get_args(Comparison))}; came {method!r}")
    if method == "kendall_tau_a":
        return _kendall_tau_a(a, b)
    if method == "bures":
        return _bures(a, b)
    features = comparable(method, covariance)
    return features(a) @ features(b).T


def comparable(
    method: str, covariance: Activity | None = None, ranks: Callable[[Tensor], Tensor] = average_ranks
) -> Callable[[Tensor], Tensor]:
    """Return what turns RDMs (rdm, pair) into rows whose inner products are the comparison.

    Methods that are no inner product (``kendall_tau_a``, ``bures``) have none.
    """
    if method == "cosine":
        return _unit_length
    if method == "pearson":
        return lambda rdms: _unit_length(_centred(rdms))
    if method == "spearman":
        return lambda rdms: _unit_length(_centred(ranks(rdms)))
    if method == "rho_a":
        return lambda rdms: _centred(ranks(rdms)) * (12 / (rdms.shape[1] ** 3 - rdms.shape[1])) ** 0.5
    if method == "cosine_cov":
        return lambda rdms: _whitened(square_rdm(rdms), covariance)
    raise ValueError(f"{method} is no inner product")


def _centred(rows: Tensor) -> Tensor:
    """Rows without their mean; exactly 0 where all values are equal, which rounding of the mean would hide."""
    flat = rows.amax(dim=1, keepdim=True) == rows.amin(dim=1, keepdim=True)
    return torch.where(flat, 0.0, rows - rows.mean(dim=1, keepdim=True))


def _unit_length(rows: Tensor) -> Tensor:
    """Rows of length 1; not-a-number where all that there is is rounding."""
    lengths = rows.norm(dim=1, keepdim=True)
    directions: Tensor = torch.where(lengths > 1e-200, rows / lengths, torch.nan)
    return directions


def _whitened(squares: Tensor, covariance: Activity | None) -> Tensor:
    root = _whitening(squares.shape[-1], covariance, squares.device)
    return _unit_length((root @ squares @ root.T).flatten(1))


def _whitening(n: int, covariance: Activity | None, device: torch.device) -> Tensor:
    """Root L of the residual-forming precision P of patterns over stimuli, P = L'L, P 1 = 0.

    d' V^-1 e is proportional to tr(P D P E) for the square forms D, E of the RDMs d, e, so that V, of the size of all
    pairs squared, is never made.
    """
    ones = torch.ones(n, 1, dtype=torch.float64, device=device)
    if covariance is None:
        return torch.eye(n, dtype=torch.float64, device=device) - ones @ ones.T / n
    matrix = tensor_of(covariance).to(ones)
    if matrix.shape != (n, n):
        raise ActivityError(f"covariance: required shape {(n, n)}, (stimulus, stimulus); came {tuple(matrix.shape)}")
    lower, failed = torch.linalg.cholesky_ex(matrix)
    if failed or not torch.allclose(matrix, matrix.T):
        raise ActivityError("covariance: required symmetric and positive definite. Shrink it towards its diagonal.")
    root = torch.linalg.solve_triangular(lower, torch.eye(n).to(ones), upper=False)
    mean = root @ ones
    residual: Tensor = root - mean @ (mean.T @ root) / mean.square().sum()
    return residual


def _bures(a: Tensor, b: Tensor) -> Tensor:
    roots_a, traces_a = _roots(a)
    roots_b, traces_b = _roots(b)
    found = torch.stack([torch.linalg.svdvals(root @ roots_b).sum(dim=1) for root in roots_a])
    sizes = traces_a[:, None] * traces_b
    return torch.where(sizes > 0, found / sizes.sqrt(), torch.nan)


def _roots(rdms: Tensor) -> tuple[Tensor, Tensor]:
    """Symmetric roots of the centred Grams, negative eigenvalues as 0; and the traces of their squares."""
    square = square_rdm(rdms) / -2
    grams = square - square.mean(1, keepdim=True) - square.mean(2, keepdim=True) + square.mean((1, 2), keepdim=True)
    values, vectors = torch.linalg.eigh(grams)
    values = values.clamp(min=0.0)
    return (vectors * values.sqrt()[:, None]) @ vectors.mT, values.sum(dim=1)


def _kendall_tau_a(a: Tensor, b: Tensor) -> Tensor:
    rows_a, rows_b = a.cpu().numpy(), b.cpu().numpy()
    untied_a, untied_b = _untied(a), _untied(b)
    found = torch.zeros(len(a), len(b), dtype=torch.float64)
    for i, left in enumerate(rows_a):
        for j, right in enumerate(rows_b):
            share = (untied_a[i] * untied_b[j]) ** 0.5
            if share:  # SciPy has tau-b, which divides by the pairs that are not tied
                found[i, j] = float(stats.kendalltau(left, right, method="asymptotic").statistic) * share
    return found.to(a.device)


def _untied(rdms: Tensor) -> list[float]:
    """Share of the pairs of values in each row that differ."""
    pairs = rdms.shape[1]
    tied = (row.unique(return_counts=True)[1].double() for row in rdms)
    return [1 - float((counts * (counts - 1)).sum()) / (pairs * (pairs - 1)) for counts in tied]
