"""What the tests of rearing share: small environments, and an ordinary training loop of one network, written apart."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from artneuro.anatomy import anatomy
from artneuro.environment import environment
from artneuro.environment.environment import Environment
from artneuro.subject import Subject


@pytest.fixture(scope="session")
def digits():
    return environment("digits")


@pytest.fixture(scope="session")
def few():
    """70 train and 30 test images of 8 x 8 pixels, three classes: enough for a handful of updates."""
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, size=(100, 3, 8, 8), dtype=np.uint8)
    targets = draw.integers(0, 3, size=100)
    return Environment.from_arrays(images[:70], targets[:70], images[70:], targets[70:])


@pytest.fixture
def naive(few):
    """Make naive subjects: `naive("mlp", seeds, widths=(8,))`."""

    def make(name, seeds=(0,), arm="naive", place=few, **parameters):
        return [Subject.naive(anatomy(name, **parameters), place, seed, arm) for seed in seeds]

    return make


@pytest.fixture
def ordinary():
    """Train one network as one does with torch, with one thread, on the same stimuli in the same order."""

    def train(subject, epochs, batch, optimizer, channels_last=False, bfloat16=False, smoothing=0.0, rates=None):
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return _train(subject, epochs, batch, optimizer, channels_last, bfloat16, smoothing, rates)
        finally:
            torch.set_num_threads(before)

    return train


def _train(subject, epochs, batch, optimizer, channels_last, bfloat16, smoothing, rates):
    place = subject.environment
    model = subject.model().train()
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    steps = optimizer(model.parameters())
    for epoch in range(epochs):
        order = torch.randperm(len(place.train), generator=subject.stream.child("order", epoch).torch())
        for group in steps.param_groups:
            group["lr"] = group["lr"] if rates is None else rates[epoch]
        for chosen in order.split(batch):
            stimuli, targets = place.present(place.train.images[chosen]), place.train.targets[chosen]
            if channels_last:
                stimuli = stimuli.contiguous(memory_format=torch.channels_last)
            steps.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                loss = F.cross_entropy(model(stimuli), targets, label_smoothing=smoothing)
            loss.backward()
            steps.step()
    return {name: tensor.detach() for name, tensor in model.state_dict().items()}


@pytest.fixture
def same():
    """Tell whether two sets of weights are equal to the last bit."""

    def equal(some, others):
        assert some.keys() == others.keys()
        return all(torch.equal(tensor, others[name]) for name, tensor in some.items())

    return equal
