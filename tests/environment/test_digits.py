import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from artneuro.environment.digits import Digits
from artneuro.errors import SpecificationError


def test_nothing_of_the_source_is_lost():
    digits, source = Digits().load(), load_digits()
    index = torch.cat([digits.train.index, digits.test.index])
    assert sorted(index.tolist()) == list(range(1797))
    images = torch.cat([digits.train.images, digits.test.images])
    assert np.array_equal(images[:, 0].numpy() * 16, source.images[index])
    assert np.array_equal(torch.cat([digits.train.targets, digits.test.targets]), source.target[index])
    assert digits.classes == tuple("0123456789")


def test_the_split_has_the_same_share_of_each_class():
    digits = Digits().load()
    assert (len(digits.train), len(digits.test)) == (1297, 500)
    counts = torch.bincount(digits.train.targets) + torch.bincount(digits.test.targets)
    assert (torch.bincount(digits.test.targets) - counts * 500 / 1797).abs().max() < 1


def test_the_split_is_that_of_its_seed_alone():
    first, again, other = Digits().load(), Digits(subset_seed=9).load(), Digits(split_seed=1).load()
    assert first.fingerprint == again.fingerprint
    assert first.test.index.tolist() != other.test.index.tolist()


def test_the_fingerprint_is_the_same_on_every_machine():
    # pixels, split and normalisation follow from exact arithmetic and the seed; recorded when first made
    assert Digits().load().fingerprint == "ad59d6db2d3decd0"


@pytest.mark.parametrize("held_out", [9, 1788])
def test_both_sets_have_every_class(held_out):
    with pytest.raises(SpecificationError, match=r"Digits\.held_out.*between 10 and 1787"):
        Digits(held_out=held_out)
    assert len(torch.unique(Digits(held_out=10).load().test.targets)) == 10
