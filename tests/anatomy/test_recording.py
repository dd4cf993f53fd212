import pytest
import torch
from torch import nn

from artneuro.anatomy.recording import hooked, record_activity
from artneuro.errors import SpecificationError


class Twice(nn.Module):
    """One ReLU in two places, as in torchvision's residual blocks; one module that is never called."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.relu, self.unused = nn.Linear(3, 3), nn.Linear(3, 3), nn.ReLU(), nn.ReLU()

    def forward(self, x):
        return self.relu(self.fc2(self.relu(self.fc1(x))))


class Pair(nn.Module):
    def forward(self, x):
        return x, x


def test_what_is_recorded_is_what_the_module_gave(stimuli):
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    x = stimuli(5, 3)

    activity = record_activity(model, {"late": "1", "early": "0"}, x)

    assert list(activity) == ["late", "early"]
    assert torch.equal(activity["early"], model[0](x))
    assert torch.equal(activity["late"], torch.tanh(model[0](x)))


def test_an_in_place_relu_does_not_overwrite_what_was_recorded(stimuli):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True))
    x = stimuli(5, 3)

    with torch.no_grad():
        activity = record_activity(model, {"before": "0", "after": "1"}, x)

        assert torch.equal(activity["before"], model[0](x))
        assert activity["before"].min() < 0
        assert torch.equal(activity["after"], activity["before"].clamp(min=0))


def test_two_names_of_one_module_are_two_sites(stimuli):
    model = nn.Sequential(nn.ReLU())

    assert list(record_activity(model, {"a": "0", "b": "0"}, stimuli(2, 3))) == ["a", "b"]


def test_recording_leaves_no_hooks_behind(stimuli):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    record_activity(model, {"relu": "1"}, stimuli(2, 3))
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        record_activity(model, {"relu": "1"}, stimuli(2, 5))

    assert [len(module._forward_hooks) for module in model.modules()] == [0, 0, 0]


def test_the_memory_format_stays(stimuli):
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).to(memory_format=torch.channels_last)
    x = stimuli(2, 3, 6, 6).to(memory_format=torch.channels_last)

    assert record_activity(model, {"relu": "1"}, x)["relu"].is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("relu", "called 2 times. Give each use its own module"),
        ("unused", "called 0 times. Name a module that `forward` calls"),
        ("relo", 'Did you mean "relu"'),
    ],
)
def test_a_module_whose_output_is_ambiguous_is_refused(module, words, stimuli):
    with pytest.raises(SpecificationError, match=words):
        record_activity(Twice(), {"site": module}, stimuli(2, 3))


def test_a_module_that_gives_more_than_a_tensor_is_refused(stimuli):
    class First(nn.Module):
        def __init__(self):
            super().__init__()
            self.pair = Pair()

        def forward(self, x):
            return self.pair(x)[0]

    with pytest.raises(SpecificationError, match=r"returns one tensor \(pair\); came tuple"):
        record_activity(First(), {"site": "pair"}, stimuli(2, 3))


def test_hooks_substitute_within_the_block_only(stimuli):
    model = nn.Sequential(nn.Identity())
    x = stimuli(2, 3)

    with hooked(model, {"0": lambda *_: torch.zeros(1)}):
        assert torch.equal(model(x), torch.zeros(1))
    assert torch.equal(model(x), x)
