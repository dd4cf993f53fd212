import numpy as np
import pytest
import torch
from PIL import Image

from artneuro.environment.presentation import Presentation, normalisation, to_grey


def bytes_of(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


def test_grey_is_that_of_pillow_to_the_bit():
    images = bytes_of(3, 3, 40, 50)
    expected = [np.asarray(Image.fromarray(image.permute(1, 2, 0).numpy()).convert("L")) for image in images]
    assert np.array_equal(to_grey(images)[:, 0].numpy(), np.stack(expected))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_grey_leaves_grey_as_it_is(dtype):
    level = torch.arange(256).to(dtype).reshape(256, 1, 1, 1)
    grey = to_grey(level.expand(-1, 3, -1, -1))
    # float32 sums of three products round once or twice, by at most 2 ulp of 255
    assert torch.allclose(grey.double(), level.double(), rtol=0, atol=0 if dtype == torch.uint8 else 4e-5)
    assert to_grey(level) is level


def test_grey_of_floats_is_the_luma():
    pixel = torch.tensor([0.2, 0.5, 0.9]).reshape(1, 3, 1, 1)
    # BT.601 states three decimals; the weights in 1/65536 differ from them by less than 1e-5
    assert to_grey(pixel).item() == pytest.approx(0.299 * 0.2 + 0.587 * 0.5 + 0.114 * 0.9, abs=1e-5)


def test_grey_of_many_blocks_keeps_the_order():
    images = bytes_of(5000, 3, 1, 1)
    assert torch.equal(to_grey(images), torch.cat([to_grey(image[None]) for image in images]))


def test_grey_of_two_channels_is_refused():
    with pytest.raises(ValueError, match="not for 2"):
        to_grey(bytes_of(1, 2, 3, 3))


@pytest.mark.parametrize("scale", [1, 255])
def test_standard_is_mean_and_population_deviation_of_each_channel(scale):
    images = (
        bytes_of(50, 3, 7, 6) if scale == 255 else torch.randn(50, 3, 7, 6) * torch.tensor([1, 5, 0.1])[:, None, None]
    )
    mean, std = normalisation(images, "standard")
    pixels = images.double().numpy() / scale
    assert mean.dtype == std.dtype == torch.float32
    assert np.allclose(mean, pixels.mean((0, 2, 3)), rtol=1e-6, atol=1e-8)  # float32 resolves 1e-7
    assert np.allclose(std, pixels.std((0, 2, 3)), rtol=1e-6, atol=0)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_a_constant_channel_is_presented_as_zero(dtype):
    images = bytes_of(9, 2, 5, 5).to(dtype)
    images[:, 1] = 3 if dtype == torch.uint8 else 0.1
    mean, std = normalisation(images, "standard")
    assert std[1] == 1
    assert mean[1] == (torch.tensor(3 / 255) if dtype == torch.uint8 else torch.tensor(0.1))


def test_half_and_none_do_not_look_at_the_images():
    images = bytes_of(4, 3, 2, 2)
    assert [moment.tolist() for moment in normalisation(images, "half")] == [[0.5] * 3, [0.5] * 3]
    assert [moment.tolist() for moment in normalisation(images, "none")] == [[0.0] * 3, [1.0] * 3]


def test_pixels_and_stimuli_are_each_others_inverse():
    means = (0.25, 0.5, 0.75)
    shown = Presentation(torch.tensor(means), torch.tensor([0.125, 0.25, 0.5]))
    pixels = bytes_of(2, 5, 3, 4, 4).float() / 255
    expected = np.stack([(pixels[:, :, c].numpy() - means[c]) / shown.std[c].item() for c in range(3)], axis=2)
    assert np.allclose(shown.stimuli(pixels), expected, rtol=0, atol=1e-6)  # of numbers below 8 in float32
    assert torch.allclose(shown.pixels(shown.stimuli(pixels)), pixels, rtol=0, atol=1e-6)
    assert shown.stimuli(pixels[:, :, :1]).shape == (2, 5, 3, 4, 4)
