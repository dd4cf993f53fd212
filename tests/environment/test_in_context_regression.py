"""Regression in context."""

import torch

from artneuro.environment import environment


def test_sequences_are_points_of_one_line():
    place = environment("in_context_regression", size=50, points=3)
    for stimuli in (place.train, place.test):
        tokens, w = stimuli.images[:, 0].double(), stimuli.quantities["w"]
        x, y = tokens[:, 0::2, 1], tokens[:, 1::2, 0]
        assert tokens[:, 0::2, 0].abs().max() == 0 == tokens[:, 1::2, 1].abs().max()
        assert torch.equal(stimuli.targets, w[:, None] * x)
        assert (y - stimuli.targets[:, :-1]).abs().max() < 1e-6  # stimuli are in single precision
        assert float(x.min()) >= 1
        assert float(x.max()) <= 3
        assert w.abs().max() <= 1
        assert torch.equal(stimuli.quantities["x2"], x[:, 1])
