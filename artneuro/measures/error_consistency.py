"""Error consistency: whether two observers err on the same stimuli more often than their accuracies make them."""

import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, tensor_of


def error_consistency(a: Activity, b: Activity) -> Tensor:
    """Cohen's kappa of being right, for all pairs of observers of two groups.

    ``(c - e) / (1 - e)``: c is the share of stimuli on which both are right or both are wrong, and
    ``e = p_a p_b + (1 - p_a)(1 - p_b)`` what independent observers of accuracies p have. Geirhos et al. 2020,
    arXiv 2006.16736, equations 1 to 3.

    Parameters
    ----------
    a, b : Tensor or array of bool, shape (observer, stimulus)
        Whether each observer (subject, network, person) answered each stimulus correctly; the same stimuli in both.

    Returns
    -------
    Tensor, shape (observers of a, observers of b), float64
        1: they err on the same stimuli; 0: as by chance; below 0: on different ones. Not-a-number where both are always
        right, or both always wrong.

    Examples
    --------
    >>> one = torch.tensor([[True, True, False, False]])
    >>> error_consistency(one, torch.cat([one, ~one])).tolist()
    [[1.0, -1.0]]
    """
    first, second = tensor_of(a), tensor_of(b)
    for name, values in (("a", first), ("b", second)):
        if values.dtype != torch.bool or values.ndim != 2:
            raise ActivityError(
                f"{name}: required bool of shape (observer, stimulus); came {values.dtype} of {tuple(values.shape)}. "
                "Compare answers with targets, such as answers == targets."
            )
    if first.shape[1] != second.shape[1] or not first.shape[1]:
        raise ActivityError(
            f"required the same stimuli in the same order, at least 1; came {first.shape[1]} and {second.shape[1]}"
        )
    right, other = first.double(), second.double()
    accuracy, others = right.mean(dim=1)[:, None], other.mean(dim=1)
    observed = (right @ other.T + (1 - right) @ (1 - other).T) / first.shape[1]
    expected = accuracy * others + (1 - accuracy) * (1 - others)
    return torch.where(expected < 1, (observed - expected) / (1 - expected), torch.nan)
