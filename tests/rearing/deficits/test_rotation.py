"""Rotation equals its definition."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from artneuro.rearing import Clock, Rotation


def turned(angle, image):
    return Rotation(angle=angle).perceive(image, Clock(0, 0), (), None)


@pytest.mark.parametrize("quarters", [-1, 0, 1, 2, 3, 4])
def test_quarter_turns_move_pixels_and_nothing_else(pixels, quarters):
    image = pixels(2, 3, 3, 5, 5)
    assert np.array_equal(turned(90 * quarters, image), np.rot90(image, quarters, axes=(-2, -1)))


def test_half_turns_do_so_for_any_image(pixels):
    image = pixels(2, 3, 3, 4, 6)
    assert torch.equal(turned(180, image), image.flip(-1, -2))
    assert torch.equal(turned(180, turned(180, image)), image)


@pytest.mark.parametrize("shape", [(21, 21), (14, 24), (25, 12)])
@pytest.mark.parametrize("angle", [30.0, -75.5, 90.0, 200.0])
def test_between_pixels_it_is_scipys_linear_rotation(pixels, shape, angle):
    image = pixels(1, 1, 1, *shape)
    expected = ndimage.rotate(image[0, 0, 0].double().numpy(), angle, reshape=False, order=1, mode="grid-constant")
    # pixels in float32, places in them to 1e-6 of a side
    assert np.allclose(turned(angle, image)[0, 0, 0], expected, rtol=0, atol=1e-4)


def test_what_comes_in_from_outside_is_0(pixels):
    assert turned(45, pixels(1, 1, 1, 9, 9) + 1)[0, 0, 0, 0, 0] == 0


def test_a_subject_sees_the_same_in_any_company(independent_of_company):
    for angle in (90, 33.0):
        assert independent_of_company(Rotation(angle=angle), (3, 13, 13))
    assert independent_of_company(Rotation(angle=10), (3, 13, 8))


def test_rows_of_numbers_are_refused(environment):
    assert "at least 2 x 2" in str(next(iter(Rotation(angle=20).refusals(environment(1, 1, 9)))))
