"""Low contrast: growing up in fog."""

from collections.abc import Iterator
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.environment.environment import Environment
from artneuro.environment.presentation import Presentation, to_grey
from artneuro.errors import Problem
from artneuro.fields import between, define_spec, param
from artneuro.rearing.deficits.images import not_images
from artneuro.rearing.intervention import Perceptual
from artneuro.rearing.timing import Clock, Window
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("LowContrast")
@define_spec
class LowContrast(Perceptual):
    """Show training images nearer to one level of grey; tests are in full contrast.

    Every pixel keeps the share `contrast` of its distance from that level, in each channel alike.

    image
        The level is the mean luma (ITU-R BT.601) of the image itself, so its mean luminance stays: what torchvision's
        ``adjust_contrast`` does, for images between black and white.
    mid_grey
        The level is half-way between black and white, the same for all images.

    Examples
    --------
    >>> shown = Presentation(torch.zeros(1), torch.ones(1))
    >>> pair = torch.tensor([0.0, 1.0]).view(1, 1, 1, 1, 2)
    >>> LowContrast(contrast=0.5).perceive(pair, Clock(0, 0), (Stream(0),), shown).flatten()
    tensor([0.2500, 0.7500])
    """

    contrast: float = param(doc="contrast that is left: 1 is untouched, 0 is a blank field", check=between(0, 1))
    towards: Literal["image", "mid_grey"] = param(
        "image", doc="the level that pixels move to: the image's own mean luma, or .5 of pixels from 0 to 1"
    )
    window: Window = param(Window(), doc="when it acts")

    def refusals(self, environment: Environment) -> Iterator[Problem]:
        """Refuse stimuli that are no images, and those whose luma is not defined."""
        yield from not_images(environment)
        channels = environment.shape[0]
        if self.towards == "image" and channels not in (1, 3):
            advice = "Choose `mid_grey`."
            yield Problem("towards", "mid_grey, for images of neither 1 nor 3 channels", "image", advice)

    def perceive(
        self, stimuli: Tensor, clock: Clock, streams: tuple[Stream, ...], presentation: Presentation
    ) -> Tensor:
        """Return the stimuli (subject, batch, channel, y, x) at a share of their distance from the level."""
        if self.towards == "image":
            # a subject at a time: how a mean is summed may depend on how many are summed beside it
            level = torch.stack([_mean_luma(presentation.pixels(own.contiguous())) for own in stimuli])
        else:
            level = torch.full((1, 1, 1, 1, 1), 0.5, device=stimuli.device)
        return torch.lerp(presentation.stimuli(level).expand_as(stimuli), stimuli, self.contrast)


def _mean_luma(pixels: Tensor) -> Tensor:
    """Return the mean luma of images (batch, channel, y, x), shape (batch, 1, 1, 1)."""
    return to_grey(pixels).mean(dim=(-2, -1), keepdim=True)
