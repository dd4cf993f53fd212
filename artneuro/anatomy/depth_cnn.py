"""The family of convolutional networks by depth of the critical-period study, Achille et al. 2019, arXiv 1711.08856."""

from typing import final

from torch import nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.layers import active_sites, all_convolutional
from artneuro.fields import between, define_spec, ge, gt, param
from artneuro.registry import register

FIRST = 96


@final
@register("depth_cnn")
@define_spec
class DepthCNN(Anatomy):
    """All-convolutional networks that differ in depth: each stage halves the image and doubles the feature maps.

    A 3 x 3 convolution to 96 maps; for stage i = 1 to `stages`, one of 96 * 2^(i-1) maps and one of 96 * 2^i maps with
    stride 2; a 3 x 3 and a 1 x 1 convolution of 96 * 2^stages maps; all with ReLU. Then a 1 x 1 convolution to the
    classes, with a bias, no batch norm and no ReLU, and the means of its maps. Sites ``conv1`` to
    ``conv{2 * stages + 3}``.

    Examples
    --------
    >>> model = DepthCNN(stages=2).build((3, 32, 32), classes=10)
    >>> [layer.out_channels for layer in model if isinstance(layer, nn.Conv2d)]
    [96, 96, 192, 192, 384, 384, 384, 10]
    """

    stages: int = param(2, doc="how often the image is halved; two convolutions each", check=ge(0))
    width: float = param(1.0, doc="factor on the number of feature maps of every hidden layer", check=gt(0))
    batch_norm: bool = param(True, doc="batch norm before each ReLU, in place of the bias")
    dropout: float = param(
        0.0, doc="probability of dropping an activity, after the ReLU of each strided layer", check=between(0, 1)
    )

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model; weights and biases as torch initialises them."""
        layout = [(FIRST, 1, 3)]
        for stage in range(1, self.stages + 1):
            layout += [(FIRST * 2 ** (stage - 1), 1, 3), (FIRST * 2**stage, 2, 3)]
        layout += [(FIRST * 2**self.stages, 1, 3), (FIRST * 2**self.stages, 1, 1)]
        return all_convolutional(
            shape, classes, layout, width=self.width, batch_norm=self.batch_norm, dropout=self.dropout
        )

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the outputs of the ReLUs."""
        return active_sites(model)
