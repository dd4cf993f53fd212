"""Placements: places worked out by hand, and what makes none."""

import pytest
import torch

from artneuro.anatomy.placement import Given, Lattice, Ring
from artneuro.errors import SpecificationError
from artneuro.fields import build


def test_places_of_a_lattice_are_in_the_order_of_a_tensor():
    places = Lattice(sides=(2, 2, 3)).places(12)
    grid = places.reshape(2, 2, 3, 3)
    assert grid[0, 0, :, 0].tolist() == pytest.approx([1 / 6, 1 / 2, 5 / 6])
    assert grid[0, :, 0, 1].tolist() == [0.25, 0.75]
    assert grid[:, 0, 0, 2].tolist() == [0.25, 0.75]
    assert Lattice(sides=(5, 5, 4), spacing=1.0).places(100)[-1].tolist() == [3.0, 4.0, 4.0]


def test_a_ring_is_round():
    places = Ring(radius=0.25).places(10)
    assert ((places[:, :2] - 0.5).norm(dim=1) - 0.25).abs().max() < 1e-12
    assert torch.equal(places[:, 2], torch.full((10,), 0.5, dtype=torch.float64))


@pytest.mark.parametrize(
    ("placement", "parameters", "message"),
    [
        (Lattice, {"sides": [2, 2, 2, 2]}, "one to three"),
        (Lattice, {"sides": [2, 0]}, "one to three"),
        (Given, {"at": [[0.0], [1.0, 2.0]]}, "as many for every place"),
        (Given, {"at": [[1.0, 2.0, 3.0, 4.0]]}, "one to three coordinates"),
    ],
)
def test_placements_that_make_no_sense_are_refused(placement, parameters, message):
    with pytest.raises(SpecificationError, match=message):
        build(placement, parameters)
