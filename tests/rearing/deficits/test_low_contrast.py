"""Low contrast equals its definition."""

import pytest
import torch

from artneuro._torchvision import torchvision
from artneuro.rearing import Clock, LowContrast


def test_grey_pixels_move_to_the_mean_of_their_image(seen):
    images = torch.tensor([[0.0, 1.0], [0.2, 0.6]]).view(1, 2, 1, 1, 2)
    # means .5 and .4; a quarter of the distance is left
    expected = torch.tensor([[0.375, 0.625], [0.35, 0.45]])
    assert torch.allclose(seen(LowContrast(contrast=0.25), images).view(2, 2), expected, rtol=0, atol=1e-6)


def test_all_channels_move_to_the_mean_luma(seen):
    colours = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]).T.reshape(1, 1, 3, 1, 2)  # a red pixel and a black one
    blank = seen(LowContrast(contrast=0.0), colours)
    assert torch.allclose(blank, torch.full_like(blank, 0.299 / 2), rtol=0, atol=1e-5)  # shares to three digits


@pytest.mark.parametrize("channels", [1, 3])
def test_between_black_and_white_it_is_torchvisions(seen, pixels, channels):
    images = pixels(2, 5, channels, 16, 16)
    theirs = torchvision.transforms.functional.adjust_contrast(images.flatten(0, 1), 0.3).view(images.shape)
    # torchvision takes the shares of red, green and blue as .2989, .587 and .114
    assert torch.allclose(seen(LowContrast(contrast=0.3), images), theirs, rtol=0, atol=2e-4)


def test_mid_grey_is_the_same_for_all_images_and_channels(seen, pixels):
    images = pixels(2, 5, 2, 4, 4)
    expected = 0.5 + 0.2 * (images - 0.5)
    assert torch.allclose(seen(LowContrast(contrast=0.2, towards="mid_grey"), images), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("towards", ["image", "mid_grey"])
def test_full_contrast_changes_no_bit(pixels, presentation, towards):
    stimuli = pixels(2, 5, 3, 4, 4)
    same = LowContrast(contrast=1, towards=towards).perceive(stimuli, Clock(0, 0), (), presentation(3))
    assert torch.equal(same, stimuli)


@pytest.mark.parametrize("towards", ["image", "mid_grey"])
def test_a_subject_sees_the_same_in_any_company(independent_of_company, towards):
    assert independent_of_company(LowContrast(contrast=0.3, towards=towards), (3, 13, 11))
    assert independent_of_company(LowContrast(contrast=0.7, towards=towards), (1, 28, 28))


def test_where_there_is_no_luma_or_no_image_it_is_refused(environment):
    (problem,) = LowContrast(contrast=0.5).refusals(environment(2, 4, 4))
    assert problem.advice == "Choose `mid_grey`."
    assert list(LowContrast(contrast=0.5, towards="mid_grey").refusals(environment(2, 4, 4))) == []
    assert "at least 2 x 2" in str(next(iter(LowContrast(contrast=0.5).refusals(environment(1, 1, 9)))))
