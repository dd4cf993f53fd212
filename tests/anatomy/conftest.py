"""What the tests of anatomies share: small ones of every kind, and networks that have lived."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

from artneuro.anatomy import Anatomy, anatomy
from artneuro.seeds import Stream

SMALL = {
    "mlp": {"widths": (12, 9)},
    "mlp_norm_dropout": {"widths": (12, 9), "batch_norm": True, "dropout": 0.3},
    "tran_cnn": {"channels": (4, 5, 6), "widths": (11, 10, 9)},
    "tran_cnn_norm_dropout": {"channels": (4, 5, 6), "widths": (11, 10, 9), "batch_norm": True, "dropout": 0.3},
    "simple_cnn": {"channels": (4, 5), "hidden": 9},
    "simple_cnn_norm_dropout": {"channels": (4, 5), "hidden": 9, "batch_norm": True, "dropout": 0.3},
    "morcos_cnn": {"width": 0.1},
    "morcos_cnn_bare_dropout": {"width": 0.1, "batch_norm": False, "dropout": 0.3, "initialisation": "torch"},
    "all_cnn": {"width": 0.1},
    "all_cnn_bare_dropout": {"width": 0.1, "order": "springenberg", "batch_norm": False, "dropout": 0.3},
    "resnet18": {"width": 0.1},
    "resnet18_pre_activation_dropout": {"width": 0.1, "pre_activation": True, "dropout": 0.3},
    "achille_mlp": {"width": 0.005},
    "achille_mlp_bare_dropout": {"width": 0.005, "batch_norm": False, "dropout": 0.3},
    "depth_cnn": {"width": 0.1, "stages": 1},
    "depth_cnn_bare_dropout": {"width": 0.1, "stages": 1, "batch_norm": False, "dropout": 0.3},
    "deep_linear": {"width": 9, "scale": 1.0},
}
NAMES = (
    "achille_mlp",
    "deep_linear",
    "depth_cnn",
    "mlp",
    "tran_cnn",
    "simple_cnn",
    "morcos_cnn",
    "all_cnn",
    "resnet18",
)


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Give every test the same initial weights."""
    with Stream(0).initialising():
        yield


@pytest.fixture(params=sorted(SMALL))
def small_anatomy(request: pytest.FixtureRequest) -> Anatomy:
    """Every kind of anatomy, with and without its options, small."""
    name = max((name for name in NAMES if request.param.startswith(name)), key=len)
    return anatomy(name, **SMALL[request.param])


@pytest.fixture
def lived() -> Callable[[nn.Module], nn.Module]:
    """Give biases and batch norm other values than at birth; return the network in evaluation."""

    def live(model: nn.Module) -> nn.Module:
        generator = torch.Generator().manual_seed(0)
        for tensor in model.state_dict().values():
            if tensor.is_floating_point() and tensor.ndim == 1:  # biases, and all that batch norm has
                tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.1)
        return model.eval()

    return live


@pytest.fixture
def stimuli() -> Callable[..., Tensor]:
    """Return stimuli of a shape, the same for the same shape."""
    return lambda *shape: torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def sensitive(lived: Callable[[nn.Module], nn.Module]) -> Callable[[nn.Module], nn.Module]:
    """Make a network whose logits depend much on every layer: at birth, deep networks answer almost the same to all."""

    def sharpen(model: nn.Module) -> nn.Module:
        for name, tensor in lived(model).state_dict().items():
            if tensor.ndim > 1:
                tensor.mul_(3.0)
            elif name.endswith(("bias", "running_mean")):
                tensor.mul_(0.1)
        return model

    return sharpen


class Residual(nn.Module):
    """A small residual network for stimuli of 3 channels, whose skip passes by the site ``relu1``."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.relu0 = nn.Conv2d(3, 5, 3, padding=1), nn.ReLU()
        self.conv1, self.relu1 = nn.Conv2d(5, 6, 3, padding=1), nn.ReLU()
        self.conv2, self.relu2 = nn.Conv2d(6, 5, 3, padding=1), nn.ReLU(inplace=True)
        self.head = nn.Linear(5, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu0(self.stem(x))
        logits: Tensor = self.head(self.relu2(self.conv2(self.relu1(self.conv1(x))) + x).mean(dim=(2, 3)))
        return logits


@pytest.fixture
def residual() -> nn.Module:
    """Return a small residual network."""
    return Residual()
