"""What computed environments have in common."""

import torch

from artneuro.environment.formula import computed, divided, one_hot, stimuli_of, uniform
from artneuro.environment.one_hot import OneHot
from artneuro.seeds import Stream


def test_a_division_has_everything_once():
    train, test = divided(11, 0.8, Stream(3))
    assert (len(train), len(test)) == (9, 2)
    assert sorted([*train.tolist(), *test.tolist()]) == list(range(11))
    assert not torch.equal(divided(11, 0.8, Stream(4))[1], test)


def test_numbers_are_exact_in_single_precision():
    drawn = uniform(-1.0, 3.0, (200,), Stream(0))
    assert drawn.dtype == torch.float64
    assert torch.equal(drawn, drawn.float().double())
    assert -1 <= float(drawn.min()) < -0.9
    assert 2.9 < float(drawn.max()) <= 3


def test_tokens_stand_one_above_the_other():
    assert one_hot(torch.tensor([[2, 0]]), 3).tolist() == [[[[0, 0, 1], [1, 0, 0]]]]


def test_quantities_follow_their_stimuli():
    whole = stimuli_of(torch.arange(4.0).reshape(4, 1, 1, 1), torch.arange(4) % 2, {"double": 2 * torch.arange(4)})
    place = computed(OneHot(), whole, torch.tensor([3, 1]), torch.tensor([0, 2]), classes=("even", "odd"))
    assert place.train.quantities["double"].tolist() == [6.0, 2.0]
    assert place.test.quantities["double"].tolist() == [0.0, 4.0]
    assert place.train.index.tolist() == [3, 1]
    assert torch.equal(place.present(place.test.images), place.test.images)
