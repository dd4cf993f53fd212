"""Formulas: every target is that of its stimulus, to the last bit of double precision."""

import math

import pytest

from artneuro.environment import environment
from artneuro.errors import SpecificationError

BY_HAND = {
    "independence": lambda x: [(x[0] + x[2]) ** 3, x[1] ** 2 + math.sin(math.pi * x[3])],
    "feature_sharing": lambda x: [x[0] ** 2, x[0] ** 2 + x[1] ** 2, x[0] ** 2 + x[1] ** 2 + x[2] ** 2],
    "compositionality": lambda x: [math.hypot(x[0] - x[1], x[2] - x[3])],
}


@pytest.mark.parametrize("formula", BY_HAND)
def test_targets_are_those_of_the_formula(formula):
    place = environment("symbolic", formula=formula)
    assert len(place.train) == len(place.test) == 100
    for stimuli in (place.train, place.test):
        assert float(stimuli.images.abs().max()) <= 1
        for x, y in zip(stimuli.images[:, 0, 0].tolist(), stimuli.targets.tolist(), strict=True):
            assert y == pytest.approx(BY_HAND[formula](x), abs=1e-14)


def test_quantities_are_what_lies_between():
    place = environment("symbolic", formula="compositionality", seed=3)
    found = place.test.quantities
    x = place.test.images[:, 0, 0].double()
    assert (found["square12"] - (x[:, 0] - x[:, 1]) ** 2).abs().max() < 1e-15
    assert (found["sum"].sqrt() - place.test.targets[:, 0]).abs().max() < 1e-15


def test_another_formula_is_refused():
    with pytest.raises(SpecificationError, match="formula: required one of independence, feature_sharing"):
        environment("symbolic", formula="independance")
