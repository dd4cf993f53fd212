"""Layers of many subjects equal those of each alone, at any shape."""

import pytest
import torch
from torch import nn
from torch.func import functional_call, vmap

from artneuro.rearing.each import padded, use_each

SHAPES = [  # subjects, batch, inputs, hidden units, outputs: thin, odd and large ones
    (1, 1, 3, 1, 2), (2, 1, 10, 10, 10), (3, 29, 64, 5, 10), (5, 7, 64, 5, 10), (8, 29, 128, 1, 37), (2, 3, 10, 1, 10),
    (8, 60, 128, 10, 37), (4, 128, 100, 64, 10), (3, 16, 49, 33, 5), (2, 128, 784, 128, 10),
]  # fmt: skip


def room(tensors):
    """Stack tensors so that each is aligned as it would be alone, as `Update` does."""
    size = tensors[0].numel()
    stacked = torch.empty(len(tensors), padded(size), dtype=tensors[0].dtype)[:, :size].view(
        len(tensors), *tensors[0].shape
    )
    return stacked.copy_(torch.stack(tensors))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bfloat16", [False, True])
def test_gradients_are_those_of_single_networks(threads, shape, bias, bfloat16):
    subjects, batch, inputs, hidden, outputs = shape
    torch.manual_seed(0)

    def make():
        return nn.Sequential(nn.Linear(inputs, hidden, bias=bias), nn.ReLU(), nn.Linear(hidden, outputs, bias=bias))

    alone, together = [make() for _ in range(subjects)], make()
    use_each(together)
    stimuli, wanted = torch.randn(subjects, batch, inputs), torch.randn(subjects, batch, outputs)
    names = [name for name, _ in together.named_parameters()]
    weights = {name: room([net.get_parameter(name).detach() for net in alone]).requires_grad_() for name in names}

    def loss(weights, stimuli, wanted):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            return (functional_call(together, weights, (stimuli,)).float() * wanted).sum()

    with threads(1):
        found = torch.autograd.grad(vmap(loss)(weights, stimuli, wanted).sum(), list(weights.values()))
        for place, network in enumerate(alone):
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                answer = network(stimuli[place].clone())
            (answer.float() * wanted[place]).sum().backward()
            for name, gradient in zip(names, found, strict=True):
                assert torch.equal(gradient[place], network.get_parameter(name).grad)


def test_stimuli_may_be_shared_and_have_more_dims():
    network = nn.Linear(4, 3)
    use_each(network)
    stimuli = torch.randn(5, 2, 4)
    weights = {name: torch.stack([parameter.detach()] * 3) for name, parameter in network.named_parameters()}
    answers = vmap(lambda own: functional_call(network, own, (stimuli,)))(weights)
    expected = nn.functional.linear(stimuli, network.weight, network.bias)
    assert answers.shape == (3, 5, 2, 3)
    torch.testing.assert_close(answers, expected.expand(3, -1, -1, -1))


@pytest.mark.parametrize("nonlinearity", [nn.SiLU, nn.GELU, nn.Tanh])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nonlinearities_are_those_of_single_networks(threads, nonlinearity, dtype):
    """Shapes whose entries leave a rest for the kernel that takes the last few."""
    for subjects, batch, units in ((1, 1, 3), (5, 7, 5), (3, 100, 21), (4, 13, 11)):
        torch.manual_seed(units)
        layer = nonlinearity()
        use_each(layer)
        stimuli = room([3 * torch.randn(batch, units, dtype=dtype) for _ in range(subjects)]).requires_grad_()
        wanted = torch.randn(subjects, batch, units, dtype=dtype)
        with threads(1):
            answers = vmap(layer)(stimuli)
            (found,) = torch.autograd.grad((answers * wanted).sum(), stimuli)
            for place in range(subjects):
                own = stimuli[place].detach().clone().requires_grad_()
                answer = nonlinearity()(own)
                (answer * wanted[place]).sum().backward()
                assert torch.equal(answers[place], answer)
                assert torch.equal(found[place], own.grad)
