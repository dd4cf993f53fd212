import copy

import pytest
import torch
from torch import nn

from artneuro.errors import SpecificationError
from artneuro.measures.gradients import gradient_statistics


@pytest.fixture
def lesson():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 3)).double()
    stimuli = torch.randn(43, 5, dtype=torch.float64)
    model(stimuli)
    return model, stimuli, torch.arange(43) % 3


def test_by_the_definition_layer_by_layer(lesson):
    model, stimuli, targets = lesson
    found = gradient_statistics(model, stimuli, targets, batch=10)
    model.eval()
    taken = {name: [] for name, _ in model.named_parameters()}
    for first in range(0, 40, 10):  # the last three stimuli make no mini-batch
        block = slice(first, first + 10)
        loss = nn.functional.cross_entropy(model(stimuli[block]), targets[block])
        for name, gradient in zip(taken, torch.autograd.grad(loss, list(model.parameters())), strict=True):
            taken[name].append(gradient.flatten())
    assert found.layers == ("0", "1", "3")
    assert found.batches == 4
    for place, layer in enumerate(found.layers):
        gradients = torch.cat([torch.stack(taken[f"{layer}.{one}"]) for one in ("weight", "bias")], dim=1)
        torch.testing.assert_close(found.mean[place], gradients.mean(0).norm())
        torch.testing.assert_close(found.deviation[place], gradients.std(0).norm())
    torch.testing.assert_close(found.log_mean.exp(), found.mean)
    torch.testing.assert_close(found.log_deviation.exp(), found.deviation)


def test_equal_mini_batches_do_not_differ(lesson):
    model, stimuli, targets = lesson
    twice = gradient_statistics(model, stimuli[:10].repeat(2, 1), targets[:10].repeat(2), batch=10)
    assert (twice.deviation == 0).all()
    assert (twice.mean > 0).all()


def test_the_network_is_left_as_it_was(lesson):
    model, stimuli, targets = lesson
    before = copy.deepcopy(model.state_dict())
    gradient_statistics(model, stimuli, targets, batch=10)
    assert model.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())


def test_a_layer_that_is_not_used_has_no_gradient(lesson):
    model, stimuli, targets = lesson
    model[1].spare = nn.Linear(2, 2)
    found = gradient_statistics(model, stimuli, targets, batch=10, layers=["1.spare"])
    assert found.mean.tolist() == found.deviation.tolist() == [0.0]


@pytest.mark.parametrize("batch", [0, 22])
def test_fewer_than_two_mini_batches_are_refused(lesson, batch):
    with pytest.raises(SpecificationError, match="batch: required two mini-batches or more; came 43 stimuli"):
        gradient_statistics(*lesson, batch=batch)


def test_wrong_targets_are_refused(lesson):
    model, stimuli, targets = lesson
    with pytest.raises(SpecificationError, match="targets: required 43, one a stimulus"):
        gradient_statistics(model, stimuli, targets[1:], batch=10)
