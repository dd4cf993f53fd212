"""Blur: vision through a cataract. Achille, Rovere and Soatto 2019, arXiv 1711.08856, section 2."""

from collections.abc import Iterator
from typing import Literal, final

from torch import Tensor
from torch.nn import functional as F

from artneuro.environment.environment import Environment
from artneuro.environment.presentation import Presentation
from artneuro.errors import Problem
from artneuro.fields import define_spec, ge, param
from artneuro.rearing.deficits.images import not_images
from artneuro.rearing.intervention import Perceptual
from artneuro.rearing.timing import Clock, Window
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("Blur")
@define_spec
class Blur(Perceptual):
    """Show training images scaled down to few pixels and up again; tests are sharp.

    The paper scales 32 x 32 pixels down to 8 x 8, and says neither how it samples nor whether images are shifted before
    or after; so each choice is a parameter. Pixel centres are half a pixel from the border (torch's
    ``align_corners=False``). `antialias` widens the filter while scaling down, as Pillow does; without it, pixels
    between the sampled ones count for nothing, as in torch's ``interpolate``.

    Examples
    --------
    >>> import torch
    >>> step = torch.tensor([0.0, 0.0, 0.0, 1.0]).expand(1, 1, 1, 4, 4)
    >>> as_it_was = Presentation(torch.zeros(1), torch.ones(1))
    >>> Blur(size=2).perceive(step, Clock(0, 0), (Stream(0),), as_it_was)[0, 0, 0, 0]
    tensor([0.0000, 0.1250, 0.3750, 0.5000])
    """

    size: int = param(8, units="pixel", doc="what is left of the shorter side of the image", check=ge(1))
    antialias: bool = param(False, doc="low-pass before scaling down; for bilinear and bicubic")
    interpolation: Literal["nearest", "bilinear", "bicubic"] = param("bilinear", doc="between pixels, down and up")
    when: Literal["before", "after"] = param("after", doc="before or after augmentation")
    window: Window = param(Window(), doc="when it acts")

    def problems(self) -> list[Problem]:
        """Refuse a filter that does not exist."""
        if self.antialias and self.interpolation == "nearest":
            advice = "Leave it out, or choose bilinear or bicubic."
            return [Problem("antialias", "false where the interpolation is nearest", "true", advice)]
        return []

    def refusals(self, environment: Environment) -> Iterator[Problem]:
        """Refuse stimuli that are no images, and images that would be scaled up."""
        yield from not_images(environment)
        side = min(environment.shape[1:])
        if self.size > side:
            advice = f"The images have {' x '.join(map(str, environment.shape[1:]))} pixels: choose a smaller size."
            yield Problem("size", f"at most the shorter side of the images, {side}", str(self.size), advice)

    def stage(self) -> Literal["before", "after"]:
        """Tell when it acts."""
        return self.when

    def perceive(
        self, stimuli: Tensor, clock: Clock, streams: tuple[Stream, ...], presentation: Presentation
    ) -> Tensor:
        """Return the blurred stimuli (subject, batch, channel, y, x).

        Every step is linear with weights that add up to one, so normalised pixels blur as pixels do.
        """
        sides = stimuli.shape[-2:]
        if self.size == min(sides):
            return stimuli
        few = [max(1, round(side * self.size / min(sides))) for side in sides]
        images = stimuli.flatten(0, 1).contiguous()
        small = F.interpolate(images, size=few, mode=self.interpolation, antialias=self.antialias)
        return F.interpolate(small, size=list(sides), mode=self.interpolation).view(stimuli.shape)
