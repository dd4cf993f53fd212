"""Sizes, proportions and channels of images."""

import pytest
import torch

from artneuro.brains.resizing import resized

RAMP = torch.arange(12 * 8, dtype=torch.uint8).reshape(1, 1, 12, 8)


@pytest.mark.parametrize("resize", ["bilinear", "bicubic"])
def test_what_is_even_stays_even(resize):
    even = torch.full((2, 3, 20, 20), 77, dtype=torch.uint8)
    for size in (7, 20, 33):
        found = resized(even, (3, size, size), resize)
        assert found.shape == (2, 3, size, size)
        torch.testing.assert_close(found, torch.full_like(found, 77.0), atol=1e-3, rtol=0)  # single precision


def test_the_own_shape_changes_nothing():
    assert torch.equal(resized(RAMP, (1, 12, 8)), RAMP.float())


def test_what_is_too_long_is_cut_at_both_ends():
    assert torch.equal(resized(RAMP, (1, 8, 8)), RAMP[:, :, 2:10].float())
    assert torch.equal(resized(RAMP.mT, (1, 8, 8)), RAMP.mT[:, :, :, 2:10].float())
    assert torch.equal(resized(RAMP, (1, 6, 8)), RAMP[:, :, 3:9].float())


def test_fine_stripes_do_not_become_coarse_ones():
    stripes = torch.tensor([0, 255], dtype=torch.uint8).repeat(32).expand(1, 1, 64, 64)
    found = resized(stripes, (1, 12, 12))[0, 0, 3:-3, 3:-3]
    assert float(found.std()) < 5  # nearest neighbours would give 127


def test_channels_are_luma_or_copies():
    red = torch.zeros(1, 3, 4, 4, dtype=torch.uint8)
    red[:, 0] = 255
    assert torch.equal(resized(red, (1, 4, 4)), torch.full((1, 1, 4, 4), 76.0))
    assert torch.equal(resized(RAMP, (3, 12, 8)), RAMP.float().expand(1, 3, 12, 8))
