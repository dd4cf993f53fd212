import pytest
from torch import nn

from artneuro.anatomy import AllCNN

ACHILLE = [96, 96, 192, 192, 192, 192, 192, 192, 10]
SPRINGENBERG = [96, 96, 96, 192, 192, 192, 192, 192, 10]


@pytest.mark.parametrize(("order", "widths"), [("achille", ACHILLE), ("springenberg", SPRINGENBERG)])
def test_the_layout_is_that_of_the_paper(order, widths):
    layers = [layer for layer in AllCNN(order=order).build((3, 32, 32), 10) if isinstance(layer, nn.Conv2d)]

    assert [layer.out_channels for layer in layers] == widths
    assert [layer.stride[0] for layer in layers] == [1, 1, 2, 1, 1, 2, 1, 1, 1]
    assert [layer.kernel_size[0] for layer in layers] == [3, 3, 3, 3, 3, 3, 3, 1, 1]


def test_the_connections_for_cifar10_are_1617_thousand():
    layers = [layer for layer in AllCNN().build((3, 32, 32), 10) if isinstance(layer, nn.Conv2d)]

    # 27*96 + 864*96 + 864*192 + 4 * 1728*192 + 192*192 + 192*10
    assert sum(layer.weight.numel() for layer in layers) == 1_617_312


def test_a_quarter_of_the_width():
    layers = [layer for layer in AllCNN(width=0.25).build((3, 32, 32), 10) if isinstance(layer, nn.Conv2d)]

    assert [layer.out_channels for layer in layers] == [24, 24, 48, 48, 48, 48, 48, 48, 10]


def test_logits_can_be_negative(stimuli):
    assert AllCNN(width=0.25).build((1, 8, 8), 10).eval()(stimuli(8, 1, 8, 8)).min() < 0


def test_dropout_follows_the_strided_layers():
    names = [name for name, layer in AllCNN(dropout=0.5).build((3, 32, 32), 10).named_children()
             if isinstance(layer, nn.Dropout)]  # fmt: skip

    assert names == ["conv3_dropout", "conv6_dropout"]
