"""Weights there and back."""

import pytest
import torch
from torch import nn

from artneuro.rearing.stacking import Layout, stack, unstack


class Odd(nn.Module):
    """A frozen weight, a shared one, saved and unsaved buffers."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.first, self.norm, self.frozen = nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 2)
        self.second = nn.Linear(2, 2)
        self.second.weight = self.first.weight
        self.frozen.requires_grad_(False)
        self.register_buffer("note", torch.ones(2), persistent=False)


@pytest.mark.parametrize("channels_last", [False, True])
def test_every_saved_weight_comes_back(channels_last):
    models = [Odd() for _ in range(3)]
    layout = Layout.of(models[0])
    saved = [{name: tensor.clone() for name, tensor in model.state_dict().items()} for model in models]
    trained, rest = stack(saved, layout, channels_last)
    for place, own in enumerate(saved):
        back = unstack(trained, rest, layout, place)
        assert list(back) == list(own)
        assert all(torch.equal(back[name], tensor) and back[name].is_contiguous() for name, tensor in own.items())
    assert trained["conv.weight"][1].is_contiguous(memory_format=torch.channels_last) == channels_last


def test_what_is_trained_and_what_is_not():
    layout = Layout.of(Odd())
    assert layout.trained == (
        "conv.weight",
        "conv.bias",
        "first.weight",
        "first.bias",
        "norm.weight",
        "norm.bias",
        "second.bias",
    )
    assert set(layout.rest) == {
        "frozen.weight",
        "frozen.bias",
        "norm.running_mean",
        "norm.running_var",
        "norm.num_batches_tracked",
        "note",
    }
    assert layout.owner["second.weight"] == "first.weight"


def test_what_comes_back_is_a_copy():
    model = Odd()
    layout = Layout.of(model)
    trained, rest = stack([dict(model.state_dict())], layout, False)
    back = unstack(trained, rest, layout, 0)
    trained["first.weight"].zero_()
    assert back["first.weight"].any()
