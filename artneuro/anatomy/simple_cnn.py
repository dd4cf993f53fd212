"""A small convolutional network for quick studies."""

from typing import final

from torch import nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.layers import Layers, active_sites, convolution, dense, require_side, sequential
from artneuro.fields import between, define_spec, each, ge, param
from artneuro.registry import register


@final
@register("simple_cnn")
@define_spec
class SimpleCNN(Anatomy):
    """3 x 3 convolutions, each followed by 2 x 2 max-pooling, then one fully connected hidden layer; ReLU.

    Sites ``conv1``, ``conv2``, ... (before the pooling) and ``hidden1``. It follows no paper: it is the smallest
    network with feature maps and units that learns MNIST and CIFAR-10 in seconds to minutes on a CPU.

    Examples
    --------
    >>> list(SimpleCNN().sites(SimpleCNN().build((1, 28, 28), classes=10)))
    ['conv1', 'conv2', 'hidden1']
    """

    channels: tuple[int, ...] = param((16, 32), doc="feature maps of each convolution", check=each(ge(1)))
    hidden: int = param(64, doc="units of the fully connected hidden layer", check=ge(1))
    batch_norm: bool = param(False, doc="batch norm before each ReLU, in place of the bias")
    dropout: float = param(
        0.0, doc="probability of dropping a unit, after the fully connected ReLU", check=between(0, 1)
    )

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model; weights and biases as torch initialises them."""
        require_side(shape, 2 ** len(self.channels), "simple_cnn")
        layers: Layers = {}
        inputs, sides = shape[0], shape[1:]
        for number, channels in enumerate(self.channels, start=1):
            layers |= convolution(f"conv{number}", inputs, channels, batch_norm=self.batch_norm)
            layers[f"pool{number}"] = nn.MaxPool2d(2)
            inputs, sides = channels, tuple(side // 2 for side in sides)
        layers["flatten"] = nn.Flatten()
        inputs *= sides[0] * sides[1]
        layers |= dense("hidden1", inputs, self.hidden, batch_norm=self.batch_norm, dropout=self.dropout)
        return sequential({**layers, "output": nn.Linear(self.hidden, classes)})

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the outputs of the ReLUs."""
        return active_sites(model)
