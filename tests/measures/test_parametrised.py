import contextlib

import pytest
import torch
from torch import nn

from artneuro.errors import SpecificationError
from artneuro.measures.parametrised import evaluating, laid_out, parameters_by_layer


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(2))
        self.first, self.second = nn.Linear(2, 2), nn.Linear(2, 2)
        self.second.weight = self.first.weight


def test_a_shared_weight_belongs_to_the_first_and_a_network_may_own_weights():
    found = parameters_by_layer(Tied())
    assert found == {"": ("gain",), "first": ("first.weight", "first.bias"), "second": ("second.bias",)}


def test_layers_are_kept_in_the_order_of_the_network():
    assert list(parameters_by_layer(Tied(), ["second", "first"])) == ["first", "second"]


@pytest.mark.parametrize(
    ("layers", "says"), [(["frist"], "came 'frist'. Did you mean \"first\""), ([], "came none. There are: , first")]
)
def test_wrong_layers_are_refused(layers, says):
    with pytest.raises(SpecificationError, match=says):
        parameters_by_layer(Tied(), layers)


def test_a_network_without_weights_is_refused():
    with pytest.raises(SpecificationError, match="required a network with weights"):
        parameters_by_layer(nn.ReLU())


def test_evaluation_ends_with_the_block_whatever_happens():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout())
    model[1].eval()
    with contextlib.suppress(ZeroDivisionError), evaluating(model) as weights:
        assert not any(module.training for module in model.modules())
        (weights["0.weight"].sum() * 2).backward()
        raise ZeroDivisionError
    assert [module.training for module in model] == [True, False, True]
    assert model[0].weight.grad is None


def test_weights_of_a_frozen_network_are_leaves_too():
    model = nn.Linear(2, 2).requires_grad_(False)
    with evaluating(model) as weights:
        assert all(weight.requires_grad and weight.is_leaf for weight in weights.values())
    assert not model.weight.requires_grad


def test_batch_norm_without_statistics_is_refused_by_name():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2, track_running_stats=False))
    required = r"^1: required batch norm with running statistics.*own\."
    with pytest.raises(SpecificationError, match=required), evaluating(model):
        pass
    assert model.training


def test_only_images_and_kernels_are_laid_out():
    assert laid_out(torch.zeros(2, 3, 4, 4)).is_contiguous(memory_format=torch.channels_last)
    flat = torch.zeros(2, 3)
    assert laid_out(flat) is flat
