"""Models of RDMs that are fitted: weights of predictors, their unique variance, and what is left when others are held.

Khaligh-Razavi and Kriegeskorte 2014, doi 10.1371/journal.pcbi.1003915 (weights by non-negative least squares).
"""

from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import optimize
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.ranks import average_ranks
from artneuro.measures.rdms import stimuli_of
from artneuro.measures.responses import Activity, tensor_of


def weighted_rdm(target: Activity, predictors: Activity, *, intercept: bool = False) -> tuple[Tensor, Tensor]:
    """Weigh predictor RDMs, none below 0, so that their sum is nearest to a target RDM (non-negative least squares).

    Weights are not negative because distances of independent groups of features add up. They are fitted to the target
    itself, so the fit is too good: judge it with `crossvalidated_weighted_rdm`.

    Parameters
    ----------
    target : Tensor or array, shape (pair,)
        The RDM to be explained, best of squared distances (sqeuclidean, crossnobis), which add up over features.
    predictors : Tensor or array, shape (predictor, pair)
        RDMs of the same stimuli.
    intercept : bool
        Whether a constant, of either sign, is fitted as well.

    Returns
    -------
    weights : Tensor, shape (predictor,), float64, >= 0
    fitted : Tensor, shape (pair,), float64
        The weighted sum, with the constant.

    Examples
    --------
    >>> predictors = torch.tensor([[1.0, 0.0, 0.0, 1.0, 0.0, 2.0], [0.0, 1.0, 2.0, 0.0, 3.0, 0.0]])
    >>> weights, _ = weighted_rdm(2 * predictors[0] + 0.5 * predictors[1], predictors)
    >>> weights.round(decimals=6)
    tensor([2.0000, 0.5000], dtype=torch.float64)
    """
    goal, models = _checked(target, predictors)
    weights, constant = _weights(goal, models, intercept)
    return torch.from_numpy(weights), torch.from_numpy(weights @ models + constant)


def crossvalidated_weighted_rdm(
    rdms: Activity, predictors: Activity, *, folds: int = 4, intercept: bool = False
) -> Tensor:
    """Predict the RDM of each subject by weights fitted to other subjects and to other stimuli.

    Stimuli are cut into `folds` blocks in their order (stimulus k into block k mod folds), for each subject left out.
    Only pairs within the block left out are predicted, since those across blocks share a stimulus with what was fitted.

    Parameters
    ----------
    rdms : Tensor or array, shape (subject, pair)
        One RDM a subject; at least 2.
    predictors : Tensor or array, shape (predictor, pair)
        RDMs of the same stimuli.
    folds : int
        Blocks of stimuli, at least 2, each with at least 3 stimuli.
    intercept : bool
        See `weighted_rdm`.

    Returns
    -------
    Tensor, shape (subject, pair), float64
        Not-a-number for pairs across blocks; compare the others.

    Examples
    --------
    >>> predictor = torch.rand(1, 66, generator=torch.Generator().manual_seed(0))
    >>> found = crossvalidated_weighted_rdm(torch.cat([predictor, predictor]), predictor)
    >>> held = ~found.isnan()
    >>> int(held.sum()), torch.allclose(found[held], predictor.expand(2, 66)[held].double())
    (24, True)
    """
    measured = tensor_of(rdms).double().cpu()
    n = stimuli_of(measured, "rdms")
    if measured.ndim != 2 or len(measured) < 2:
        raise ActivityError(f"rdms: required shape (subject, pair), at least 2 subjects; came {tuple(measured.shape)}")
    _, models = _checked(measured[0], predictors)
    if folds < 2 or n // folds < 3:
        raise ActivityError(
            f"folds: required at least 2 with at least 3 stimuli each; came {folds} for {n} stimuli. Take fewer folds."
        )
    first, second = np.triu_indices(n, 1)
    found = np.full(measured.shape, np.nan)
    for subject in range(len(measured)):
        others = np.delete(measured.numpy(), subject, axis=0).mean(axis=0)
        for fold in range(folds):
            inside = (first % folds == fold).astype(int) + (second % folds == fold)
            fitted, tested = inside == 0, inside == 2
            weights, constant = _weights(others[fitted], models[:, fitted], intercept)
            found[subject, tested] = weights @ models[:, tested] + constant
    return torch.from_numpy(found)


def variance_partition(target: Activity, predictors: Activity) -> dict[tuple[int, ...], float]:
    """Divide the variance of a target RDM that predictors explain into what each explains alone and together.

    Commonality analysis (Nimon et al. 2008): R^2 of ordinary least squares for every subset of predictors, with an
    intercept, and by inclusion and exclusion the part of exactly the predictors of a subset. Parts that are
    shared can be negative (suppression). R^2 is of the data that were fitted; for many predictors it is too high.

    Parameters
    ----------
    target : Tensor or array, shape (pair,)
        The RDM to be explained; rank it before, if dissimilarities shall count by their order only.
    predictors : Tensor or array, shape (predictor, pair)
        At most 8 RDMs of the same stimuli.

    Returns
    -------
    dict of tuple of int to float
        For each subset of predictors (by number), its part of the variance of the target; ``()`` is what none explains.
        They sum to 1.

    Examples
    --------
    >>> predictors = torch.tensor([[1.0, -1.0, 1.0, -1.0, 0.0, 0.0], [1.0, 1.0, -1.0, -1.0, 0.0, 0.0]])
    >>> parts = variance_partition(predictors.sum(dim=0), predictors)
    >>> {subset: round(part, 6) for subset, part in parts.items() if round(abs(part), 6)}
    {(0,): 0.5, (1,): 0.5}
    """
    goal, models = _checked(target, predictors)
    count = len(models)
    if count > 8:
        raise ActivityError(f"predictors: required at most 8, for each doubles the parts; came {count}. Group some.")
    explained = {
        subset: _explained(goal, models[list(subset)])
        for size in range(count + 1)
        for subset in combinations(range(count), size)
    }
    everything = tuple(range(count))
    parts: dict[tuple[int, ...], float] = {(): 1 - explained[everything]}
    for subset in explained:
        if subset:
            outside = tuple(k for k in everything if k not in subset)
            # what is lost when the subset is taken out is shared out among all that meet it
            parts[subset] = sum(
                (-1) ** (size + 1) * explained[tuple(sorted(outside + inner))]
                for size in range(len(subset) + 1)
                for inner in combinations(subset, size)
            )
    return parts


