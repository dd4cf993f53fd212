"""Periphery: by hand, where distance makes no difference, and where there is nothing to compare."""

import numpy as np
import pytest

import artneuro as an
from artneuro.errors import SpecificationError


def test_it_compares_the_far_half_with_the_near_one():
    # the middle is (1, 1): three of the nine are nearer than the corners, and the median is the distance of an edge
    places = np.array([(x, y) for x in range(3) for y in range(3)])
    weights = np.ones((9, 4))
    assert an.measures.periphery(places, weights) == 1.0
    corners = [0, 2, 6, 8]
    weights[corners, 1:] = 0
    assert an.measures.periphery(places, weights) == pytest.approx(1 / 4)
    assert an.measures.periphery(places + 7.0, -weights) == an.measures.periphery(places, weights)


def test_where_nothing_is_near_or_far_there_is_no_ratio():
    assert np.isnan(an.measures.periphery(np.zeros((4, 3)), np.ones((4, 2))))  # all in the middle
    assert np.isnan(an.measures.periphery([[0.0], [1.0], [2.0]], np.zeros((3, 2))))
    assert np.isnan(an.measures.periphery(np.zeros((0, 3)), np.zeros((0, 2))))


def test_as_many_positions_as_units_are_required():
    with pytest.raises(SpecificationError, match="position: required one for each of 3 units; came 2"):
        an.measures.periphery([[0.0], [1.0]], np.ones((3, 2)))
