import pytest
from torch import nn

from artneuro.anatomy import TranCNN
from artneuro.errors import SpecificationError


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


def test_the_number_of_parameters_for_cifar10_is_the_authors():
    # convolutions 448 + 2,320 + 4,640 + 9,248 + 18,496 + 36,928; fully connected 256,250 + 2 * 62,750; last 2,500
    assert count(TranCNN().build((3, 32, 32), 10)) == 456_330


def test_the_layout_is_the_authors():
    model = TranCNN().build((3, 32, 32), 10)

    kinds = [type(layer).__name__ for layer in model]
    pair = ["Conv2d", "ReLU", "Conv2d", "ReLU", "MaxPool2d"]
    assert kinds == 3 * pair + ["Flatten"] + 3 * ["Linear", "ReLU"] + ["Linear"]
    convolutions = [
        (c.in_channels, c.out_channels, c.kernel_size, c.padding) for c in model if isinstance(c, nn.Conv2d)
    ]
    widths = [(3, 16), (16, 16), (16, 32), (32, 32), (32, 64), (64, 64)]
    assert convolutions == [(*width, (3, 3), (1, 1)) for width in widths]
    assert [(f.in_features, f.out_features) for f in model if isinstance(f, nn.Linear)] == [
        (1024, 250), (250, 250), (250, 250), (250, 10),
    ]  # fmt: skip
    assert model.output.bias is None


def test_the_sites_are_named_as_in_the_study():
    anatomy = TranCNN()
    expected = [f"conv{i}" for i in range(1, 7)] + ["hidden1", "hidden2", "hidden3"]

    assert list(anatomy.sites(anatomy.build((3, 32, 32), 10))) == expected


def test_other_images_change_the_first_fully_connected_layer_alone():
    model = TranCNN().build((1, 28, 28), 10)  # 28 -> 14 -> 7 -> 3

    assert (model.conv1.in_channels, model.hidden1.in_features) == (1, 64 * 3 * 3)


def test_images_that_pooling_leaves_nothing_of_are_refused():
    with pytest.raises(SpecificationError, match="at least 8 x 8 pixels; came 7 x 9"):
        TranCNN().build((1, 7, 9), 10)
