"""Form: spatial frequencies, edges and orientations of images, in the whole or place by place."""

import math
from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, ge, param
from artneuro.predictors.predictor import ImageStatistic, luma
from artneuro.registry import register


@final
@register("spatial_frequency")
@define_spec
class SpatialFrequency(ImageStatistic):
    """Logarithm of the energy of the luma in octaves of spatial frequency, up to half a cycle a pixel.

    The mean is taken out first. Energy is that of the discrete Fourier transform, summed over all orientations, and
    log(1 + energy) keeps an image without variation finite.
    """

    bands: int = param(4, doc="octaves, the highest of which ends at 0.5 cycles a pixel", check=ge(1))

    def _of(self, pixels: Tensor) -> Tensor:
        image = luma(pixels)
        energy = torch.fft.fft2(image - image.mean(dim=(1, 2), keepdim=True)).abs().square().flatten(1)
        rows, columns = (torch.fft.fftfreq(size, dtype=torch.float64) for size in image.shape[1:])
        frequency = torch.hypot(rows[:, None], columns[None]).flatten()
        # corners of the spectrum lie above 0.5 and belong to the highest band, as what is below the lowest to that
        octave = torch.floor(torch.log2(0.5 / frequency.clamp(min=1e-9))).clamp(0, self.bands - 1)
        return torch.stack([energy[:, octave == band].sum(dim=1) for band in range(self.bands)], dim=1).log1p()


@final
@register("edges")
@define_spec
class Edges(ImageStatistic):
    """Mean length of the gradient of the luma (central differences; 0 at the border)."""

    def _of(self, pixels: Tensor) -> Tensor:
        return torch.hypot(*_gradient(luma(pixels))).mean(dim=(1, 2))[:, None]


@final
@register("orientation")
@define_spec
class Orientation(ImageStatistic):
    """Share of each orientation in the gradients of the luma, weighted by their length, over the whole image."""

    bins: int = param(8, doc="orientations between 0 and 180 degrees", check=ge(2))

    def _of(self, pixels: Tensor) -> Tensor:
        energy = _oriented(luma(pixels), self.bins).sum(dim=(2, 3))
        return energy / energy.sum(dim=1, keepdim=True).clamp(min=1e-12)


@final
@register("hog")
@define_spec
class HOG(ImageStatistic):
    """Histograms of oriented gradients: the same cell by cell, each block of 2 x 2 cells at unit length.

    Dalal and Triggs 2005, doi 10.1109/CVPR.2005.177; unsigned orientations, no interpolation between bins, L2 blocks.
    """

    cell: int = param(
        8, units="pixel", doc="side of a cell; what is left over at the border belongs to none", check=ge(2)
    )
    bins: int = param(9, doc="orientations between 0 and 180 degrees", check=ge(2))

    def _of(self, pixels: Tensor) -> Tensor:
        if min(pixels.shape[2:]) < 2 * self.cell:
            side = min(pixels.shape[2:])
            raise SpecificationError(
                [Problem("predictors.hog.cell", f"at most {side // 2}, half of the image", str(self.cell))]
            )
        cells = F.avg_pool2d(_oriented(luma(pixels), self.bins), self.cell) * self.cell**2
        blocks = F.unfold(cells, 2)
        lengths = blocks.norm(dim=1, keepdim=True) + 1e-6  # which leaves blocks without edges at 0
        return torch.flatten(blocks / lengths, 1)


@final
@register("gist")
@define_spec
class Gist(ImageStatistic):
    """Energy of Gabor filters of several scales and orientations, averaged over the fields of a grid.

    In the manner of Oliva and Torralba 2001, doi 10.1023/A:1011139631724: filters are log-Gabor in the Fourier domain,
    an octave apart from 0.25 cycles a pixel downwards, one octave and 180 / orientations degrees wide. The image is
    taken as periodic and is not whitened.
    """

    scales: int = param(3, doc="octaves", check=ge(1))
    orientations: int = param(8, doc="orientations between 0 and 180 degrees", check=ge(2))
    grid: int = param(4, doc="fields along each side of the image", check=ge(1))

    def _of(self, pixels: Tensor) -> Tensor:
        image = luma(pixels)
        spectrum = torch.fft.fft2(image - image.mean(dim=(1, 2), keepdim=True))
        rows, columns = (torch.fft.fftfreq(size, dtype=torch.float64) for size in image.shape[1:])
        frequency = torch.hypot(rows[:, None], columns[None]).clamp(min=1e-9)
        angle = torch.atan2(rows[:, None], columns[None].expand(len(rows), -1))
        found = []
        for scale in range(self.scales):
            radial = torch.exp(-0.5 * (torch.log2(frequency / (0.25 / 2**scale)) / 0.5) ** 2)
            for number in range(self.orientations):
                away = angle - math.pi * number / self.orientations
                around = torch.atan2(away.sin(), away.cos()).abs()  # one side of the spectrum: the answer is complex
                tuned = torch.exp(-0.5 * (around / (math.pi / self.orientations / 2)) ** 2)
                response = torch.fft.ifft2(spectrum * (radial * tuned)).abs()
                found.append(F.adaptive_avg_pool2d(response[:, None], self.grid).flatten(1))
        return torch.cat(found, dim=1)


def _gradient(image: Tensor) -> tuple[Tensor, Tensor]:
    """Return central differences (stimulus, y, x) down and to the right; 0 at the border."""
    down, right = torch.zeros_like(image), torch.zeros_like(image)
    down[:, 1:-1] = image[:, 2:] - image[:, :-2]
    right[:, :, 1:-1] = image[:, :, 2:] - image[:, :, :-2]
    return down, right


def _oriented(image: Tensor, bins: int) -> Tensor:
    """Return the length of the gradient at each place (stimulus, bin, y, x), in the bin of its orientation."""
    down, right = _gradient(image)
    # a gradient and its opposite are one orientation; the first bin is centred on 0, a gradient to the right
    number = torch.floor(torch.atan2(down, right) / math.pi * bins + 0.5).long() % bins
    return F.one_hot(number, bins).movedim(3, 1) * torch.hypot(down, right)[:, None]
