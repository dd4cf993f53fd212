"""Factors against torch's own schedulers."""

import pytest
import torch
from torch.optim import lr_scheduler

from artneuro.errors import SpecificationError
from artneuro.rearing.schedule import Constant, Cosine, Exponential, MultiStep, Step

PAIRS = {
    "constant": (Constant(), lambda optimizer: lr_scheduler.ConstantLR(optimizer, factor=1.0)),
    "step": (Step(every=3, gamma=0.5), lambda optimizer: lr_scheduler.StepLR(optimizer, 3, 0.5)),
    "multi_step": (MultiStep(at=(2, 5), gamma=0.3), lambda optimizer: lr_scheduler.MultiStepLR(optimizer, [2, 5], 0.3)),
    "exponential": (Exponential(gamma=0.9), lambda optimizer: lr_scheduler.ExponentialLR(optimizer, 0.9)),
    "cosine": (Cosine(), lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, 8)),
    "cosine to a floor": (Cosine(final=0.1), lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, 8, 0.01)),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_factors_are_torchs(pair):
    ours, theirs = PAIRS[pair]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = theirs(optimizer)
    for epoch in range(8):
        # torch multiplies from epoch to epoch where we take powers: the last bits of a float64 differ
        assert 0.1 * ours.factor(epoch, 8) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("at", [(), (3, 2), (2, 2)])
def test_falls_come_in_order(at):
    with pytest.raises(SpecificationError, match=r"MultiStep.at: required one epoch or more, ascending"):
        MultiStep(at=at)
