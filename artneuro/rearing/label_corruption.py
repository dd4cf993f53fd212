"""Label corruption: targets that have nothing to do with the image, as in Zhang et al. 2017 and Morcos et al. 2018."""

from typing import Literal, final

import torch
from torch import Tensor

from artneuro.fields import between, define_spec, param
from artneuro.rearing.intervention import Instructive
from artneuro.rearing.timing import Window
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("LabelCorruption")
@define_spec
class LabelCorruption(Instructive):
    """Tell subjects wrong targets for a fraction of the training stimuli.

    Exactly ``round(fraction * stimuli)`` of them are chosen, once for the subject's whole life. A larger fraction
    adds to a smaller one: twins at .2 and .4 share the first fifth.

    permuted
        The targets of the chosen are permuted among them, so that every class keeps its size (Morcos et al. 2018,
        arXiv 1803.06959, appendix A.3). A chosen stimulus may get a target of its own class again, by chance.
    uniform
        Each chosen stimulus gets a class at random, its own included (Zhang et al. 2017, arXiv 1611.03530): of ten
        classes, a tenth stays right.

    Examples
    --------
    >>> targets = torch.arange(10).repeat(3)
    >>> told = LabelCorruption(fraction=1.0).relabel(targets, 10, Stream(0))
    >>> torch.equal(told, targets), torch.equal(told.bincount(), targets.bincount())
    (False, True)
    """

    fraction: float = param(doc="share of the training stimuli that are chosen", check=between(0, 1))
    how: Literal["permuted", "uniform"] = param("permuted", doc="where the new targets come from")
    window: Window = param(Window(), doc="when it acts")

    def relabel(self, targets: Tensor, classes: int, stream: Stream) -> Tensor:
        """Return the targets (stimulus,) as the subject is told them."""
        order = torch.randperm(len(targets), generator=stream.child("chosen").torch())
        chosen = order[: round(self.fraction * len(targets))].to(targets.device)
        generator = stream.child(self.how).torch()
        told = targets.clone()
        if self.how == "permuted":
            told[chosen] = targets[chosen[torch.randperm(len(chosen), generator=generator).to(targets.device)]]
        else:
            drawn = torch.randint(classes, (len(targets),), generator=generator)[: len(chosen)]
            told[chosen] = drawn.to(targets)
        return told
