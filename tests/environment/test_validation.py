import numpy as np
import pytest
import torch

from artneuro.environment import Digits, Environment, Validation, environment
from artneuro.errors import SpecificationError

DIGITS = Digits(train_size=200, test_size=50)


def test_training_stimuli_are_divided_and_the_test_stimuli_are_gone():
    whole, divided = DIGITS.load(), Validation(of=DIGITS, held_out=50).load()
    names = [set(stimuli.index.tolist()) for stimuli in (divided.train, divided.test)]
    assert [len(part) for part in names] == [150, 50]
    assert names[0] | names[1] == set(whole.train.index.tolist())
    assert not (names[0] | names[1]) & set(whole.test.index.tolist())
    for part in (divided.train, divided.test):  # each is still itself: image, target and name
        place = torch.searchsorted(whole.train.index, part.index)
        assert torch.equal(part.images, whole.train.images[place])
        assert torch.equal(part.targets, whole.train.targets[place])
    assert divided.test.targets.bincount().tolist() == [5] * 10  # a quarter of 20 of each class
    assert divided.classes == whole.classes


def test_what_the_other_environment_is_tested_on_changes_nothing():
    train = DIGITS.load().train
    images, targets = train.images.numpy(), train.targets.numpy()
    places = [
        Environment.from_arrays(images, targets, test, np.arange(10)) for test in (images[:10], np.zeros((10, 8, 8)))
    ]

    class Given:
        def __init__(self, place):
            self.place = place

        def load(self, data_root, device):
            return self.place

    divided = []
    for place in places:
        source = Validation(of=DIGITS)
        object.__setattr__(source, "of", Given(place))
        divided.append(source.load())
    assert places[0].fingerprint != places[1].fingerprint
    assert divided[0].fingerprint == divided[1].fingerprint


def test_pixels_look_as_in_the_other_environment():
    whole, divided = DIGITS.load(), Validation(of=DIGITS).load()
    assert torch.equal(whole.mean, divided.mean)
    assert torch.equal(whole.std, divided.std)


def test_a_share_is_rounded_to_stimuli():
    assert len(Validation(of=DIGITS, held_out=0.333).load().test) == 67
    same = Validation(of=DIGITS, held_out=67).load()
    assert same.fingerprint == Validation(of=DIGITS, held_out=0.333).load().fingerprint


def test_another_seed_holds_out_others():
    one, other = (Validation(of=DIGITS, split_seed=seed).load() for seed in (0, 1))
    assert one.test.index.tolist() != other.test.index.tolist()


@pytest.mark.parametrize(
    ("held_out", "words"),
    [
        (9, r"held_out: required 10 \(one a class\) to 190 of the 200 training stimuli; came 9"),
        (191, "to 190 of the 200 training stimuli; came 191"),
        (0.01, "came 0.01, which is 2"),
    ],
)
def test_too_few_or_too_many_are_refused(held_out, words):
    with pytest.raises(SpecificationError, match=words):
        Validation(of=DIGITS, held_out=held_out).load()


@pytest.mark.parametrize("held_out", [0, 1.0, 1.5, -3, True])
def test_what_is_neither_count_nor_share_is_refused(held_out):
    with pytest.raises(SpecificationError, match="held_out: required"):
        environment("validation", of="digits", held_out=held_out)


def test_where_targets_are_values_any_stimuli_may_be_held_out():
    of = {"symbolic": {"formula": "compositionality", "train_size": 30}}
    whole, divided = environment("symbolic", **of["symbolic"]), environment("validation", of=of, held_out=7)
    assert (len(divided.train), len(divided.test), divided.values) == (23, 7, whole.values)
    for part in (divided.train, divided.test):
        assert torch.equal(part.targets, whole.train.targets[part.index])
        assert torch.equal(part.quantities["sum"], whole.train.quantities["sum"][part.index])
    with pytest.raises(SpecificationError, match="to 29 of the 30 training stimuli; came 30"):
        environment("validation", of=of, held_out=30)
