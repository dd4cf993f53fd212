"""Images of one size and colour as those of another: how stimuli of an experiment become those of an environment."""

from typing import Literal

from torch import Tensor
from torch.nn import functional as F

from artneuro.environment.presentation import to_grey

Resize = Literal["bilinear", "bicubic"]


def resized(images: Tensor, shape: tuple[int, ...], resize: Resize = "bilinear") -> Tensor:
    """Return images in another shape: cut to its proportions, resized, and in its channels.

    What is too long is cut at both ends alike. Interpolation low-passes before it makes images smaller. The grey of a
    colour is its luma; a single channel serves for all.

    Parameters
    ----------
    images : Tensor, shape (stimulus, channel, y, x), uint8
        Of 1 or 3 channels.
    shape : tuple of int, (channel, y, x)
        What is wanted.
    resize : {"bilinear", "bicubic"}
        How pixels are interpolated.

    Returns
    -------
    Tensor, shape (stimulus, *shape), float32, in 0..255

    Examples
    --------
    >>> import torch
    >>> checks = torch.tensor([[0, 255], [255, 0]], dtype=torch.uint8).repeat(4, 4)[None, None]
    >>> (resized(checks, (3, 2, 2))[0, :, 0] / 255).round(decimals=1).tolist()
    [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    """
    channels, high, wide = shape
    tall, broad = images.shape[2], images.shape[3]
    rows = min(tall, max(1, round(broad * high / wide)))
    columns = min(broad, max(1, round(tall * wide / high)))
    top, left = (tall - rows) // 2, (broad - columns) // 2
    cut = images[:, :, top : top + rows, left : left + columns]
    grey = to_grey(cut) if channels == 1 else cut
    pixels = grey.float()
    if (rows, columns) != (high, wide):
        pixels = F.interpolate(pixels, size=(high, wide), mode=resize, antialias=True).clamp(0, 255)
    return pixels if len(pixels[0]) == channels else pixels.expand(-1, channels, -1, -1).contiguous()
