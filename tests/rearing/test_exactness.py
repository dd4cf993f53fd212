"""What rearing computes: to the last bit what an ordinary loop of one network does, whatever the litter and threads."""

import pytest
import torch

from artneuro.rearing import SGD, Adam, AdamW, Cosine, Rearing
from artneuro.rearing.rear import rear, rear_litter

OPTIMIZERS = {
    "sgd": (SGD(lr=0.1), lambda weights: torch.optim.SGD(weights, lr=0.1)),
    "momentum": (
        SGD(lr=0.1, momentum=0.9, weight_decay=1e-3),
        lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9, weight_decay=1e-3),
    ),
    "nesterov": (
        SGD(lr=0.1, momentum=0.9, nesterov=True),
        lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9, nesterov=True),
    ),
    "adam": (Adam(lr=1e-3), lambda weights: torch.optim.Adam(weights, lr=1e-3)),
    "adamw": (AdamW(lr=1e-3), lambda weights: torch.optim.AdamW(weights, lr=1e-3)),
}
ANATOMIES = {
    "stacked": ("mlp", {"widths": (33, 5)}, False),  # thin and odd on purpose: there kernels differ most
    "batch norm": ("mlp", {"widths": (33, 5), "batch_norm": True}, False),
    "convolutions": ("tran_cnn", {"channels": (5, 7), "widths": (9,), "batch_norm": True}, True),
}


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("body", ANATOMIES)
def test_weights_are_those_of_an_ordinary_loop(naive, ordinary, same, kind, body):
    name, parameters, channels_last = ANATOMIES[body]
    spec, optimizer = OPTIMIZERS[kind]
    subjects = naive(name, seeds=range(3), **parameters)
    # 70 stimuli: batches of 16, 16, 16, 16 and 6
    adults = rear_litter(subjects, Rearing(epochs=3, batch=16, optimizer=spec))
    for subject, adult in zip(subjects, adults, strict=True):
        expected = ordinary(subject, 3, 16, optimizer, channels_last)
        assert same(adult.weights, expected)
        assert not same(adult.weights, subject.weights)
