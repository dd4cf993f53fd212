"""Importance: what the loss of a unit costs, and whether its selectivity tells."""

from collections.abc import Mapping

import torch
from torch import Tensor

from artneuro.measures.correlation import spearman
from artneuro.measures.performance import Tally


def importance(intact: Tally, lesioned: Tally, preferred: Tensor) -> dict[str, Tensor]:
    """Compare performance with each unit lesioned alone to that of the intact network.

    Parameters
    ----------
    intact : Tally, shape ()
        Of the intact network.
    lesioned : Tally, shape (unit,)
        With each unit lesioned alone, on the same stimuli.
    preferred : Tensor, shape (unit,), int64
        Class that each unit prefers; -1 where it prefers none.

    Returns
    -------
    dict of str to Tensor
        ``importance`` (unit,): fall of accuracy. ``importance_loss`` (unit,): rise of cross-entropy, in nats.
        ``class_importance`` (unit, class): fall of each class's accuracy. ``preferred_class_importance`` (unit,): of
        the preferred class, as Zhou et al. 2018 (arXiv 1806.02891) measure it; not-a-number where there is none.

    Examples
    --------
    >>> targets, good, bad = torch.tensor([0, 1]), torch.eye(2), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    >>> intact, lesioned = Tally.of(good, targets, 2), Tally.of(bad[None], targets, 2)
    >>> found = importance(intact, lesioned, preferred=torch.tensor([1]))
    >>> found["importance"].tolist(), found["class_importance"].tolist(), found["preferred_class_importance"].tolist()
    ([0.5], [[0.0, 1.0]], [1.0])
    """
    classes = intact.class_accuracy - lesioned.class_accuracy
    own = classes.gather(1, preferred.clamp(min=0)[:, None])[:, 0]
    return {
        "importance": intact.accuracy - lesioned.accuracy,
        "importance_loss": lesioned.loss - intact.loss,
        "class_importance": classes,
        "preferred_class_importance": torch.where(preferred >= 0, own, torch.nan),
    }


def site_summary(units: Mapping[str, Tensor]) -> dict[str, float]:
    """Summarise the units of a site (or of a pool of sites) that are alive.

    Parameters
    ----------
    units : mapping of str to Tensor, shape (unit,)
        ``alive`` (bool), ``selectivity``, ``mutual_information``; and, where each unit was lesioned alone,
        ``importance`` and ``preferred_class_importance``.

    Returns
    -------
    dict of str to float
        ``selectivity_mean``, ``mutual_information_mean``; and ``selectivity_importance_rho``,
        ``selectivity_preferred_class_rho``: Spearman's rho of selectivity with importance for all stimuli, and for
        those of the preferred class. Not-a-number where too few units are alive.

    Examples
    --------
    >>> units = {"alive": torch.tensor([True, True, False]), "selectivity": torch.tensor([0.2, 0.4, 0.0])}
    >>> found = site_summary({**units, "mutual_information": torch.tensor([1.0, 2.0, 0.0])})
    >>> round(found["selectivity_mean"], 3), found["mutual_information_mean"]
    (0.3, 1.5)
    """
    alive = {name: values[units["alive"]].double().cpu() for name, values in units.items()}
    summary = {f"{name}_mean": alive[name].mean().item() for name in ("selectivity", "mutual_information")}
    pairs = {"importance": "importance_rho", "preferred_class_importance": "preferred_class_rho"}
    for name, rho in pairs.items():
        if name in units:
            summary[f"selectivity_{rho}"] = spearman(alive["selectivity"].numpy(), alive[name].numpy())
    return summary
