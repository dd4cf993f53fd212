"""Representational dissimilarity matrices: how different the responses to each pair of stimuli are.

Kriegeskorte, Mur and Bandettini 2008, doi 10.3389/neuro.06.004.2008. An RDM is kept as the vector of its pairs
(i, j), i < j, row by row, the order of `scipy.spatial.distance.pdist`; `square_rdm` gives the matrix.
"""

from math import isqrt
from typing import Literal, get_args

import torch
from torch import Tensor

from artneuro.errors import ActivityError, NegativeActivityError
from artneuro.measures.ranks import average_ranks
from artneuro.measures.responses import FEWEST, Activity, refuse_missing, responses, tensor_of

Metric = Literal["correlation", "cosine", "euclidean", "sqeuclidean", "mahalanobis", "crossnobis", "poisson"]


def rdm(
    x: Activity,
    metric: Metric = "correlation",
    *,
    precision: Activity | None = None,
    stimuli: Activity | None = None,
    folds: Activity | None = None,
    prior_rate: float = 1.0,
    prior_weight: float = 0.1,
) -> Tensor:
    """Dissimilarity of the responses to each pair of stimuli.

    Every distance but the first two is a mean over units, so that sites of different size can be compared; multiply by
    the number of units (or its root, for ``euclidean``) for the sum that SciPy gives. For patterns a, b of U units:

    - ``correlation``: 1 - Pearson's r of a and b over units, in [0, 2];
    - ``cosine``: 1 - a.b / (|a| |b|), in [0, 2];
    - ``sqeuclidean``: |a - b|^2 / U; ``euclidean``: its root;
    - ``mahalanobis``: (a - b)' P (a - b) / U with the `precision` P of the noise; squared, as in rsatoolbox;
    - ``crossnobis``: the same, with the two differences from independent `folds` of the data, so that noise adds
      nothing and its expectation is 0 for equal patterns; it can be negative. For each fold, the mean patterns of all
      other observations against those of the fold; averaged over folds. Walther et al. 2016,
      doi 10.1016/j.neuroimage.2015.12.012, equation 12. Without `precision`, P is the identity;
    - ``poisson``: symmetrised Kullback-Leibler divergence of Poisson counts, mean over units of (a - b)(log a - log b),
      after shrinking each rate to (rate + prior_weight * prior_rate) / (1 + prior_weight). Schütt et al. 2023,
      doi 10.7554/eLife.82566.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity; for ``crossnobis`` (observation, unit).
    metric : str
        One of the names above.
    precision : Tensor or array, shape (unit, unit)
        Inverse of the covariance of the noise, for ``mahalanobis`` (required) and ``crossnobis``.
    stimuli, folds : Tensor or array of int, shape (observation,)
        For ``crossnobis``, and required there: which stimulus each row shows, and in which fold (run, repeat) it was
        recorded. Rows of the result follow the sorted numbers of stimuli.
    prior_rate, prior_weight : float
        For ``poisson``: the rate that all are shrunk to, and how many observations it counts for.

    Returns
    -------
    Tensor, shape (pair,), float64
        On the device of `x`.

    Raises
    ------
    ActivityError
        For fewer than 4 stimuli, missing values, patterns without a direction (``correlation`` of a stimulus that
        drives all units equally, ``cosine`` of one that drives none), or a precision that does not fit.
    NegativeActivityError
        For ``poisson`` of signed activity.

    Examples
    --------
    >>> rdm(torch.eye(4), "sqeuclidean")
    tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000], dtype=torch.float64)
    """
    if metric not in get_args(Metric):
        raise ValueError(f"metric: required one of {', '.join(get_args(Metric))}; came {metric!r}")
    _refuse_unused(metric, precision=precision, stimuli=stimuli, folds=folds)
    values = responses(x, "x")
    if metric == "crossnobis":
        return _crossnobis(values, stimuli, folds, precision)
    if metric == "poisson":
        return _poisson(values, prior_rate, prior_weight)
    if metric == "mahalanobis":
        if precision is None:
            raise ActivityError(
                "mahalanobis: required precision, the inverse covariance of the noise, shape (unit, unit); came none. "
                "Without noise, take sqeuclidean."
            )
        return _mean_distances(values, values @ _precision(precision, values))
    if metric in ("correlation", "cosine"):
        if metric == "correlation":
            values = values - values.mean(dim=1, keepdim=True)
        directions = _directions(values, metric)
        return 1 - _upper(directions @ directions.T)
    # centred on the mean pattern: distances stay, and nearly equal large numbers do not cancel
    centred = values - values.mean(dim=0)
    squared = _mean_distances(centred, centred).clamp(min=0.0)
    return squared.sqrt() if metric == "euclidean" else squared


