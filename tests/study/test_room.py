import pytest
import torch
from torch import nn

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.study import room
from artneuro.study.room import require_room


@pytest.fixture(scope="module")
def stimuli():
    return an.environment("one_hot", n=4)


def test_weights_are_counted_before_they_are_made(stimuli, monkeypatch):
    """64 units: 4 * 64 + 64 weights and biases to them, 64 * 4 + 4 from them, of four bytes each."""
    size = 4 * (4 * 64 + 64 + 64 * 4 + 4)
    monkeypatch.setattr(room, "SHARE", 1.0)
    monkeypatch.setattr(room, "machine_bytes", lambda device: size)
    require_room(an.anatomy("mlp", widths=(64,)), stimuli)
    monkeypatch.setattr(room, "machine_bytes", lambda device: size - 1)
    with pytest.raises(SpecificationError, match="weights that fit into the memory"):
        require_room(an.anatomy("mlp", widths=(64,)), stimuli)


def test_what_is_built_afterwards_is_not_counted_and_has_weights(stimuli, monkeypatch):
    require_room(an.anatomy("mlp", widths=(64,)), stimuli)
    monkeypatch.setattr(room, "MOST", 0)
    assert nn.Sequential(nn.Linear(2, 2))[0].weight.device == torch.device("cpu")


def test_a_network_of_more_parts_than_any_is_refused(stimuli, monkeypatch):
    monkeypatch.setattr(room, "MOST", 3)
    with pytest.raises(SpecificationError, match="a network of at most 3"):
        require_room(an.anatomy("mlp", widths=(2,) * 5), stimuli)
