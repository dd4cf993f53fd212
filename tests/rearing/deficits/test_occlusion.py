"""Occlusion equals its definition."""

import pytest
import torch

from artneuro.rearing import Clock, Occlusion

HALVES = {
    "left": (slice(None), slice(0, 3)),
    "right": (slice(None), slice(3, 6)),
    "top": (slice(0, 2), slice(None)),
    "bottom": (slice(2, 4), slice(None)),
}


@pytest.mark.parametrize("side", HALVES)
def test_the_half_is_covered_and_the_rest_is_seen(seen, pixels, side):
    image = pixels(2, 3, 3, 4, 6)
    expected = image.clone()
    expected[(..., *HALVES[side])] = 0.75
    assert torch.allclose(seen(Occlusion(side=side, level=0.75), image), expected, rtol=0, atol=1e-6)


def test_left_out_the_level_is_0_after_normalisation(pixels, presentation):
    image = pixels(2, 3, 3, 4, 6)
    covered = Occlusion(side="left").perceive(image, Clock(0, 0), (), presentation(3))
    assert (covered[..., :3] == 0).all()
    assert torch.equal(covered[..., 3:], image[..., 3:])


@pytest.mark.parametrize(("share", "columns"), [(0.0, 0), (0.25, 2), (1.0, 8)])
def test_another_share_may_be_covered(pixels, presentation, share, columns):
    image = pixels(1, 2, 1, 8, 8)
    covered = Occlusion(side="right", share=share).perceive(image, Clock(0, 0), (), presentation(1))
    assert torch.equal(covered[..., : 8 - columns], image[..., : 8 - columns])
    assert (covered[..., 8 - columns :] == 0).all()


def test_a_subject_sees_the_same_in_any_company(independent_of_company):
    assert independent_of_company(Occlusion(side="top", level=0.2), (3, 7, 5))


def test_rows_of_numbers_are_refused(environment):
    assert "at least 2 x 2" in str(next(iter(Occlusion(side="left").refusals(environment(1, 1, 9)))))
