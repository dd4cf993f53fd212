"""The all-convolutional network (All-CNN) of Springenberg et al. 2015, arXiv 1412.6806."""

from typing import Literal, final

from torch import nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.layers import active_sites, all_convolutional
from artneuro.fields import between, define_spec, gt, param
from artneuro.registry import register

CHANNELS = {
    "achille": (96, 96, 192, 192, 192, 192, 192, 192),
    "springenberg": (96, 96, 96, 192, 192, 192, 192, 192),
}
STRIDES = (1, 1, 2, 1, 1, 2, 1, 1)
KERNELS = (3, 3, 3, 3, 3, 3, 3, 1)


@final
@register("all_cnn")
@define_spec
class AllCNN(Anatomy):
    """Eight convolutions with ReLU, strides in place of pooling, a 1 x 1 convolution to the classes, and their means.

    Sites ``conv1`` to ``conv8``. The default is the layout of Achille et al. 2019 (arXiv 1711.08856), with 1.617
    million connections for CIFAR-10; ``order: springenberg`` has 96 instead of 192 feature maps in the third layer,
    as the original. Neither paper settles these, which are decisions made here: every 3 x 3 convolution is padded by
    one pixel, and the convolution to the classes has a bias, no batch norm and no ReLU.

    Examples
    --------
    >>> model = AllCNN(width=0.25).build((3, 32, 32), classes=10)
    >>> [layer.out_channels for layer in model if isinstance(layer, nn.Conv2d)]
    [24, 24, 48, 48, 48, 48, 48, 48, 10]
    """

    order: Literal["achille", "springenberg"] = param("achille", doc="whose order of layer widths")
    width: float = param(1.0, doc="factor on the number of feature maps of every hidden layer", check=gt(0))
    batch_norm: bool = param(True, doc="batch norm before each ReLU, in place of the bias")
    dropout: float = param(
        0.0, doc="probability of dropping an activity, after the ReLU of each strided layer", check=between(0, 1)
    )

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model; weights and biases as torch initialises them."""
        layout = zip(CHANNELS[self.order], STRIDES, KERNELS, strict=True)
        return all_convolutional(
            shape, classes, layout, width=self.width, batch_norm=self.batch_norm, dropout=self.dropout
        )

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the outputs of the ReLUs."""
        return active_sites(model)
