"""Blocks give what whole tensors give."""

import pytest
import torch

from artneuro.rearing import update
from artneuro.rearing.optimizer import SGD, Adam
from artneuro.rearing.update import Update


@pytest.fixture
def stacked():
    """Two subjects' parameters: thin, odd, channels-last, and one larger than a block."""
    draw = torch.Generator().manual_seed(0)
    shapes = {"bias": (2, 3), "thin": (2, 5, 7), "conv": (2, 4, 3, 3, 3), "large": (2, 40, 20)}
    parameters = {name: torch.randn(shape, generator=draw) for name, shape in shapes.items()}
    conv = parameters["conv"]
    parameters["conv"] = conv.flatten(0, 1).contiguous(memory_format=torch.channels_last).view(conv.shape)
    return parameters


@pytest.mark.parametrize("block", [50, 333, 1 << 16])
@pytest.mark.parametrize("subjects", [1, 2])
@pytest.mark.parametrize("spec", [SGD(lr=0.1, momentum=0.9), Adam(lr=0.1)])
def test_updates_are_those_of_single_networks(monkeypatch, stacked, block, subjects, spec):
    monkeypatch.setattr(update, "BLOCK", block)
    stacked = {name: tensor[:subjects] for name, tensor in stacked.items()}
    ours = Update(stacked, spec)
    assert all(torch.equal(ours.parameters[name], tensor) for name, tensor in stacked.items())
    draw = torch.Generator().manual_seed(1)
    # gradients in the layout of the parameter, and in another
    gradients = [
        {
            name: torch.empty_like(tensor).copy_(torch.randn(tensor.shape, generator=draw))
            if step % 2
            else torch.randn(tensor.shape, generator=draw)
            for name, tensor in stacked.items()
        }
        for step in range(4)
    ]
    for given in gradients:
        ours.step(given, lr=0.05)
    theirs = torch.optim.SGD if isinstance(spec, SGD) else torch.optim.Adam
    more = {"momentum": 0.9} if isinstance(spec, SGD) else {}
    for place in range(subjects):
        alone = {name: tensor[place].clone().requires_grad_() for name, tensor in stacked.items()}
        reference = theirs(alone.values(), lr=0.05, **more)
        for given in gradients:
            for name, parameter in alone.items():
                parameter.grad = given[name][place]
            reference.step()
        for name, parameter in alone.items():
            assert torch.equal(ours.parameters[name][place], parameter.detach())
            for key, kept in ours.state[name].items():
                assert torch.equal(kept[place], reference.state[parameter][key])


def test_what_is_changed_in_place_takes_effect(stacked):
    ours = Update(stacked, SGD(lr=1.0, momentum=0.5))
    gradients = {name: torch.ones_like(tensor) for name, tensor in stacked.items()}
    ours.step(gradients, lr=1.0)
    ours.parameters["thin"][1] = 0.0
    ours.state["thin"]["momentum_buffer"][1] = 4.0
    ours.step(gradients, lr=1.0)
    assert (ours.parameters["thin"][1] == -3.0).all()  # 0 - (4 / 2 + 1)
    assert torch.equal(ours.parameters["thin"][0], stacked["thin"][0] - 1 - 1.5)


def test_each_subjects_part_is_aligned_and_keeps_its_memory_format(stacked):
    ours = Update(stacked, SGD(lr=1.0))
    for tensor in ours.parameters.values():
        assert all(own.data_ptr() % 64 == 0 for own in tensor)
    assert ours.parameters["conv"][1].is_contiguous(memory_format=torch.channels_last)
    assert ours.parameters["large"][1].is_contiguous()