def unit_rdms(x: Activity) -> Tensor:
    """RDM of each unit by itself: the absolute difference of its responses to two stimuli.

    For one unit, euclidean distance is all that is left of the metrics; van Assen et al. 2020,
    doi 10.1371/journal.pcbi.1008018, compare these with predictors (`compare_unit_rdms` does so for many units without
    holding all their RDMs, which for 4096 units and 800 stimuli take 10 GB).

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity.

    Returns
    -------
    Tensor, shape (unit, pair), float64
        All 0 for a unit that is constant.

    Examples
    --------
    >>> unit_rdms(torch.tensor([[0.0], [1.0], [3.0], [3.0]]))
    tensor([[1., 3., 3., 2., 2., 0.]], dtype=torch.float64)
    """
    values = responses(x, "x")
    first, second = torch.triu_indices(len(values), len(values), 1, device=values.device)
    columns = values.T.contiguous()
    return (columns[:, first] - columns[:, second]).abs_()


def square_rdm(pairs: Activity) -> Tensor:
    """Matrix of an RDM that is given as the vector of its pairs.

    Parameters
    ----------
    pairs : Tensor or array, shape (..., pair)
        One or many RDMs.

    Returns
    -------
    Tensor, shape (..., stimulus, stimulus), float64
        Symmetric, 0 on the diagonal.

    Examples
    --------
    >>> square_rdm(torch.arange(1.0, 7.0))[0]
    tensor([0., 1., 2., 3.], dtype=torch.float64)
    """
    values = tensor_of(pairs).double()
    n = stimuli_of(values, "pairs")
    first, second = torch.triu_indices(n, n, 1, device=values.device)
    square = values.new_zeros(*values.shape[:-1], n, n)
    square[..., first, second] = values
    square[..., second, first] = values
    return square


def percentile_rdms(pairs: Activity) -> Tensor:
    """Matrices of RDMs as percentiles, so that RDMs of other metrics can be drawn on one scale.

    The rank r of a dissimilarity among the P pairs of its RDM (ties share their mean) becomes (r - 1/2) / P.

    Parameters
    ----------
    pairs : Tensor or array, shape (rdm, pair)
        RDMs as vectors of their pairs.

    Returns
    -------
    Tensor, shape (rdm, stimulus, stimulus), float64
        Between 0 and 1, 0 on the diagonal.

    Examples
    --------
    >>> percentile_rdms(torch.tensor([[2.0, 3.0, 5.0, 7.0, 11.0, 13.0]]))[0, 0].round(decimals=2)
    tensor([0.0000, 0.0800, 0.2500, 0.4200], dtype=torch.float64)
    """
    ranks = average_ranks(tensor_of(pairs).double())
    return square_rdm((ranks - 0.5) / ranks.shape[-1])


def stimuli_of(pairs: Tensor, name: str) -> int:
    """Return the number of stimuli of RDMs, shape (..., pair); refuse what cannot be all pairs of at least 4."""
    count = pairs.shape[-1] if pairs.ndim else 0
    n = (1 + isqrt(1 + 8 * count)) // 2
    if n * (n - 1) // 2 != count or n < FEWEST:
        raise ActivityError(
            f"{name}: required all pairs of at least {FEWEST} stimuli along the last dim (6, 10, 15, ... values); came "
            f"shape {tuple(pairs.shape)}. Give RDMs as vectors of pairs, as rdm makes them; of a square matrix take "
            "scipy.spatial.distance.squareform."
        )
    refuse_missing(pairs, name)
    return n


def _refuse_unused(metric: str, **given: Activity | None) -> None:
    used = {"mahalanobis": {"precision"}, "crossnobis": {"precision", "stimuli", "folds"}}.get(metric, set())
    for name, value in given.items():
        if value is not None and name not in used:
            raise ValueError(f"{name} is not used by {metric}: leave it out, or take mahalanobis or crossnobis")


def _upper(square: Tensor) -> Tensor:
    """Pairs above the diagonal of a matrix (stimulus, stimulus), row by row."""
    n = len(square)
    return square[torch.ones(n, n, dtype=torch.bool, device=square.device).triu(1)]


def _mean_distances(left: Tensor, right: Tensor) -> Tensor:
    """Mean over units of (left_i - left_j)(right_i - right_j), for each pair; both (stimulus, unit)."""
    return _apart(left @ right.T) / left.shape[1]


def _apart(products: Tensor) -> Tensor:
    """Products of differences, for each pair, from the products (stimulus, stimulus) of patterns."""
    own = products.diagonal()
    return _upper(own[:, None] + own - products - products.T)


