"""Programs give what their function gives."""

import pytest
import torch
from torch import nn

from artneuro.rearing.program import Program


def gradient(network):
    """A function of weights and stimuli: loss and gradients."""
    names = [name for name, _ in network.named_parameters()]

    def loss(*given):
        with torch.enable_grad():
            weights = [tensor.detach().requires_grad_() for tensor in given[:-1]]
            answer = torch.func.functional_call(network, dict(zip(names, weights, strict=True)), (given[-1],))
            total = answer.square().mean()
            return total.detach(), *torch.autograd.grad(total, weights)

    return loss


NETWORKS = {
    "linear": lambda: nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 4)),
    "convolution": lambda: nn.Sequential(
        nn.Unflatten(1, (1, 2, 3)), nn.Conv2d(1, 3, 2), nn.BatchNorm2d(3), nn.ReLU(inplace=True), nn.MaxPool2d((1, 2))
    ),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_it_gives_the_same_bits_by_its_operations_alone(kind):
    torch.manual_seed(0)
    network = NETWORKS[kind]()
    function = gradient(network)
    called = []

    def counted(*given):
        called.append(1)
        return function(*given)

    program = Program(counted)
    weights = [parameter.detach().clone() for parameter in network.parameters()]
    for batch in torch.randn(5, 7, 6):
        expected = function(*weights, batch)
        assert all(map(torch.equal, program(*weights, batch), expected))
    assert program.flat
    assert len(called) == 2


def test_given_tensors_may_be_changed_in_place_between_calls():
    program = Program(lambda tensor: (tensor * 2,))
    tensor = torch.zeros(2)
    for _ in range(4):
        tensor += 1
        assert torch.equal(program(tensor)[0], 2 * tensor)


def test_a_function_that_looks_at_values_goes_on_being_called():
    program = Program(lambda tensor: (tensor + 1 if tensor.sum() > 0 else tensor - 1,))
    outcomes = [program(torch.tensor([float(sign)]))[0].item() for sign in (1, 1, 1, -1)]
    assert outcomes == [2, 2, 2, -2]
    assert not program.flat


def test_a_function_that_hides_what_it_does_is_found_out():
    program = Program(lambda tensor: (torch.as_tensor(tensor.numpy() * 2),))  # not torch's operation
    assert [program(torch.tensor([float(number)]))[0].item() for number in range(4)] == [0, 2, 4, 6]
    assert not program.flat


def test_what_it_was_made_with_is_kept():
    constant = torch.tensor([3.0])
    program = Program(lambda tensor: (tensor * constant, tensor.clone().add_(constant)))
    for number in range(4):
        product, total = program(torch.tensor([float(number)]))
        assert (product.item(), total.item()) == (3 * number, 3 + number)
    assert program.flat


def test_not_a_number_is_no_reason_to_distrust_it():
    program = Program(lambda tensor: (tensor / tensor,))
    for _ in range(3):
        assert program(torch.zeros(1))[0].isnan()
    assert program.flat
