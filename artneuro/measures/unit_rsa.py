"""Unit-level representational similarity: the RDM of every unit against predictors, without holding them all.

The "virtual electrophysiology" of van Assen, Nishida and Fleming 2020, doi 10.1371/journal.pcbi.1008018.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.ranks import distance_ranks
from artneuro.measures.rdm_comparison import comparable
from artneuro.measures.rdms import stimuli_of, unit_rdms
from artneuro.measures.responses import Activity, responses, tensor_of


def compare_unit_rdms(
    x: Activity, predictors: Activity, method: Literal["pearson", "spearman", "rho_a", "cosine"] = "spearman"
) -> Tensor:
    """Compare the RDM of each unit by itself, |a_i - a_j|, with every predictor.

    The same as ``compare_rdms(unit_rdms(x), predictors, method)``, a few units at a time, on as many threads as torch
    has. Distances are ranked to ten digits: differences beyond are rounding, and ranking them would break ties.

    Parameters
    ----------
    x : Tensor or array, shape (stimulus, unit)
        Activity.
    predictors : Tensor or array, shape (predictor, pair)
        RDMs of the same stimuli, as vectors of pairs; such as those of image statistics, or of behaviour.
    method : str
        See `compare_rdms`.

    Returns
    -------
    Tensor, shape (unit, predictor), float64
        Not-a-number for a unit that is constant over stimuli (``rho_a``: 0), such as one that is silent.

    Raises
    ------
    ActivityError
        For other stimuli, missing values, or too few stimuli.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 1.0], [3.0, 1.0], [7.0, 1.0]])
    >>> predictors = torch.tensor([[1.0, 3.0, 7.0, 2.0, 6.0, 4.0]])
    >>> compare_unit_rdms(x, predictors).round(decimals=6)
    tensor([[1.],
            [nan]], dtype=torch.float64)
    """
    if method not in ("pearson", "spearman", "rho_a", "cosine"):
        raise ValueError(f"method: required one of pearson, spearman, rho_a, cosine; came {method!r}")
    values = responses(x, "x")
    models = tensor_of(predictors).to(values)
    n = stimuli_of(models, "predictors")
    if models.ndim != 2 or n != len(values):
        raise ActivityError(
            f"predictors: required shape (predictor, pair) for the {len(values)} stimuli of x; came "
            f"{tuple(models.shape)}, pairs of {n} stimuli"
        )
    prepared = comparable(method)(models).T
    features = comparable(method, ranks=distance_ranks)

    def block(units: Tensor) -> Tensor:
        return features(unit_rdms(units)) @ prepared

    width = max(1, _VALUES_AT_ONCE // models.shape[1])
    blocks = [values[:, first : first + width] for first in range(0, values.shape[1], width)]
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:  # sorting, most of the work, takes one thread a block
        return torch.cat(list(pool.map(block, blocks)))


_VALUES_AT_ONCE = 1 << 20  # 8 MB a block, and a few times that while it is ranked
