import pytest
from torch import nn

from artneuro.anatomy import DepthCNN


def convolutions(**parameters):
    return [layer for layer in DepthCNN(**parameters).build((3, 32, 32), 10) if isinstance(layer, nn.Conv2d)]


@pytest.mark.parametrize(
    ("stages", "maps", "strides"),
    [
        (0, [96, 96, 96, 10], [1, 1, 1, 1]),
        (1, [96, 96, 192, 192, 192, 10], [1, 1, 2, 1, 1, 1]),
        (3, [96, 96, 192, 192, 384, 384, 768, 768, 768, 10], [1, 1, 2, 1, 2, 1, 2, 1, 1, 1]),
    ],
)
def test_the_layout_is_that_of_the_family(stages, maps, strides):
    layers = convolutions(stages=stages)

    assert [layer.out_channels for layer in layers] == maps
    assert [layer.stride[0] for layer in layers] == strides
    assert [layer.kernel_size[0] for layer in layers] == [3] * (len(maps) - 2) + [1, 1]


def test_a_quarter_of_the_width():
    assert [layer.out_channels for layer in convolutions(stages=1, width=0.25)] == [24, 24, 48, 48, 48, 10]


def test_every_hidden_layer_is_a_site():
    anatomy = DepthCNN(stages=2, width=0.1)

    assert list(anatomy.sites(anatomy.build((3, 32, 32), 10))) == [f"conv{number}" for number in range(1, 8)]