def _directions(values: Tensor, metric: str) -> Tensor:
    lengths = values.norm(dim=1, keepdim=True)
    # what centring leaves of a constant pattern is rounding, not a direction
    flat = (lengths <= 1e-12 * values.abs().max().clamp(min=1e-300))[:, 0].nonzero()[:, 0].tolist()
    if flat:
        what = "drive all units equally" if metric == "correlation" else "drive no unit"
        shown = ", ".join(map(str, flat[:5])) + (", ..." if len(flat) > 5 else "")
        raise ActivityError(
            f"{metric} distance is not defined for stimuli that {what}: {len(flat)} of {len(values)} (rows {shown}). "
            "Take them out, or take euclidean distance."
        )
    directions: Tensor = values / lengths
    return directions


def _precision(precision: Activity, values: Tensor) -> Tensor:
    matrix = tensor_of(precision).to(values)
    units = values.shape[1]
    if matrix.shape != (units, units):
        raise ActivityError(f"precision: required shape {(units, units)}, (unit, unit); came {tuple(matrix.shape)}")
    refuse_missing(matrix, "precision")
    return matrix


def _poisson(values: Tensor, prior_rate: float, prior_weight: float) -> Tensor:
    negative = int((values < 0).any(dim=0).sum())
    if negative:
        raise NegativeActivityError(
            f"poisson distance needs activity >= 0, as of spike counts; {negative} of {values.shape[1]} units have "
            "some below 0. Measure it after a ReLU, or take another metric."
        )
    if not (prior_rate > 0 and prior_weight > 0):
        raise ValueError(f"required prior_rate and prior_weight > 0; came {prior_rate} and {prior_weight}")
    rates = (values + prior_weight * prior_rate) / (1 + prior_weight)
    return _mean_distances(rates, rates.log())


def _crossnobis(values: Tensor, stimuli: Activity | None, folds: Activity | None, precision: Activity | None) -> Tensor:
    if stimuli is None or folds is None:
        raise ActivityError(
            "crossnobis: required stimuli and folds, one number an observation each; came "
            f"{'no folds' if stimuli is not None else 'no stimuli'}. Without repeats, take sqeuclidean."
        )
    labels = []
    for name, given in (("stimuli", stimuli), ("folds", folds)):
        label = tensor_of(given).to(values.device)
        if label.shape != (len(values),):
            raise ActivityError(
                f"{name}: required shape {(len(values),)}, one an observation; came {tuple(label.shape)}"
            )
        labels.append(torch.unique(label, return_inverse=True))
    (conditions, which), (parts, part) = labels
    if len(conditions) < FEWEST or len(parts) < 2:
        came = f"{len(conditions)} and {len(parts)}"
        raise ActivityError(f"crossnobis: required at least {FEWEST} stimuli in at least 2 folds; came {came}")
    cells = len(parts) * len(conditions)
    cell = part * len(conditions) + which
    counts = torch.bincount(cell, minlength=cells).view(len(parts), len(conditions), 1)
    if (counts == 0).any():
        fold, stimulus = (counts[..., 0] == 0).nonzero()[0].tolist()
        raise ActivityError(
            "crossnobis: required every stimulus in every fold; stimulus "
            f"{conditions[stimulus].item()} is missing in fold {parts[fold].item()}"
        )
    sums = _sums_by_cell(values, cell, counts)
    if precision is None and (counts == counts[0, 0]).all():
        # each fold against all others is each pair of folds in both orders, which have the same distances: so each fold
        # is multiplied once, with the sum of those before it
        count = int(counts[0, 0])
        before, products = sums[0].clone(), values.new_zeros(len(conditions), len(conditions))
        for fold in sums[1:]:
            products.addmm_(before, fold.T)
            before += fold
        return _apart(products) * (2 / (count**2 * len(parts) * (len(parts) - 1) * values.shape[1]))
    others = sums.sum(dim=0) - sums
    if precision is not None:
        others = others @ _precision(precision, values)
    # sums become means in their products, which are small, and not before
    products = (others @ sums.mT) / ((counts.sum(dim=0) - counts) * counts.mT)
    return _apart(products.mean(dim=0)) / values.shape[1]


def _sums_by_cell(values: Tensor, cell: Tensor, counts: Tensor) -> Tensor:
    """Sums (fold, stimulus, unit) of observations: the observations themselves, where each stands alone."""
    shape = (*counts.shape[:2], values.shape[1])
    if int(counts.max()) > 1:
        return values.new_zeros(counts.numel(), shape[2]).index_add_(0, cell, values).view(shape)
    order = cell.argsort()
    in_order = torch.equal(order, torch.arange(len(order), device=order.device))
    return (values if in_order else values[order]).view(shape)
