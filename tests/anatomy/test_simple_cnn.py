import pytest

from artneuro.anatomy import SimpleCNN
from artneuro.errors import SpecificationError


def test_the_number_of_parameters_is_that_on_paper():
    model = SimpleCNN().build((1, 28, 28), 10)  # 28 -> 14 -> 7

    # convolutions 160 + 4,640; fully connected 32 * 7 * 7 * 64 + 64; last 64 * 10 + 10
    assert sum(parameter.numel() for parameter in model.parameters()) == 160 + 4_640 + 100_416 + 650


def test_images_that_pooling_leaves_nothing_of_are_refused():
    with pytest.raises(SpecificationError, match="at least 4 x 4 pixels; came 3 x 3"):
        SimpleCNN().build((1, 3, 3), 10)
