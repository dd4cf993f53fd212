"""What is refused before anything is computed."""

import pytest
import torch
from torch import nn

from artneuro.anatomy import anatomy_of
from artneuro.errors import SpecificationError
from artneuro.rearing import Dropout, Rearing, Window
from artneuro.rearing.rear import rear
from artneuro.subject import Subject


class Noisy(nn.Module):
    """Draws numbers of its own."""

    def __init__(self, shape, classes):
        super().__init__()
        self.layer = nn.Linear(192, classes)

    def forward(self, stimuli):
        activity = stimuli.flatten(1)
        return self.layer(activity + torch.randn_like(activity) if self.training else activity)


class Shared(nn.Module):
    """Uses one module twice."""

    def __init__(self, shape, classes):
        super().__init__()
        self.first, self.relu, self.second = nn.Linear(192, 4), nn.ReLU(), nn.Linear(4, classes)

    def forward(self, stimuli):
        return self.relu(self.second(self.relu(self.first(stimuli.flatten(1)))))


def test_randomness_of_the_networks_own_is_refused(few):
    subject = Subject.naive(anatomy_of(Noisy, sites={"layer": "layer"}), few, seed=0)
    before = torch.get_rng_state()
    with pytest.raises(SpecificationError, match=r"without randomness of its own.*Use torch's nn.Dropout layers"):
        rear(subject, few, Rearing(epochs=1))
    assert torch.equal(before, torch.get_rng_state())


def test_a_last_batch_too_small_for_batch_norm_is_refused(naive, few):
    (subject,) = naive("mlp", widths=(4,), batch_norm=True)
    with pytest.raises(SpecificationError, match=r"70 stimuli in batches of 23 leave one of 1: choose another batch"):
        rear(subject, few, Rearing(epochs=1, batch=23))
    assert rear(subject, few, Rearing(epochs=1, batch=24)).age == 1


def test_a_site_that_is_ambiguous_is_refused(few):
    subject = Subject.naive(anatomy_of(Shared, sites={"relu": "relu"}), few, seed=0)
    with pytest.raises(SpecificationError, match="called 2 times"):
        rear(subject, few, Rearing(epochs=1), [Dropout(rate=0.5)])


class Frozen(nn.Sequential):
    """Nothing to train."""

    def __init__(self, shape, classes):
        super().__init__(nn.Flatten(), nn.Linear(192, classes).requires_grad_(False))


def test_a_network_with_nothing_to_train_is_refused(few):
    subject = Subject.naive(anatomy_of(Frozen, sites={"output": "1"}), few, seed=0)
    with pytest.raises(SpecificationError, match="weights to train, in float32; came nothing to train"):
        rear(subject, few, Rearing(epochs=1))


def test_a_window_that_opens_after_the_rearing_is_refused(naive, few):
    (subject,) = naive("mlp", widths=(4,))
    late = Dropout(rate=0.5, window=Window(onset=2))
    with pytest.raises(
        SpecificationError,
        match=r"interventions\[1\].Dropout.window.onset: required an epoch before the rearing ends, at 2; came 2. "
        "It would never act: choose an earlier onset",
    ):
        rear(subject, few, Rearing(epochs=2), [Dropout(rate=0.5), late])


def test_windows_count_from_birth(naive, few):
    (subject,) = naive("mlp", widths=(4,))
    adult = rear(subject, few, Rearing(epochs=2))
    assert rear(adult, few, Rearing(epochs=1), [Dropout(rate=0.5, window=Window(onset=2))]).age == 3


def test_a_rearing_of_no_epochs_refuses_nothing_that_begins_at_once(naive, few):
    (subject,) = naive("mlp", widths=(4,))
    assert rear(subject, few, Rearing(epochs=0), [Dropout(rate=0.5)]).age == 0
