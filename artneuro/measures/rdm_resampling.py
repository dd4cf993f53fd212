"""Resampling of RDMs: how far comparisons with models would scatter, and whether chance would do as well.

Nili et al. 2014, doi 10.1371/journal.pcbi.1003553; Schütt et al. 2023, doi 10.7554/eLife.82566.
"""

import numpy as np
import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.rdm_comparison import Comparison, comparable, compare_rdms, compare_rows
from artneuro.measures.rdms import square_rdm, stimuli_of
from artneuro.measures.responses import FEWEST, Activity, tensor_of
from artneuro.seeds import Stream


def bootstrap_comparison(
    rdms: Activity,
    models: Activity,
    method: Comparison = "spearman",
    *,
    draws: int,
    stream: Stream,
    over: tuple[str, ...] = ("subject", "stimulus"),
) -> Tensor:
    """Mean comparison of subjects with each model, in samples drawn with replacement.

    Each draw takes as many subjects and stimuli as there are, with replacement. A stimulus that is drawn twice makes
    pairs with itself, whose dissimilarity of 0 nobody measured; such pairs are left out in all RDMs, as in rsatoolbox.
    Draws with fewer than 4 different stimuli are drawn again. Where both are drawn at once, the variance
    of the draws is too large (noise of measurement counts more than once); Schütt et al. 2023 correct it with the
    variances of drawing subjects alone and stimuli alone, which `over` gives.

    Parameters
    ----------
    rdms : Tensor or array, shape (subject, pair)
        One RDM a subject.
    models : Tensor or array, shape (model, pair)
        RDMs to compare with.
    method : str
        See `compare_rdms`; but not ``cosine_cov`` or ``bures``, which need all pairs of the stimuli drawn.
    draws : int
        How many samples.
    stream : Stream
        Source of randomness.
    over : tuple of {"subject", "stimulus"}
        What is drawn: to which populations the conclusion shall generalise.

    Returns
    -------
    Tensor, shape (draw, model), float64
        Percentiles over draws are confidence limits; differences of columns compare models on the same samples.

    Examples
    --------
    >>> one = torch.rand(45, generator=torch.Generator().manual_seed(0))
    >>> found = bootstrap_comparison(torch.stack([one, 2 * one]), one[None], draws=3, stream=Stream(0))
    >>> found.round(decimals=6).T
    tensor([[1., 1., 1.]], dtype=torch.float64)
    """
    unknown = set(over) - {"subject", "stimulus"}
    if unknown or not over:
        raise ValueError(f"over: required subject, stimulus or both; came {over}")
    if method in ("cosine_cov", "bures"):
        raise ValueError(f"method: {method} needs all pairs, and a stimulus drawn twice has none with itself")
    measured, predicted, n = _matched(rdms, models)
    if "stimulus" in over and n < 2 * FEWEST:
        raise ActivityError(f"required at least {2 * FEWEST} stimuli to draw from; came {n}")
    squares, model_squares = square_rdm(measured), square_rdm(predicted)
    generator = stream.numpy()
    found = []
    for _ in range(draws):
        subjects = _drawn(generator, len(measured)) if "subject" in over else np.arange(len(measured))
        if "stimulus" in over:
            stimuli = _drawn(generator, n)
            while len(np.unique(stimuli)) < FEWEST:
                stimuli = _drawn(generator, n)
            first, second = (stimuli[index] for index in np.triu_indices(n, 1))
            apart = first != second
            at = torch.from_numpy(first[apart]), torch.from_numpy(second[apart])
            rows = squares[subjects][:, at[0], at[1]]
            found.append(compare_rows(rows, model_squares[:, at[0], at[1]], method))
        else:
            found.append(compare_rdms(measured[subjects], predicted, method))
    return torch.stack([one.mean(dim=0) for one in found])


def permutation_test(
    rdms: Activity, models: Activity, method: Comparison = "spearman", *, draws: int, stream: Stream
) -> tuple[Tensor, Tensor]:
    """Test whether each model is related to the mean of subjects: the same with stimuli relabelled at random.

    Rows and columns of the models are permuted together (Mantel test), for pairs of one stimulus are not independent.
    Subjects count as fixed: the conclusion is about these subjects and stimuli. One-sided.

    Parameters
    ----------
    rdms : Tensor or array, shape (subject, pair)
        One RDM a subject; one subject will do.
    models : Tensor or array, shape (model, pair)
        RDMs to compare with.
    method : str
        See `compare_rdms`.
    draws : int
        How many permutations.
    stream : Stream
        Source of randomness.

    Returns
    -------
    p : Tensor, shape (model,), float64
        (1 + draws in which chance does as well) / (1 + draws); never 0. Not-a-number where the comparison is.
    null : Tensor, shape (draw, model), float64
        Mean comparison under permutation.

    Examples
    --------
    >>> one = torch.rand(45, generator=torch.Generator().manual_seed(0))
    >>> p, _ = permutation_test(one[None], one[None], draws=99, stream=Stream(0))
    >>> p
    tensor([0.0100], dtype=torch.float64)
    """
    measured, predicted, n = _matched(rdms, models)
    observed = compare_rdms(measured, predicted, method).mean(dim=0)
    by_product = method in ("pearson", "spearman", "rho_a", "cosine")
    if by_product:  # what they need of an RDM, such as ranks, follows its pairs when they change places
        features = comparable(method)
        measured, predicted = features(measured).mean(dim=0), features(predicted)
    squares = square_rdm(predicted.nan_to_num()) if by_product else square_rdm(predicted)
    first, second = torch.triu_indices(n, n, 1)
    generator = stream.numpy()
    null = []
    for _ in range(draws):
        order = torch.from_numpy(generator.permutation(n))
        permuted = squares[:, order[first], order[second]]
        null.append(permuted @ measured if by_product else compare_rdms(measured, permuted, method).mean(dim=0))
    drawn = torch.stack(null)
    as_well = (drawn >= observed - 1e-12).sum(dim=0)  # equal but for rounding
    return torch.where(observed.isnan(), torch.nan, (1 + as_well.double()) / (1 + draws)), drawn


def _matched(rdms: Activity, models: Activity) -> tuple[Tensor, Tensor, int]:
    measured, predicted = tensor_of(rdms).double(), tensor_of(models).double()
    for name, values, dim in (("rdms", measured, "subject"), ("models", predicted, "model")):
        n = stimuli_of(values, name)
        if values.ndim != 2:
            raise ActivityError(f"{name}: required shape ({dim}, pair); came {tuple(values.shape)}")
    if measured.shape[1] != predicted.shape[1]:
        raise ActivityError(
            f"required RDMs of the same stimuli; came {measured.shape[1]} and {predicted.shape[1]} pairs"
        )
    return measured, predicted, n


def _drawn(generator: np.random.Generator, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return generator.integers(count, size=count)
