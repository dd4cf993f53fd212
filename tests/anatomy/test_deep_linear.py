import pytest
import torch

from artneuro.anatomy import DeepLinear


def product(model):
    """The matrix that the network is."""
    matrix = torch.eye(next(model.parameters()).shape[1])
    for weight in model.parameters():
        matrix = weight @ matrix
    return matrix


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_the_network_is_the_product_of_its_matrices(depth, stimuli):
    model = DeepLinear(depth=depth, width=9, scale=1.0).build((1, 2, 4), 3)
    x = stimuli(5, 1, 2, 4)

    assert len(list(model.parameters())) == depth
    assert torch.allclose(model(x), x.flatten(1) @ product(model).T, atol=1e-5)  # float32 sums of order 1


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_the_product_is_of_the_same_size_whatever_the_depth(depth):
    norm = product(DeepLinear(depth=depth).build((1, 1, 100), 100)).norm().item()

    # its square has mean scale^2 * n and, of 10,000 weights a layer, a standard error of about a tenth at depth 5
    assert norm == pytest.approx(1e-3 * 100**0.5, rel=0.2)


def test_weights_are_gaussian_of_the_scale():
    first, second = DeepLinear(depth=2, width=400, scale=0.01).build((1, 10, 10), 7).parameters()

    # 40,000 and 2,800 draws: the standard deviation is known to 1.5 %
    assert first.std().item() == pytest.approx(0.1 / 10, rel=0.06)
    assert second.std().item() == pytest.approx(0.1 / 20, rel=0.06)


def test_hidden_layers_are_sites():
    anatomy = DeepLinear(depth=3, width=5)

    assert anatomy.sites(anatomy.build((1, 8, 8), 10)) == {"hidden1": "hidden1", "hidden2": "hidden2"}
    assert DeepLinear(depth=1).sites(DeepLinear(depth=1).build((1, 8, 8), 10)) == {}
