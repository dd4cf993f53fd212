"""Noise ceiling: how well the true model could do, given how much subjects differ.

Nili et al. 2014, doi 10.1371/journal.pcbi.1003553.
"""

import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.ranks import average_ranks
from artneuro.measures.rdm_comparison import Comparison, compare_rdms
from artneuro.measures.rdms import stimuli_of
from artneuro.measures.responses import Activity, tensor_of


def noise_ceiling(rdms: Activity, method: Comparison = "spearman") -> tuple[float, float]:
    """Bounds of the mean comparison that the best possible model reaches with the RDMs of a group of subjects.

    Upper bound: the mean comparison of each subject with the mean of all (itself included, so it is too high). Lower
    bound: with the mean of the others (a model that good could have been found, so it is too low). RDMs are first
    brought to one scale, as the comparison weighs them: ranks for ``spearman``, ``rho_a`` and ``kendall_tau_a``,
    z-scores for ``pearson``, length 1 otherwise. For ``kendall_tau_a`` and ``bures`` the mean is not exactly the best
    model, so the upper bound may be slightly low.

    Parameters
    ----------
    rdms : Tensor or array, shape (subject, pair)
        One RDM a subject, for the same stimuli; at least 2.
    method : str
        See `compare_rdms`.

    Returns
    -------
    lower, upper : float

    Raises
    ------
    ActivityError
        For a single subject, an RDM without variation, or RDMs that are not complete.

    Examples
    --------
    >>> one = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    >>> lower, upper = noise_ceiling(torch.stack([one, 2 * one, one + 1]))
    >>> round(lower, 6), round(upper, 6)
    (1.0, 1.0)
    """
    values = tensor_of(rdms).double()
    stimuli_of(values, "rdms")
    if values.ndim != 2 or len(values) < 2:
        raise ActivityError(
            f"rdms: required shape (subject, pair) with at least 2 subjects; came {tuple(values.shape)}. One subject "
            "says nothing of how much subjects differ."
        )
    scaled = on_one_scale(values, method)
    total = scaled.sum(dim=0)
    upper = compare_rdms(values, total, method).mean()
    others = (total - scaled) / (len(values) - 1)
    lower = torch.stack([compare_rdms(one, rest, method) for one, rest in zip(values, others, strict=True)]).mean()
    return float(lower), float(upper)


def on_one_scale(rdms: Tensor, method: Comparison) -> Tensor:
    """Scale RDMs (subject, pair) so that their mean compares best with all of them."""
    if method in ("spearman", "rho_a", "kendall_tau_a"):
        return average_ranks(rdms)
    centred = rdms - rdms.mean(dim=1, keepdim=True) if method == "pearson" else rdms
    sizes = centred.norm(dim=1, keepdim=True)
    flat = (rdms.amax(dim=1) == rdms.amin(dim=1)) if method == "pearson" else (sizes[:, 0] == 0)
    if flat.any():
        raise ActivityError(
            f"rdms: required dissimilarities that vary; those of subject {int(flat.nonzero()[0])} are all equal. Leave "
            "it out, or find out why it does not tell stimuli apart."
        )
    scaled: Tensor = centred / sizes
    return scaled
