"""The 11-layer convolutional network of Morcos et al. 2018, arXiv 1803.06959, appendix A.2."""

from typing import Literal, final

from torch import nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.layers import Layers, active_sites, convolution, scaled, sequential
from artneuro.fields import between, define_spec, gt, param
from artneuro.registry import register

CHANNELS = (64, 64, 128, 128, 128, 256, 256, 256, 512, 512, 512)
STRIDES = (1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1)


@final
@register("morcos_cnn")
@define_spec
class MorcosCNN(Anatomy):
    """Eleven 3 x 3 convolutions with ReLU, then the mean of each feature map and a linear layer.

    Sites ``conv1`` to ``conv11``. The paper tells widths, strides and kernel, and not how the network ends: global
    average pooling and one linear layer is a decision made here, as are padding by one pixel and the initialisation:
    torch's default shrinks the signal sixfold in variance at every layer, so that without batch norm a new network
    answers all stimuli almost alike, and its lower layers get almost no gradient; He's keeps the signal, so that
    networks with and without batch norm can be compared.

    Examples
    --------
    >>> model = MorcosCNN(width=0.5).build((3, 32, 32), classes=10)
    >>> [layer.out_channels for layer in model if isinstance(layer, nn.Conv2d)]
    [32, 32, 64, 64, 64, 128, 128, 128, 256, 256, 256]
    """

    width: float = param(1.0, doc="factor on the number of feature maps of every layer", check=gt(0))
    batch_norm: bool = param(True, doc="batch norm before each ReLU, in place of the bias")
    dropout: float = param(0.0, doc="probability of dropping an activity, after each ReLU", check=between(0, 1))
    initialisation: Literal["he", "torch"] = param(
        "he", doc="weights normal with variance 2 / fan-in and no bias (He et al. 2015), or torch's default"
    )

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model."""
        layers: Layers = {}
        inputs = shape[0]
        for number, (channels, stride) in enumerate(zip(CHANNELS, STRIDES, strict=True), start=1):
            outputs = scaled(channels, self.width)
            layers |= convolution(
                f"conv{number}",
                inputs,
                outputs,
                stride=stride,
                batch_norm=self.batch_norm,
                dropout=self.dropout,
            )
            inputs = outputs
        end = {"average": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten(), "output": nn.Linear(inputs, classes)}
        model = sequential({**layers, **end})
        if self.initialisation == "he":
            for layer in model:
                if isinstance(layer, nn.Conv2d | nn.Linear):
                    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                    if layer.bias is not None:
                        nn.init.zeros_(layer.bias)
        return model

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the outputs of the ReLUs."""
        return active_sites(model)
