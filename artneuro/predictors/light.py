"""Light: how bright images are, how much brightness varies in them, and what colour they have."""

from typing import final

import torch
from torch import Tensor

from artneuro.fields import define_spec
from artneuro.predictors.predictor import ImageStatistic, luma, require_colour
from artneuro.registry import register


@final
@register("luminance")
@define_spec
class Luminance(ImageStatistic):
    """Mean luma of the image (ITU-R BT.601, of the pixel values as they are)."""

    def _of(self, pixels: Tensor) -> Tensor:
        return luma(pixels).mean(dim=(1, 2))[:, None]


@final
@register("contrast")
@define_spec
class Contrast(ImageStatistic):
    """Root-mean-square contrast: standard deviation of the luma over the image. Peli 1990, JOSA A 7, 2032."""

    def _of(self, pixels: Tensor) -> Tensor:
        return luma(pixels).std(dim=(1, 2), correction=0)[:, None]


@final
@register("colour")
@define_spec
class Colour(ImageStatistic):
    """Mean and standard deviation over the image of two opponent channels, red-green and yellow-blue.

    ``R - G`` and ``(R + G) / 2 - B``; Hasler and Suesstrunk 2003, doi 10.1117/12.477378, equations 2 and 3.
    """

    def _of(self, pixels: Tensor) -> Tensor:
        require_colour(pixels)
        red, green, blue = pixels.unbind(dim=1)
        channels = torch.stack([red - green, (red + green) / 2 - blue], dim=1).flatten(2)
        return torch.cat([channels.mean(dim=2), channels.std(dim=2, correction=0)], dim=1)


@final
@register("pixels")
@define_spec
class Pixels(ImageStatistic):
    """All pixels as they are."""

    def _of(self, pixels: Tensor) -> Tensor:
        return pixels.flatten(1)
