"""ResNet-18 for small images."""

from typing import final

from torch import Tensor, nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.layers import scaled
from artneuro.fields import between, define_spec, gt, param
from artneuro.registry import register

CHANNELS = (64, 128, 256, 512)


class _Plain(nn.Module):
    """A basic residual block with the parameters of torchvision's, whose two ReLUs are modules of their own.

    Torchvision's ``BasicBlock`` calls one in-place ReLU twice, so its output cannot be told apart by name.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.dropout = _dropout(dropout)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu2 = nn.ReLU()
        self.downsample: nn.Module = nn.Identity()
        if stride > 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        inner = self.dropout(self.relu1(self.bn1(self.conv1(x))))
        activity: Tensor = self.relu2(self.bn2(self.conv2(inner)) + self.downsample(x))
        return activity


class _PreActivation(nn.Module):
    """A residual block that normalises and rectifies before each convolution; its output is the bare sum.

    Where the image is halved, the skip starts after the first ReLU.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.relu1 = nn.ReLU()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu2 = nn.ReLU()
        self.dropout = _dropout(dropout)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.halves = stride > 1
        self.downsample: nn.Module = nn.Identity()
        if self.halves:
            self.downsample = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        before = self.relu1(self.bn1(x))
        inner = self.dropout(self.relu2(self.bn2(self.conv1(before))))
        total: Tensor = self.conv2(inner) + self.downsample(before if self.halves else x)
        return total


class _ResNet(nn.Module):
    """The whole network; names of modules and initial weights as torchvision has them."""

    def __init__(
        self, block: type[_Plain] | type[_PreActivation], inputs: int, classes: int, width: float, dropout: float
    ) -> None:
        super().__init__()
        widths = [scaled(channels, width) for channels in CHANNELS]
        self.conv1 = nn.Conv2d(inputs, widths[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.relu = nn.ReLU()
        layers = []
        for place, outputs in enumerate(widths):
            first = block(widths[max(place - 1, 0)], outputs, 2 if place else 1, dropout)
            layers.append(nn.Sequential(first, block(outputs, outputs, 1, dropout)))
        self.layer1, self.layer2, self.layer3, self.layer4 = layers
        self.avgpool, self.flatten = nn.AdaptiveAvgPool2d(1), nn.Flatten()
        self.fc = nn.Linear(widths[-1], classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        logits: Tensor = self.fc(self.flatten(self.avgpool(x)))
        return logits


def _dropout(rate: float) -> nn.Module:
    return nn.Dropout(rate) if rate > 0 else nn.Identity()


@final
@register("resnet18")
@define_spec
class ResNet18(Anatomy):
    """ResNet-18 with a stem for small images: 3 x 3, stride 1, no max-pooling. Two blocks each of 64 to 512 maps.

    plain
        Torchvision's (He et al. 2016, arXiv 1512.03385) but for the stem. Sites, after their ReLU: ``stem``; and for
        each of the eight residual blocks ``block1_inner`` (between its two convolutions) and ``block1`` (its output,
        the sum with the skip connection), and so on.
    pre-activation
        Batch norm and ReLU come before each convolution (He et al. 2016, arXiv 1603.05027), in the layout of the code
        that Kleinman et al. (2022, arXiv 2210.04643) study critical periods with: the stem keeps its own, and the last
        sum goes to the average as it is. The blocks' outputs are sums without a nonlinearity, so the sites are
        ``stem``, and for each block ``block1_outer`` (its first ReLU, that of its input) and ``block1_inner``.

    Convolutions are initialised as torchvision's: Kaiming normal, fan out. Batch norm belongs to it: without, its sums
    explode.

    Examples
    --------
    >>> anatomy = ResNet18()
    >>> model = anatomy.build((3, 32, 32), classes=10)
    >>> list(anatomy.sites(model))[:5]
    ['stem', 'block1_inner', 'block1', 'block2_inner', 'block2']
    """

    pre_activation: bool = param(False, doc="batch norm and ReLU before each convolution of a block, not after")
    width: float = param(1.0, doc="factor on the number of feature maps of every layer", check=gt(0))
    dropout: float = param(
        0.0,
        doc="probability of dropping an activity between the two convolutions of a block, as in wide ResNets "
        "(Zagoruyko and Komodakis 2016)",
        check=between(0, 1),
    )

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model."""
        block = _PreActivation if self.pre_activation else _Plain
        return _ResNet(block, shape[0], classes, self.width, self.dropout)

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the outputs of the ReLUs."""
        blocks = [name for name, module in model.named_modules() if isinstance(module, (_Plain, _PreActivation))]
        sites = {"stem": "relu"}
        for number, name in enumerate(blocks, start=1):
            if self.pre_activation:
                sites |= {f"block{number}_outer": f"{name}.relu1", f"block{number}_inner": f"{name}.relu2"}
            else:
                sites |= {f"block{number}_inner": f"{name}.relu1", f"block{number}": f"{name}.relu2"}
        return sites
