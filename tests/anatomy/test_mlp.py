import pytest
import torch
from torch.nn import functional as F

from artneuro.anatomy import MLP
from artneuro.errors import SpecificationError


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


def test_the_number_of_parameters_is_that_on_paper():
    # 784 * 128 + 128 + 128 * 128 + 128 + 128 * 10 + 10
    assert count(MLP().build((1, 28, 28), 10)) == 118_282
    # gain and shift in place of the 2 * 128 biases
    assert count(MLP(batch_norm=True).build((1, 28, 28), 10)) == 118_282 + 2 * 128


def test_it_is_linear_relu_linear(stimuli):
    model = MLP(widths=(5,)).build((1, 4, 4), 3)
    x = stimuli(6, 1, 4, 4)

    hidden = F.relu(x.flatten(1) @ model.hidden1.weight.T + model.hidden1.bias)
    expected = hidden @ model.output.weight.T + model.output.bias

    torch.testing.assert_close(model(x), expected)  # the sums run in another order than in the layers


def test_without_hidden_layers_it_is_linear_and_has_no_sites():
    anatomy = MLP(widths=())
    model = anatomy.build((1, 4, 4), 3)

    assert count(model) == 16 * 3 + 3
    assert anatomy.sites(model) == {}


@pytest.mark.parametrize(
    ("parameters", "words"),
    [({"widths": (8, 0)}, "each >= 1"), ({"dropout": 1.5}, "between 0 and 1"), ({"batch_norm": 1}, "true or false")],
)
def test_impossible_parameters_are_refused(parameters, words):
    with pytest.raises(SpecificationError, match=words):
        MLP(**parameters)
