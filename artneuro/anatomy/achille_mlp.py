"""The fully connected network for MNIST of the critical-period study, Achille et al. 2019, arXiv 1711.08856."""

import math
from typing import final

from torch import nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.layers import Layers, active_sites, dense, scaled, sequential
from artneuro.fields import between, define_spec, gt, param
from artneuro.registry import register

WIDTHS = (2500, 2000, 1500, 1000, 500)


@final
@register("achille_mlp")
@define_spec
class AchilleMLP(Anatomy):
    """Five fully connected layers of 2500, 2000, 1500, 1000 and 500 units with batch norm and ReLU.

    Sites ``hidden1`` to ``hidden5``. The study pads MNIST to 32 x 32 pixels (``mnist: {pad: 2}``): then there are 1024
    inputs, and 12.565 million connections to 10 classes.

    Examples
    --------
    >>> model = AchilleMLP(width=0.2).build((1, 32, 32), classes=10)
    >>> [layer.out_features for layer in model if isinstance(layer, nn.Linear)]
    [500, 400, 300, 200, 100, 10]
    """

    width: float = param(1.0, doc="factor on the number of units of every hidden layer", check=gt(0))
    batch_norm: bool = param(True, doc="batch norm before each ReLU, in place of the bias")
    dropout: float = param(0.0, doc="probability of dropping a unit, after each ReLU", check=between(0, 1))

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model; weights and biases as torch initialises them."""
        layers: Layers = {"flatten": nn.Flatten()}
        inputs = math.prod(shape)
        for number, units in enumerate(WIDTHS, start=1):
            outputs = scaled(units, self.width)
            layers |= dense(f"hidden{number}", inputs, outputs, batch_norm=self.batch_norm, dropout=self.dropout)
            inputs = outputs
        return sequential({**layers, "output": nn.Linear(inputs, classes)})

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the outputs of the ReLUs."""
        return active_sites(model)
