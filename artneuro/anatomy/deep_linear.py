"""Deep linear networks: products of matrices, whose learning is not linear. Saxe et al. 2014, arXiv 1312.6120."""

import math
from typing import final

from torch import nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.layers import Layers, sequential
from artneuro.fields import define_spec, ge, gt, param
from artneuro.registry import register


@final
@register("deep_linear")
@define_spec
class DeepLinear(Anatomy):
    """Fully connected layers without nonlinearity and without biases; sites ``hidden1``, ``hidden2``, ...

    The network as a whole is one matrix, the product of the layers' matrices. Its activity at a site is the layer's
    output itself, and may be negative.

    Every weight is Gaussian with mean 0 and standard deviation ``scale ** (1 / depth) / sqrt(inputs of the layer)``,
    so that the product of all layers starts at about the same size whatever the depth: where all are n wide, its
    Frobenius norm is near ``scale * sqrt(n)`` (Arora et al. 2019, arXiv 1905.13655; Kleinman et al. 2023,
    arXiv 2308.12221).

    Examples
    --------
    >>> DeepLinear(depth=3, width=100).build((1, 1, 100), classes=100)
    Sequential(
      (flatten): Flatten(start_dim=1, end_dim=-1)
      (hidden1): Linear(in_features=100, out_features=100, bias=False)
      (hidden2): Linear(in_features=100, out_features=100, bias=False)
      (output): Linear(in_features=100, out_features=100, bias=False)
    )
    """

    depth: int = param(3, doc="layers, that to the outputs included", check=ge(1))
    width: int = param(100, doc="units of each hidden layer", check=ge(1))
    scale: float = param(
        1e-3, doc="size of the whole network's matrix at birth, as a share of a unit gain", check=gt(0)
    )

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model."""
        widths = [math.prod(shape), *[self.width] * (self.depth - 1), classes]
        names = [*(f"hidden{number}" for number in range(1, self.depth)), "output"]
        layers: Layers = {"flatten": nn.Flatten()}
        for name, inputs, outputs in zip(names, widths[:-1], widths[1:], strict=True):
            layer = nn.Linear(inputs, outputs, bias=False)
            nn.init.normal_(layer.weight, std=self.scale ** (1 / self.depth) / math.sqrt(inputs))
            layers[name] = layer
        return sequential(layers)

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the outputs of the hidden layers."""
        return {name: name for name, _ in model.named_children() if name.startswith("hidden")}
