import pytest

from artneuro.anatomy.layers import active_sites, convolution, dense, require_side, scaled, sequential
from artneuro.errors import SpecificationError


@pytest.mark.parametrize("layer", [dense, convolution])
def test_a_layer_is_linear_norm_relu_dropout(layer):
    model = sequential(layer("a", 4, 3, batch_norm=True, dropout=0.5))

    assert [name for name, _ in model.named_children()] == ["a", "a_norm", "a_relu", "a_dropout"]
    assert active_sites(model) == {"a": "a_relu"}


@pytest.mark.parametrize("layer", [dense, convolution])
def test_options_that_are_off_leave_no_module(layer):
    assert list(layer("a", 4, 3)) == ["a", "a_relu"]


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_padding_keeps_the_size_of_the_image(kernel, stimuli):
    model = sequential(convolution("a", 2, 3, kernel=kernel))

    assert model(stimuli(1, 2, 6, 5)).shape == (1, 3, 6, 5)


def test_a_layer_keeps_at_least_one_feature_map():
    assert [scaled(64, width) for width in (1.0, 0.5, 0.001)] == [64, 32, 1]


def test_stimuli_of_the_least_size_pass():
    require_side((3, 8, 9), 8, "tran_cnn")
    with pytest.raises(SpecificationError, match="choose an anatomy with fewer poolings"):
        require_side((3, 9, 7), 8, "tran_cnn")
