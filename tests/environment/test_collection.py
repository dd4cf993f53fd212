from typing import final

import pytest
import torch

from artneuro.environment.collection import Collection
from artneuro.environment.environment import Stimuli
from artneuro.errors import SpecificationError
from artneuro.fields import define_spec, param


@final
@define_spec
class Shelf(Collection):
    """Images that carry their own position and class: red is the position, green the class."""

    channels: int = param(3, doc="channels")

    def _read(self, data_root):
        sets = []
        for count, start in ((60, 100), (30, 500)):
            targets = torch.tensor([0] * 10 + [1] * (count - 15) + [2] * 5)
            targets = targets[torch.randperm(count, generator=torch.Generator().manual_seed(count))]
            images = torch.zeros(count, self.channels, 2, 2, dtype=torch.uint8)
            images[:, 0] = torch.arange(count)[:, None, None]
            if self.channels > 1:
                images[:, 1] = targets[:, None, None] * 50
            sets.append(Stimuli(images, targets, torch.arange(count) + start))
        return sets[0], sets[1], ("few", "many", "rare")


def check(stimuli, names, start):
    """Every stimulus still has its own target and index."""
    numbers = torch.tensor([("few", "many", "rare").index(name) for name in names])
    assert torch.equal(stimuli.images[:, 1, 0, 0] // 50, numbers[stimuli.targets])
    assert torch.equal(stimuli.index - start, stimuli.images[:, 0, 0, 0].long())
    assert (stimuli.index.diff() > 0).all()


def test_everything_is_kept_by_default():
    everything = Shelf().load()
    assert everything.classes == ("few", "many", "rare")
    assert (len(everything.train), len(everything.test)) == (60, 30)
    check(everything.train, everything.classes, 100)
    check(everything.test, everything.classes, 500)


@pytest.mark.parametrize("classes", [("rare", "few"), (2, 0), ("rare", 0)])
def test_classes_by_name_or_number_are_numbered_in_the_order_given(classes):
    environment = Shelf(classes=classes).load()
    assert environment.classes == ("rare", "few")
    assert torch.bincount(environment.train.targets).tolist() == [5, 10]
    check(environment.train, environment.classes, 100)
    check(environment.test, environment.classes, 500)


def test_sizes_are_balanced_over_classes_and_what_is_left_over_goes_to_the_first():
    environment = Shelf(train_size=14, test_size=6).load()
    assert torch.bincount(environment.train.targets).tolist() == [5, 5, 4]
    assert torch.bincount(environment.test.targets).tolist() == [2, 2, 2]
    check(environment.train, environment.classes, 100)
    check(environment.test, environment.classes, 500)


def test_a_size_goes_with_classes():
    environment = Shelf(classes=("many", "few"), train_size=20).load()
    assert torch.bincount(environment.train.targets).tolist() == [10, 10]
    assert len(environment.test) == 25
    check(environment.train, environment.classes, 100)


def test_the_choice_is_that_of_the_seed():
    def chosen(seed):
        return Shelf(classes=("many",), train_size=8, subset_seed=seed).load().train.index.tolist()

    assert chosen(0) == chosen(0)
    assert chosen(0) != chosen(1)


def test_the_normalisation_is_of_the_training_stimuli_used():
    environment = Shelf(classes=("few",)).load()
    seen = environment.present(environment.train.images)
    assert seen[:, 0].mean().abs() < 1e-6  # float32 sums of 40 numbers of size 1
    assert torch.equal(Shelf(classes=("few",), normalise="none").load().mean, torch.zeros(3))


def test_grey_leaves_one_channel():
    environment = Shelf(grey=True).load()
    assert environment.shape == (1, 2, 2)
    assert environment.mean.shape == (1,)


BAD = [
    ({"classes": ("manny",)}, r'Shelf\.classes.*0\.\.2; came \'manny\'. Did you mean "many"'),
    ({"classes": (3,)}, r"Shelf\.classes.*numbers in 0\.\.2; came 3"),
    ({"classes": (-1,)}, "came -1"),
    ({"classes": ("few", 0)}, "each class once"),
    ({"train_size": 18}, r"Shelf\.train_size: required 3 \(one a class\) to 15; came 18.*'rare', has 5"),
    ({"test_size": 2}, r"Shelf\.test_size: required 3"),
    ({"grey": True, "channels": 2}, r"Shelf\.grey.*came 2 channels"),
]


@pytest.mark.parametrize(("parameters", "message"), BAD)
def test_what_the_collection_does_not_have_is_refused(parameters, message):
    with pytest.raises(SpecificationError, match=message):
        Shelf(**parameters).load()


@pytest.mark.parametrize("parameters", [{"classes": ()}, {"train_size": 0}, {"normalise": "mean"}, {"classes": [1.5]}])
def test_impossible_values_are_refused_before_loading(parameters):
    with pytest.raises(SpecificationError, match=next(iter(parameters))):
        Shelf(**parameters)
