"""Addition modulo p."""

import pytest

from artneuro.environment import environment
from artneuro.errors import SpecificationError


def test_every_pair_is_there_once_with_its_sum():
    place = environment("modular_addition", p=6)
    seen = set()
    for stimuli in (place.train, place.test):
        for image, target in zip(stimuli.images[:, 0], stimuli.targets.tolist(), strict=True):
            assert image.sum().item() == 2
            a, b = image.argmax(1).tolist()
            assert target == (a + b) % 6
            seen.add((a, b))
    assert len(seen) == 36 == len(place.train) + len(place.test)


def test_the_published_one_has_four_fifths_of_3481_pairs():
    place = environment("modular_addition")
    assert (len(place.train), len(place.test), len(place.classes)) == (2785, 696, 59)


def test_a_share_of_everything_is_refused():
    with pytest.raises(SpecificationError, match="train_share: required a number strictly between 0 and 1; came 1"):
        environment("modular_addition", train_share=1.0)
