"""ResNet-18 for small images."""

from functools import partial
from typing import Any, final

from torch import Tensor, nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.fields import between, define_spec, param
from artneuro.registry import register


class _Block(nn.Module):
    """A basic residual block with the parameters of torchvision's, whose two ReLUs are modules of their own.

    Torchvision's ``BasicBlock`` calls one in-place ReLU twice, so its output cannot be told apart by name.
    """

    expansion = 1

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Any = nn.BatchNorm2d,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn1 = norm_layer(planes)
        self.relu1 = nn.ReLU()
        self.dropout = nn.Dropout(dropout) if dropout > 0 else nn.Identity()
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = norm_layer(planes)
        self.relu2 = nn.ReLU()
        self.downsample = downsample if downsample is not None else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        inner = self.dropout(self.relu1(self.bn1(self.conv1(x))))
        activity: Tensor = self.relu2(self.bn2(self.conv2(inner)) + self.downsample(x))
        return activity


@final
@register("resnet18")
@define_spec
class ResNet18(Anatomy):
    """Torchvision's ResNet-18 (He et al. 2016) with a stem for small images: 3 x 3, stride 1, no max-pooling.

    Sites, after their ReLU: ``stem``; and for each of the eight residual blocks ``block1_inner`` (between its two
    convolutions) and ``block1`` (its output, the sum with the skip connection), and so on. Initialised as
    torchvision's: Kaiming normal, fan out. Batch norm belongs to it: without, its sums explode.

    Examples
    --------
    >>> anatomy = ResNet18()
    >>> model = anatomy.build((3, 32, 32), classes=10)
    >>> list(anatomy.sites(model))[:5]
    ['stem', 'block1_inner', 'block1', 'block2_inner', 'block2']
    """

    dropout: float = param(
        0.0,
        doc="probability of dropping an activity between the two convolutions of a block, as in wide ResNets "
        "(Zagoruyko and Komodakis 2016)",
        check=between(0, 1),
    )

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model."""
        from artneuro._torchvision import torchvision  # here, because importing it takes a second that few need

        block = partial(_Block, dropout=self.dropout)
        block.expansion = _Block.expansion  # type: ignore[attr-defined]  # torchvision reads it from the class
        model: nn.Module = torchvision.models.ResNet(block, [2, 2, 2, 2], num_classes=classes)
        stem = nn.Conv2d(shape[0], 64, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(stem.weight, mode="fan_out", nonlinearity="relu")
        model.conv1, model.relu, model.maxpool = stem, nn.ReLU(), nn.Identity()
        return model

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the outputs of the ReLUs."""
        blocks = [name for name, module in model.named_modules() if isinstance(module, _Block)]
        sites = {"stem": "relu"}
        for number, name in enumerate(blocks, start=1):
            sites |= {f"block{number}_inner": f"{name}.relu1", f"block{number}": f"{name}.relu2"}
        return sites
