"""Weight decay of an arm is weight decay of its optimiser."""

import pytest
import torch

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.rearing import SGD, Adam, Clock, Window
from artneuro.rearing.weight_decay import WeightDecay


@pytest.fixture(scope="module")
def environment():
    return an.environment("digits", train_size=100, test_size=50)


@pytest.fixture(scope="module")
def reared(environment):
    def rear(optimizer, *interventions, epochs=2):
        naive = [an.Subject.naive(an.anatomy("mlp", widths=(8,)), environment, seed) for seed in (0, 1)]
        adults = an.rear_litter(naive, an.Rearing(epochs=epochs, batch=10, optimizer=optimizer), interventions)
        return [adult.fingerprint for adult in adults]

    return rear


@pytest.mark.parametrize("kind", [lambda **more: SGD(lr=0.1, momentum=0.9, **more), Adam], ids=["sgd", "adam"])
def test_it_is_the_optimisers_own(reared, kind):
    assert reared(kind(), WeightDecay(rate=0.01)) == reared(kind(weight_decay=0.01))
    assert reared(kind(), WeightDecay(rate=0.01)) != reared(kind())


def test_none_changes_nothing(reared):
    assert reared(Adam(), WeightDecay(rate=0)) == reared(Adam())


def test_it_acts_in_its_window_alone(reared):
    within = WeightDecay(rate=0.1, window=Window(offset=1))
    assert reared(SGD(), within, epochs=1) == reared(SGD(weight_decay=0.1), epochs=1)
    assert reared(SGD(), within) not in (reared(SGD()), reared(SGD(weight_decay=0.1)))


def test_it_pulls_by_the_value():
    weight = torch.tensor([[2.0, -1.0]])
    pulled = WeightDecay(rate=0.5).teach({"weight": torch.zeros(1, 2)}, {"weight": weight}, Clock(0, 0))
    assert pulled["weight"].tolist() == [[1.0, -0.5]]


def test_a_push_is_refused():
    with pytest.raises(SpecificationError, match=r"WeightDecay.rate: required a number >= 0; came -1"):
        WeightDecay(rate=-1)
