"""What the tests of rearing share: small environments, and an ordinary training loop of one network, written apart."""

from contextlib import contextmanager, nullcontext

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
    """70 train and 30 test images of 8 x 8 pixels, three channels and classes: enough for a handful of updates."""
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, size=(100, 3, 8, 8), dtype=np.uint8)
    targets = draw.integers(0, 3, size=100)
    targets[70:73] = range(3)
    return Environment.from_arrays(images[:70], targets[:70], images[70:], targets[70:])


@pytest.fixture
def naive(few):
    """Make naive subjects: `naive("mlp", seeds, widths=(8,))`."""

    def make(name, seeds=(0,), arm="naive", place=few, **parameters):
        return [Subject.naive(anatomy(name, **parameters), place, seed, arm) for seed in seeds]

    return make


@pytest.fixture
def threads():
    """Compute with so many threads within a block."""

    @contextmanager
    def computing(count):
        before = torch.get_num_threads()
        torch.set_num_threads(count)
        try:
            yield
        finally:
            torch.set_num_threads(before)

    return computing


@pytest.fixture
def ordinary(threads):
    """Train one network as one does with torch, with one thread, on the same stimuli in the same order.

    The keyword arguments are what a test wants done at each place of the loop.
    """

    def train(subject, epochs, batch, optimizer, **wanted):
        with threads(wanted.pop("threads", 1)):
            return _train(subject, epochs, batch, optimizer, **wanted)

    return train


def _train(
    subject,
    epochs,
    batch,
    optimizer,
    channels_last=False,
    bfloat16=False,
    smoothing=0.0,
    rates=None,
    perceive=lambda stimuli, epoch, step: stimuli,
    modulated=lambda model, epoch, step, stimuli: nullcontext(),
    penalty=lambda weights: 0.0,
    teach=lambda weights: None,
    restructure=lambda weights, optimizer: None,
    judge=F.cross_entropy,
    dtype=torch.float32,
):
    place = subject.environment
    model = subject.model().train().to(dtype)
    wanted = place.train.targets.to(dtype) if place.values else place.train.targets
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    steps = optimizer(model.parameters())
    step = 0
    for epoch in range(epochs):
        order = torch.randperm(len(place.train), generator=subject.stream.child("order", epoch).torch())
        if batch >= len(order):
            order = torch.arange(len(order))  # in one batch, the order would change nothing but the last bits of sums
        if rates is not None:
            steps.param_groups[0]["lr"] = rates[epoch]
        for chosen in order.split(batch):
            stimuli, targets = place.present(place.train.images[chosen], dtype=dtype), wanted[chosen]
            stimuli = perceive(stimuli, epoch, step)
            if channels_last:
                stimuli = stimuli.contiguous(memory_format=torch.channels_last)
            steps.zero_grad()
            named = dict(model.named_parameters())
            autocast = torch.autocast("cpu", torch.bfloat16, enabled=bfloat16)
            with modulated(model, epoch, step, len(chosen)), autocast:
                loss = judge(model(stimuli), targets, **({"label_smoothing": smoothing} if smoothing else {}))
            (loss + penalty(named)).backward()
            teach(named)
            steps.step()
            step += 1
            with torch.no_grad():
                restructure({**named, **dict(model.named_buffers())}, steps)
    return {name: tensor.detach() for name, tensor in model.state_dict().items()}


@pytest.fixture
def same():
    """Tell whether two sets of weights are equal to the last bit."""

    def equal(some, others):
        assert some.keys() == others.keys()
        return all(torch.equal(tensor, others[name]) for name, tensor in some.items())

    return equal
