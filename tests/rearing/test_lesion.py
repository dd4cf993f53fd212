"""Which units are clamped, and to what."""

import pytest
import torch

from artneuro.errors import SpecificationError
from artneuro.rearing import Clock, Lesion
from artneuro.seeds import Stream

CLOCK = Clock(0, 0)


@pytest.mark.parametrize("shape", [(2, 4), (2, 4, 3, 3)])
@pytest.mark.parametrize(("values", "levels"), [(None, (0.0, 0.0)), ((2.0, -1.0), (2.0, -1.0))])
def test_units_are_clamped_to_zero_or_values(shape, values, levels):
    activity = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    lesion = Lesion(site="a", units=(1, 3), values=values)
    after = lesion.modulate(activity, lesion.draw(shape, CLOCK, Stream(0).torch()))
    assert torch.equal(after[:, [0, 2]], activity[:, [0, 2]])
    for unit, level in zip((1, 3), levels, strict=True):
        assert (after[:, unit] == level).all()


def test_it_holds_in_tests():
    assert Lesion(site="a", units=()).acts_in_test()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"units": (1, 1)}, r"Lesion.units: required each unit once; came \[1, 1\]"),
        ({"units": (1, 2), "values": (0.5,)}, "Lesion.values: required one a unit, 2; came 1"),
        ({"units": (-1,)}, r"Lesion.units: required .*each >= 0; came \(-1,\)"),
    ],
)
def test_what_makes_no_sense_is_refused(parameters, message):
    with pytest.raises(SpecificationError, match=message):
        Lesion(site="a", **parameters)


def test_units_that_do_not_exist_are_refused():
    with pytest.raises(SpecificationError, match=r"units of a, 0 to 3; came \[4\]"):
        Lesion(site="a", units=(0, 4)).draw((2, 4), CLOCK, Stream(0).torch())
