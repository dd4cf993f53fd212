"""How stored pixels are presented: grey, and the mean and standard deviation that normalise them."""

from typing import Literal, final

import attrs
import numpy as np
import torch
from torch import Tensor

Normalise = Literal["standard", "half", "none"]

_BLOCK = 2048  # images turned grey at once: bounds the memory that wide integers take
_GREY = (19595, 38470, 7471)  # ITU-R BT.601 luma .299, .587, .114 in 1/65536; they add up to 1, so grey stays as it is


@final
@attrs.frozen(eq=False)
class Presentation:
    """How pixels become stimuli: ``(pixel - mean) / std``, with uint8 pixels scaled to [0, 1] first.

    Parameters
    ----------
    mean, std : Tensor, shape (channel,), float32
        Of an environment.

    Examples
    --------
    >>> shown = Presentation(torch.tensor([0.5]), torch.tensor([0.25]))
    >>> shown.stimuli(torch.ones(1, 1, 1)).item(), shown.pixels(torch.zeros(1, 1, 1)).item()
    (2.0, 0.5)
    """

    mean: Tensor
    std: Tensor

    def pixels(self, stimuli: Tensor) -> Tensor:
        """Return normalised stimuli (..., channel, y, x) as the pixels they were; black is 0 and white is 1."""
        return stimuli * self.std[:, None, None] + self.mean[:, None, None]

    def stimuli(self, pixels: Tensor) -> Tensor:
        """Return pixels (..., channel, y, x) as normalised stimuli; one channel serves for all."""
        return (pixels - self.mean[:, None, None]) / self.std[:, None, None]


def to_grey(images: Tensor) -> Tensor:
    """Return images with one channel, by the luma of ITU-R BT.601; images of one channel come back as they are.

    Parameters
    ----------
    images : Tensor, shape (stimulus, channel, y, x), uint8 or float32
        Of 1 or 3 channels. uint8 is rounded to the nearest, as Pillow's mode "L" does.

    Raises
    ------
    ValueError
        Where there are neither 1 nor 3 channels.

    Examples
    --------
    >>> to_grey(torch.tensor([255, 0, 0], dtype=torch.uint8).reshape(1, 3, 1, 1)).item()
    76
    """
    if images.shape[1] == 1:
        return images
    if images.shape[1] != 3:
        raise ValueError(f"grey is defined for 1 or 3 channels, not for {images.shape[1]}")
    if images.dtype == torch.uint8:
        weights = torch.tensor(_GREY, dtype=torch.int32, device=images.device)[:, None, None]
        blocks = [((block * weights).sum(1, keepdim=True) + 32768 >> 16).to(torch.uint8) for block in _blocks(images)]
    else:
        shares = torch.tensor(_GREY, dtype=torch.float32, device=images.device)[:, None, None] / 65536
        blocks = [(block * shares).sum(1, keepdim=True) for block in _blocks(images)]
    return torch.cat(blocks)


def _blocks(images: Tensor) -> tuple[Tensor, ...]:
    return torch.split(images, _BLOCK)


def normalisation(images: Tensor, normalise: Normalise) -> tuple[Tensor, Tensor]:
    """Return the mean and standard deviation of each channel that `Environment.present` uses.

    Parameters
    ----------
    images : Tensor, shape (stimulus, channel, y, x), uint8 or float32
        Training stimuli on the CPU; uint8 counts as scaled to [0, 1].
    normalise : {"standard", "half", "none"}
        "standard": of these stimuli (population standard deviation; a constant channel keeps 1, and is presented as
        0). "half": 0.5 and 0.5, so that [0, 1] becomes [-1, 1] (Tran et al. 2022). "none": 0 and 1.

    Returns
    -------
    mean, std : Tensor, shape (channel,), float32

    Examples
    --------
    >>> mean, std = normalisation(torch.tensor([0, 255], dtype=torch.uint8).reshape(2, 1, 1, 1), "standard")
    >>> mean.item(), std.item()
    (0.5, 0.5)
    """
    channels = images.shape[1]
    if normalise != "standard":
        mean, std = (0.5, 0.5) if normalise == "half" else (0.0, 1.0)
        return torch.full((channels,), mean), torch.full((channels,), std)
    if images.dtype == torch.uint8:
        moments = [_moments_of_bytes(images[:, channel]) for channel in range(channels)]
    else:
        moments = [_moments(images[:, channel]) for channel in range(channels)]
    means, stds = zip(*moments, strict=True)
    return torch.tensor(means, dtype=torch.float32), torch.tensor([std or 1.0 for std in stds], dtype=torch.float32)


def _moments_of_bytes(values: Tensor) -> tuple[float, float]:
    """From a histogram, whose counts are exact: the same bits whatever the threads and the machine."""
    counts = torch.bincount(values.flatten(), minlength=256).numpy().astype(np.float64)
    levels = np.arange(256) / 255
    mean = counts @ levels / counts.sum()
    return float(mean), float(np.sqrt(counts @ (levels - mean) ** 2 / counts.sum()))


def _moments(values: Tensor) -> tuple[float, float]:
    """From sums in float64, which are exact for a constant: its deviation is 0, not the size of a rounding error."""
    return float(values.numpy().mean(dtype=np.float64)), float(values.numpy().std(dtype=np.float64))
