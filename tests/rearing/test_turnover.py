"""Turnover against an ordinary loop of one network, with torch's modules and optimisers, written apart."""

import numpy as np
import pytest
import torch
from torch import nn

from artneuro.anatomy import anatomy, anatomy_of
from artneuro.errors import SpecificationError
from artneuro.rearing import SGD, Adam, Rearing, Turnover, Window, ranking_of
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.rear import rear, rear_litter, rear_up_to
from artneuro.subject import Subject

OPTIMIZERS = {
    "momentum": (SGD(lr=0.05, momentum=0.9), lambda weights: torch.optim.SGD(weights, lr=0.05, momentum=0.9)),
    "adam": (Adam(lr=1e-3), lambda weights: torch.optim.Adam(weights, lr=1e-3)),
}
EPOCHS, BATCH, EVERY = 50, 18, 60  # 70 stimuli: 4 updates an epoch, 200 in all, events after 60, 120 and 180
STREAM = ("intervention", "Turnover", 0)


class Flattened(nn.Module):
    """Feature maps with batch norm that a fully connected layer reads after pooling and flattening."""

    def __init__(self, shape, classes):
        super().__init__()
        self.conv, self.norm, self.relu = nn.Conv2d(shape[0], 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU()
        self.pool, self.fc = nn.MaxPool2d(2), nn.Linear(6 * 16, classes)

    def forward(self, stimuli):
        return self.fc(torch.flatten(self.pool(self.relu(self.norm(self.conv(stimuli)))), 1))


def redrawn(named, fresh, optimizer, units, incoming, outgoing, blocks=1):
    """One event in one network, entry by entry; `incoming` are tensors with a row a unit."""
    states = {"momentum_buffer", "exp_avg", "exp_avg_sq"}

    def put(name, at):
        named[name][at] = fresh[name][at]
        for key, kept in optimizer.state.get(named[name], {}).items():
            if key in states:
                kept[at] = 0.0

    for unit in units:
        for name in incoming:
            put(name, unit)
        for entry in range(unit * blocks, (unit + 1) * blocks):
            put(outgoing, (slice(None), entry))


def newborn(subject, step, place=0):
    stream = subject.stream.child("intervention", "Turnover", place).child("newborn", step)
    with stream.initialising():
        model = subject.anatomy.build(subject.environment.shape, len(subject.environment.classes))
    return {name: tensor.detach() for name, tensor in (*model.named_parameters(), *model.named_buffers())}


def chosen(subject, step, units, count):
    return subject.stream.child(*STREAM, "units", step).numpy().permutation(units)[:count].tolist()


def events(subject, units, count, incoming, outgoing, blocks, seen=None):
    """What is done after each update of the ordinary loop."""
    step = iter(range(1, 10**6))

    def restructure(named, optimizer):
        now = next(step)
        if now % EVERY == 0:
            old = chosen(subject, now, units, count)
            redrawn(named, newborn(subject, now), optimizer, old, incoming, outgoing, blocks)
            if seen is not None:
                seen.append((now, sorted(old)))

    return restructure


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_three_events_of_fully_connected_units_are_those_of_an_ordinary_network(naive, ordinary, same, kind):
    spec, optimizer = OPTIMIZERS[kind]
    subjects = naive("mlp", seeds=(0, 1), widths=(9, 7))
    adults = rear_litter(
        subjects, Rearing(epochs=EPOCHS, batch=BATCH, optimizer=spec), [Turnover(site="hidden1", count=2, every=EVERY)]
    )
    for subject, adult in zip(subjects, adults, strict=True):
        seen = []
        what = events(subject, 9, 2, ["hidden1.weight", "hidden1.bias"], "hidden2.weight", 1, seen)
        assert same(adult.weights, ordinary(subject, EPOCHS, BATCH, optimizer, restructure=what))
        assert adult.history.updates[-1] == 200
        steps, units = adult.history.event_step.values, adult.history.event_unit.values
        assert [(now, sorted(units[steps == now].tolist())) for now in (60, 120, 180)] == seen


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_three_events_of_feature_maps_with_batch_norm_are_those_of_an_ordinary_network(few, ordinary, same, kind):
    spec, optimizer = OPTIMIZERS[kind]
    body = anatomy_of(Flattened, sites={"maps": "relu"})
    subjects = [Subject.naive(body, few, seed) for seed in (0, 1)]
    adults = rear_litter(
        subjects, Rearing(epochs=EPOCHS, batch=BATCH, optimizer=spec), [Turnover(site="maps", count=2, every=EVERY)]
    )
    incoming = ["conv.weight", "conv.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"]
    for subject, adult in zip(subjects, adults, strict=True):
        what = events(subject, 6, 2, incoming, "fc.weight", 16)
        expected = ordinary(subject, EPOCHS, BATCH, optimizer, channels_last=True, restructure=what)
        assert same(adult.weights, expected)
