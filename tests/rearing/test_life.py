"""What is written down of one subject."""

import pytest
import torch

from artneuro import records
from artneuro.rearing import Dropout, EarlyStop, Rearing
from artneuro.rearing.history import MEASURES
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.life import Life


@pytest.fixture
def subject(naive):
    return naive("mlp", widths=(4,))[0]


def row(loss=1.0):
    return dict.fromkeys(MEASURES, 1.0) | {"test_loss": loss, "updates": 1}


def weights(number):
    return {"weight": torch.tensor([float(number)])}


def test_ages_asked_for_and_the_last_are_kept(subject):
    life = Life(Juvenile.at_beginning(subject), Rearing(epochs=4, keep=(0, 2)), ())
    for epoch in range(1, 5):
        assert life.growing
        life.complete(row(), weights(epoch), ())
    assert not life.growing
    adult = life.adult("stacked")
    assert sorted(adult.ages) == [0, 2, 4]
    assert adult.ages[2] == weights(2)
    assert adult.ages[0] is subject.weights


def test_one_that_diverges_keeps_the_weights_from_before(subject):
    life = Life(Juvenile.at_beginning(subject), Rearing(epochs=4), ())
    life.complete(row(), weights(1), ())
    life.complete(row(loss=float("nan")), weights(2), ())
    assert not life.growing
    adult = life.adult("stacked")
    assert (adult.diverged, adult.age, adult.weights) == (2, 1, weights(1))
    assert adult.history.epoch.values.tolist() == [1, 2]


def test_one_that_halts_keeps_its_last(subject):
    life = Life(Juvenile.at_beginning(subject), Rearing(epochs=9), ())
    stop = [EarlyStop(patience=2)]
    for epoch, loss in enumerate((3.0, 2.0, 2.5, 2.5), start=1):
        life.complete(row(loss), weights(epoch), stop)
        assert life.growing == (epoch < 4)
    assert (life.adult("plain").age, life.adult("plain").weights) == (4, weights(4))


def test_halting_sees_this_rearing_alone(subject):
    young = Life(Juvenile.at_beginning(subject), Rearing(epochs=1), ())
    young.complete(row(loss=0.1), weights(1), ())
    life = Life(Juvenile.at_beginning(young.adult("stacked")), Rearing(epochs=9), ())
    for epoch, loss in enumerate((3.0, 2.0, 1.0), start=2):
        life.complete(row(loss), weights(epoch), [EarlyStop(patience=1)])
        assert life.growing


def test_provenance_tells_every_phase_of_its_life(subject):
    young = Life(Juvenile.at_beginning(subject), Rearing(epochs=1), ())
    young.complete(row(), weights(1), ())
    grown = Life(Juvenile.at_beginning(young.adult("stacked")), Rearing(epochs=2), (Dropout(rate=0.5),))
    grown.complete(row(), weights(2), ())
    adult = grown.adult("plain")
    phases = records.provenance(adult.history)["phases"]
    assert [(phase["from_epoch"], phase["way"], len(phase["interventions"])) for phase in phases] == [
        (0, "stacked", 0),
        (1, "plain", 1),
    ]
    assert adult.history.epoch.values.tolist() == [1, 2]
    assert adult.history.test_loss.attrs["units"] == "nat"
