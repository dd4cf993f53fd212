"""Blur equals its definition."""

import itertools

import numpy as np
import pytest
import torch
from PIL import Image

from artneuro.errors import SpecificationError
from artneuro.rearing import Blur, Rearing
from artneuro.rearing.rear import rear, rear_litter

KINDS = [
    (antialias, interpolation)
    for antialias, interpolation in itertools.product((False, True), ("nearest", "bilinear", "bicubic"))
    if not (antialias and interpolation == "nearest")
]


def test_four_pixels_become_two_and_four_again(seen):
    row = torch.tensor([0.0, 0.4, 0.8, 0.2]).expand(1, 1, 1, 4, 4)
    # centres of the two lie between pixels: (0 + .4) / 2 and (.8 + .2) / 2; going up, 3/4 and 1/4 of the nearest two
    expected = torch.tensor([0.2, 0.275, 0.425, 0.5])
    assert torch.allclose(seen(Blur(size=2), row)[0, 0, 0, 1], expected, rtol=0, atol=1e-6)  # float32 of order 1


def test_without_antialiasing_pixels_between_the_sampled_count_for_nothing(seen):
    dotted = torch.zeros(1, 1, 1, 32, 32)
    dotted[..., ::4, :] = 1.0  # rows 0, 4, 8, ...; at a quarter of the size rows 1 and 2 of four are sampled
    sharp = seen(Blur(size=8, antialias=False), dotted)
    smooth = seen(Blur(size=8, antialias=True), dotted)
    assert sharp.abs().max() < 1e-6
    assert smooth.mean() == pytest.approx(0.25, abs=0.02)  # the filter is wider than a period, the border is not


def test_nearest_repeats_pixels(seen, pixels):
    image = pixels(1, 1, 3, 8, 8)
    expected = image[..., ::2, ::2].repeat_interleave(2, -1).repeat_interleave(2, -2)
    assert torch.allclose(seen(Blur(size=4, interpolation="nearest"), image), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("interpolation", "filtered"), [("bilinear", "BILINEAR"), ("bicubic", "BICUBIC")])
def test_antialiased_it_is_pillows(seen, pixels, interpolation, filtered):
    image = pixels(1, 1, 1, 32, 32)
    how = Image.Resampling[filtered]
    # with bicubic filters Pillow has another constant (-.5) than torch has without antialiasing (-.75), going up
    small = Image.fromarray(image[0, 0, 0].numpy()).resize((8, 8), how)
    mine = seen(Blur(size=8, antialias=True, interpolation=interpolation), image)[0, 0, 0]
    if interpolation == "bilinear":
        assert np.allclose(mine, np.asarray(small.resize((32, 32), how)), atol=1e-5)  # sums of 64 products in float32
    else:
        up = torch.nn.functional.interpolate(torch.tensor(np.array(small))[None, None], size=32, mode="bicubic")
        assert torch.allclose(mine, up[0, 0], atol=1e-5)


@pytest.mark.parametrize(("antialias", "interpolation"), KINDS)
def test_a_uniform_image_stays_and_the_full_size_changes_no_bit(seen, pixels, antialias, interpolation):
    blur = Blur(size=3, antialias=antialias, interpolation=interpolation)
    uniform = torch.full((1, 2, 3, 9, 9), 0.4)
    assert torch.allclose(seen(blur, uniform), uniform, rtol=0, atol=1e-6)
    stimuli = pixels(1, 2, 3, 9, 9)
    full = Blur(size=9, antialias=antialias, interpolation=interpolation)
    assert full.perceive(stimuli, None, (), None) is stimuli


def test_the_size_is_that_of_the_shorter_side(seen, pixels):
    image = pixels(1, 1, 1, 8, 16)
    small = torch.nn.functional.interpolate(image[0], size=(4, 8), mode="bilinear")
    up = torch.nn.functional.interpolate(small, size=(8, 16), mode="bilinear")
    assert torch.allclose(seen(Blur(size=4), image)[0], up, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("antialias", "interpolation"), KINDS)
def test_a_subject_sees_the_same_in_any_company(independent_of_company, antialias, interpolation):
    blur = Blur(size=5, antialias=antialias, interpolation=interpolation)
    assert independent_of_company(blur, (3, 13, 11))
    assert independent_of_company(blur, (1, 28, 28))


def test_a_size_beyond_the_image_is_refused_before_rearing(naive, few):
    (subject,) = naive("mlp", widths=(4,))
    with pytest.raises(
        SpecificationError,
        match=r"interventions\[0\].Blur.size: required at most the shorter side of the images, 8; came 16. "
        "The images have 8 x 8 pixels: choose a smaller size",
    ):
        rear(subject, few, Rearing(epochs=1), [Blur(size=16)])


def test_a_filter_that_does_not_exist_is_refused():
    with pytest.raises(SpecificationError, match=r"Blur.antialias: .*nearest; came true. Leave it out"):
        Blur(antialias=True, interpolation="nearest")


def test_rows_of_numbers_are_refused(environment):
    assert "at least 2 x 2" in str(next(iter(Blur(size=1).refusals(environment(1, 1, 9)))))


def test_convolutions_see_the_same_alone_and_in_a_litter(naive, few, same):
    litter = naive("simple_cnn", seeds=(0, 1), channels=(2,), hidden=4)
    rearing, blurred = Rearing(epochs=1, batch=16), [Blur(size=4, when="before")]
    together = rear_litter(litter, rearing, blurred)
    assert same(together[1].weights, rear(litter[1], few, rearing, blurred).weights)
    assert not same(together[1].weights, rear(litter[1], few, rearing).weights)
