"""Multi-layer perceptron."""

import math
from typing import final

from torch import nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.layers import Activation, Layers, active_sites, dense, sequential
from artneuro.fields import between, define_spec, each, ge, param
from artneuro.registry import register


@final
@register("mlp")
@define_spec
class MLP(Anatomy):
    """Fully connected layers with ReLU, or another nonlinearity; sites ``hidden1``, ``hidden2``, ...

    Examples
    --------
    >>> MLP(widths=(64, 32)).build((1, 8, 8), classes=10)
    Sequential(
      (flatten): Flatten(start_dim=1, end_dim=-1)
      (hidden1): Linear(in_features=64, out_features=64, bias=True)
      (hidden1_relu): ReLU()
      (hidden2): Linear(in_features=64, out_features=32, bias=True)
      (hidden2_relu): ReLU()
      (output): Linear(in_features=32, out_features=10, bias=True)
    )
    """

    widths: tuple[int, ...] = param((128, 128), doc="units of each hidden layer", check=each(ge(1)))
    activation: Activation = param("relu", doc="nonlinearity of the hidden layers")
    batch_norm: bool = param(False, doc="batch norm before each nonlinearity, in place of the bias")
    dropout: float = param(0.0, doc="probability of dropping a unit, after each nonlinearity", check=between(0, 1))

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model; weights and biases as torch initialises them."""
        layers: Layers = {"flatten": nn.Flatten()}
        inputs = math.prod(shape)
        for number, width in enumerate(self.widths, start=1):
            layers |= dense(
                f"hidden{number}",
                inputs,
                width,
                batch_norm=self.batch_norm,
                dropout=self.dropout,
                activation=self.activation,
            )
            inputs = width
        return sequential({**layers, "output": nn.Linear(inputs, classes)})

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the outputs of the nonlinearities."""
        return active_sites(model)
