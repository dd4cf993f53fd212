"""The convolutional network of the neurogenesis study, Tran et al. 2022, PNAS 119(45) e2206704119."""

from typing import final

from torch import nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.layers import Layers, active_sites, convolution, dense, require_side, sequential
from artneuro.fields import between, define_spec, each, ge, param
from artneuro.registry import register


@final
@register("tran_cnn")
@define_spec
class TranCNN(Anatomy):
    """Pairs of 3 x 3 convolutions, each pair followed by 2 x 2 max-pooling, then fully connected layers; ReLU.

    Sites ``conv1`` to ``conv6`` (before the pooling) and ``hidden1`` to ``hidden3``. The last layer has no bias. The
    defaults are the layout of the authors' code (``neurodl/cnn.py``): 456,330 parameters for CIFAR-10.

    Examples
    --------
    >>> model = TranCNN().build((3, 32, 32), classes=10)
    >>> sum(parameter.numel() for parameter in model.parameters())
    456330
    """

    channels: tuple[int, ...] = param((16, 32, 64), doc="feature maps of each pair", check=each(ge(1)))
    widths: tuple[int, ...] = param(
        (250, 250, 250), doc="units of each fully connected hidden layer", check=each(ge(1))
    )
    batch_norm: bool = param(False, doc="batch norm before each ReLU, in place of the bias")
    dropout: float = param(
        0.0, doc="probability of dropping a unit, after each fully connected ReLU", check=between(0, 1)
    )

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model; weights and biases as torch initialises them."""
        require_side(shape, 2 ** len(self.channels), "tran_cnn")
        layers: Layers = {}
        inputs, sides = shape[0], shape[1:]
        for pair, channels in enumerate(self.channels, start=1):
            layers |= convolution(f"conv{2 * pair - 1}", inputs, channels, batch_norm=self.batch_norm)
            layers |= convolution(f"conv{2 * pair}", channels, channels, batch_norm=self.batch_norm)
            layers[f"pool{pair}"] = nn.MaxPool2d(2)
            inputs, sides = channels, tuple(side // 2 for side in sides)
        layers["flatten"] = nn.Flatten()
        inputs *= sides[0] * sides[1]
        for number, width in enumerate(self.widths, start=1):
            layers |= dense(f"hidden{number}", inputs, width, batch_norm=self.batch_norm, dropout=self.dropout)
            inputs = width
        return sequential({**layers, "output": nn.Linear(inputs, classes, bias=False)})

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the outputs of the ReLUs."""
        return active_sites(model)