def partial_correlation(a: Activity, b: Activity, controls: Activity, *, ranked: bool = True) -> float:
    """Correlation of two RDMs with others held constant, such as a network's with people's, given the truth.

    Pearson's correlation of what is left of both after regression on `controls` with an intercept.

    Parameters
    ----------
    a, b : Tensor or array, shape (pair,)
        RDMs of the same stimuli.
    controls : Tensor or array, shape (control, pair)
        RDMs to be held constant.
    ranked : bool
        Whether all are ranked first (Spearman's partial correlation).

    Returns
    -------
    float, in [-1, 1]
        Not-a-number where controls explain one of them wholly.

    Examples
    --------
    >>> a, b = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), torch.tensor([1.0, 3.0, 2.0, 4.0, 5.0, 6.0])
    >>> round(partial_correlation(a, b, torch.tensor([[1.0, 1.0, 1.0, 2.0, 2.0, 2.0]])), 4)
    0.75
    """
    first, held = _checked(a, controls)
    second, _ = _checked(b, controls)
    if ranked:
        first, second, held = (average_ranks(torch.from_numpy(one)).numpy() for one in (first, second, held))
    left = [one - _fit(one, held) for one in (first, second)]
    for one, rest in zip((first, second), left, strict=True):
        if np.linalg.norm(rest) <= 1e-9 * np.linalg.norm(one - one.mean()):
            return float("nan")
    return float(left[0] @ left[1] / (np.linalg.norm(left[0]) * np.linalg.norm(left[1])))


def partial_correlations(with_references: Tensor, among_references: Tensor) -> Tensor:
    """Partial correlations of many RDMs with references, each of the others being held constant in turn.

    ``(r_xa - r_xb r_ab) / sqrt((1 - r_xb^2) (1 - r_ab^2))``, from the correlations themselves: of Pearson's, or of
    Spearman's, which are Pearson's of ranks. With a single control, `partial_correlation` gives the same numbers.

    Parameters
    ----------
    with_references : Tensor, shape (..., reference)
        Correlation of each RDM with each reference.
    among_references : Tensor, shape (reference, reference)
        Correlations of the references with each other.

    Returns
    -------
    Tensor, shape (..., reference, given)
        Not-a-number where a reference is held constant itself, or explains the other or the RDM wholly.

    Examples
    --------
    >>> partial_correlations(torch.tensor([0.5, 0.4]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])).round(decimals=4)
    tensor([[   nan, 0.5455],
            [0.4619,    nan]])
    """
    own, given = with_references[..., :, None], with_references[..., None, :]
    left = (1 - given.square()) * (1 - among_references.square())
    wholly = left <= 1e-12
    found = (own - given * among_references) / left.clamp(min=1e-12).sqrt()
    return torch.where(wholly, torch.nan, found)


Floats = NDArray[np.float64]


def _checked(target: Activity, predictors: Activity) -> tuple[Floats, Floats]:
    goal, models = tensor_of(target).double().cpu(), tensor_of(predictors).double().cpu()
    stimuli_of(goal, "target")
    stimuli_of(models, "predictors")
    if goal.ndim != 1 or models.ndim != 2 or goal.shape[0] != models.shape[1]:
        raise ActivityError(
            "required a target of shape (pair,) and predictors of shape (predictor, pair) for the same stimuli; came "
            f"{tuple(goal.shape)} and {tuple(models.shape)}"
        )
    return goal.numpy(), models.numpy()


def _weights(goal: Floats, models: Floats, intercept: bool) -> tuple[Floats, float]:
    if not intercept:
        return optimize.nnls(models.T, goal)[0], 0.0
    # a constant of either sign is what is left of the means, once all are centred
    means = models.mean(axis=1, keepdims=True)
    weights = optimize.nnls((models - means).T, goal - goal.mean())[0]
    return weights, float(goal.mean() - weights @ means[:, 0])


def _fit(goal: Floats, models: Floats) -> Floats:
    """Least-squares fit with an intercept."""
    design = np.vstack([models, np.ones(goal.shape)]).T
    fitted: Floats = design @ np.linalg.lstsq(design, goal, rcond=None)[0]
    return fitted


def _explained(goal: Floats, models: Floats) -> float:
    variation = ((goal - goal.mean()) ** 2).sum()
    if variation == 0:
        raise ActivityError("target: required dissimilarities that vary; all are equal")
    return 1 - float(((goal - _fit(goal, models)) ** 2).sum() / variation)
