"""Profile of a site: what its units do while the network sees a set of stimuli, and how they are connected."""

from typing import final

import attrs
import torch
from torch import Tensor, nn

from artneuro.anatomy.exposure import Exposure
from artneuro.anatomy.neighbours import Weighted, layers_into, layers_out_of
from artneuro.anatomy.preparation import Preparation
from artneuro.measures.activity import Moments, spatial_mean
from artneuro.measures.information import mutual_information
from artneuro.measures.norms import incoming_norm, outgoing_norm
from artneuro.measures.selectivity import class_means, class_selectivity, preferred_class


@final
@attrs.frozen(eq=False)
class Profile:
    """What is known of each unit of a site; every tensor is shaped (unit,).

    Parameters
    ----------
    mean_activity, deviation : Tensor
        Mean and standard deviation of the activity, over stimuli and positions.
    alive : Tensor, bool
        True where the unit was active (not 0) at least once.
    selectivity : Tensor
        Class selectivity; not-a-number at a site whose class means are negative somewhere, where it is not defined.
    preferred_class : Tensor, int64
        Class of the largest mean activity; -1 for a unit that is not alive.
    mutual_information : Tensor
        Of the activity with the class, in bits.
    incoming_norm, outgoing_norm : Tensor
        L1 norm of the weights into and out of the unit; not-a-number where those layers cannot be told.
    """

    mean_activity: Tensor
    deviation: Tensor
    alive: Tensor
    selectivity: Tensor
    preferred_class: Tensor
    mutual_information: Tensor
    incoming_norm: Tensor
    outgoing_norm: Tensor

    @classmethod
    def of(cls, preparation: Preparation[Exposure], model: nn.Module, module_name: str, bins: int) -> "Profile":
        """Measure the one site of a preparation.

        Parameters
        ----------
        preparation : Preparation
            Opened at that site, with the stimuli and targets that say what the units do.
        model : nn.Module
            The network, for its connections.
        module_name : str
            Name of the site's torch module.
        bins : int
            Bins of the activity, for mutual information.
        """
        moments, responses = [], []
        for _, exposure in preparation:
            (activity,) = exposure.activity.values()
            moments.append(Moments.of(activity))
            responses.append(spatial_mean(activity))
        total = sum(moments[1:], start=moments[0])
        activity, targets = torch.cat(responses), preparation.shown
        means = class_means(activity, targets, preparation.classes)
        signed = bool((means < 0).any())
        preferred = preferred_class(means)
        return cls(
            mean_activity=total.mean,
            deviation=total.deviation,
            alive=total.alive,
            selectivity=torch.full_like(means[0], torch.nan) if signed else class_selectivity(means),
            preferred_class=torch.where(total.alive, preferred, -1),
            mutual_information=mutual_information(activity, targets, preparation.classes, bins),
            **_norms(model, module_name, torch.full_like(total.mean, torch.nan)),
        )


def _norms(model: nn.Module, module_name: str, unknown: Tensor) -> dict[str, Tensor]:
    units = len(unknown)
    into = [layer for layer in layers_into(model, module_name).values() if len(layer.weight) == units]
    out_of = [layer for layer in layers_out_of(model, module_name).values() if _reads(layer, units)]
    return {
        "incoming_norm": torch.stack([incoming_norm(layer) for layer in into]).sum(dim=0) if into else unknown,
        "outgoing_norm": torch.stack([outgoing_norm(layer, units) for layer in out_of]).sum(0) if out_of else unknown,
    }


def _reads(layer: Weighted, units: int) -> bool:
    return layer.in_channels == units if isinstance(layer, nn.Conv2d) else layer.in_features % units == 0
