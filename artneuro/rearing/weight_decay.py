"""Weight decay as an intervention: what one arm has, in a window, whatever optimiser its cohort learns with."""

from typing import final

import torch
from torch import Tensor

from artneuro.fields import define_spec, ge, param
from artneuro.rearing.intervention import Teaching
from artneuro.rearing.timing import Clock, Window
from artneuro.registry import register


@final
@register("WeightDecay")
@define_spec
class WeightDecay(Teaching):
    """Pull every parameter towards zero: `rate` times its value is added to its gradient.

    That is the gradient of the penalty ``rate / 2 * ||w||^2``, and `weight_decay` of the optimisers `sgd` and `adam`,
    bit for bit, where they have none of their own. Under `adamw` it is not that optimiser's decoupled decay.

    Examples
    --------
    >>> decay = WeightDecay(rate=0.5)
    >>> decay.teach({"weight": torch.ones(1, 2)}, {"weight": torch.full((1, 2), 4.0)}, Clock(epoch=0, step=0))
    {'weight': tensor([[3., 3.]])}
    """

    rate: float = param(doc="of the pull, in units of the gradient to one of the parameter", check=ge(0))
    window: Window = param(Window(), doc="when it acts")

    def teach(self, gradients: dict[str, Tensor], parameters: dict[str, Tensor], clock: Clock) -> dict[str, Tensor]:
        """Return the gradients with the pull added."""
        if self.rate == 0:
            return gradients
        return {name: torch.add(along, parameters[name], alpha=self.rate) for name, along in gradients.items()}
