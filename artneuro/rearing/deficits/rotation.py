"""Rotation: the world tilted."""

import math
from collections.abc import Iterator
from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F

from artneuro.environment.environment import Environment
from artneuro.environment.presentation import Presentation
from artneuro.errors import Problem
from artneuro.fields import define_spec, param
from artneuro.rearing.deficits.images import not_images
from artneuro.rearing.intervention import Perceptual
from artneuro.rearing.timing import Clock, Window
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("Rotation")
@define_spec
class Rotation(Perceptual):
    """Show training images turned about their centre, counter-clockwise; tests are upright.

    Quarter turns of square images, and half turns of any, move pixels and nothing else. Other angles interpolate
    (bilinear); what comes in from outside is 0 after normalisation, as in augmentation: under "standard", the mean of
    the training stimuli.

    Examples
    --------
    >>> shown = Presentation(torch.zeros(1), torch.ones(1))
    >>> square = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).view(1, 1, 1, 2, 2)
    >>> Rotation(angle=90).perceive(square, Clock(0, 0), (Stream(0),), shown).view(2, 2)
    tensor([[2., 4.],
            [1., 3.]])
    """

    angle: float = param(units="degree", doc="how far, counter-clockwise")
    window: Window = param(Window(), doc="when it acts")

    def refusals(self, environment: Environment) -> Iterator[Problem]:
        """Refuse stimuli that are no images."""
        return not_images(environment)

    def perceive(
        self, stimuli: Tensor, clock: Clock, streams: tuple[Stream, ...], presentation: Presentation
    ) -> Tensor:
        """Return the turned stimuli (subject, batch, channel, y, x)."""
        height, width = stimuli.shape[-2:]
        quarters = self.angle / 90
        if quarters % 2 == 0 or (height == width and quarters.is_integer()):
            return torch.rot90(stimuli, int(quarters) % 4, (-2, -1))
        # where each pixel comes from, in torch's coordinates: -1 to 1 along each side, y downwards
        turn = math.radians(self.angle)
        sine, cosine = math.sin(turn), math.cos(turn)
        origin = [[cosine, -sine * height / width, 0.0], [sine * width / height, cosine, 0.0]]
        images = stimuli.flatten(0, 1).contiguous()
        back = torch.tensor([origin], dtype=images.dtype, device=images.device)
        grid = F.affine_grid(back, [1, 1, height, width], align_corners=False).expand(len(images), -1, -1, -1)
        return F.grid_sample(images, grid, align_corners=False).view(stimuli.shape)
