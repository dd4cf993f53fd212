"""Grey-scale: growing up without colour."""

from collections.abc import Iterator
from typing import final

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
@register("GreyScale")
@define_spec
class GreyScale(Perceptual):
    """Show training images without their colour: each channel is the luma of the pixel; tests are in colour.

    The luma is that of ITU-R BT.601, as `grey` of an environment has it. It is taken of pixels, so normalisation is
    undone for it and done again: a mean of normalised channels would be another colour in every environment.

    Examples
    --------
    >>> shown = Presentation(torch.zeros(3), torch.ones(3))
    >>> red = torch.tensor([1.0, 0.0, 0.0]).view(1, 1, 3, 1, 1)
    >>> GreyScale().perceive(red, Clock(0, 0), (Stream(0),), shown).flatten()
    tensor([0.2990, 0.2990, 0.2990])
    """

    colour: float = param(0.0, doc="share of the colour that is left: 1 is untouched, 0 is grey", check=between(0, 1))
    window: Window = param(Window(), doc="when it acts")

    def refusals(self, environment: Environment) -> Iterator[Problem]:
        """Refuse stimuli that have no colour to lose."""
        yield from not_images(environment)
        channels = environment.shape[0]
        if channels != 3:
            advice = (
                "They are grey already: leave the deficit out; or take the environment in colour, if it has any."
                if channels == 1
                else "Colour is defined for red, green and blue: use a function of your own (deficit_of)."
            )
            yield Problem("stimuli", "colour images, of 3 channels", str(channels), advice)

    def perceive(
        self, stimuli: Tensor, clock: Clock, streams: tuple[Stream, ...], presentation: Presentation
    ) -> Tensor:
        """Return the stimuli (subject, batch, channel, y, x) with `colour` left of their distance from grey."""
        pixels = presentation.pixels(stimuli.contiguous())
        grey = to_grey(pixels.flatten(0, 1)).view(*pixels.shape[:2], 1, *pixels.shape[-2:])
        return torch.lerp(presentation.stimuli(grey), stimuli, self.colour)
