"""A litter's clock and what it holds."""

import pytest
import torch

from artneuro.rearing import Cosine, Instructive, LabelCorruption, Rearing, Window
from artneuro.rearing.cutting import cut
from artneuro.rearing.juvenile import Juvenile


@pytest.fixture
def litter(naive):
    def make(interventions=()):
        rearing = Rearing(epochs=4, batch=16, schedule=Cosine())
        juveniles = [Juvenile.at_beginning(subject) for subject in naive("mlp", seeds=(3, 5), widths=(4,))]
        return cut(juveniles, rearing, tuple(interventions), 1)[0][0]

    return make


def test_its_clock_and_learning_rate_follow_its_age(litter):
    one = litter()
    assert (one.epoch, one.lived, one.updates, one.growing) == (0, 0, 0, True)
    rates = []
    for _ in range(4):
        rates.append(one.learning_rate)
        one.updates += 5
        one.complete({"loss": [1.0, 1.0], "accuracy": [0.5, 0.5]}, began=0.0)
    assert rates == [0.1 * Cosine().factor(epoch, 4) for epoch in range(4)]
    assert (one.epoch, one.growing, one.clock.step) == (4, False, 20)


def test_interventions_act_by_role_and_window_with_their_own_streams(litter):
    early, late = (LabelCorruption(fraction=1.0, window=window) for window in (Window(offset=1), Window(onset=1)))
    one = litter(interventions=(early, late, late))
    assert [intervention for intervention, _ in one.acting(Instructive)] == [early]
    one.complete({"loss": [1.0, 1.0], "accuracy": [0.5, 0.5]}, began=0.0)
    acting = one.acting(Instructive)
    assert [intervention for intervention, _ in acting] == [late, late]
    assert [stream.root for stream in acting[0][1]] == [3, 5]
    assert len({stream for _, streams in acting for stream in streams}) == 4  # twice the same is not the same draws


def test_what_is_told_changes_with_the_windows(litter, few):
    one = litter(interventions=(LabelCorruption(fraction=1.0, window=Window(onset=1, offset=2)),))
    told = []
    for _ in range(3):
        told.append(one.told())
        one.complete({"loss": [1.0, 1.0], "accuracy": [0.5, 0.5]}, began=0.0)
    truth = few.train.targets.expand(2, -1)
    assert [torch.equal(heard, truth) for heard in told] == [True, False, True]
    assert not torch.equal(told[1][0], told[1][1])
