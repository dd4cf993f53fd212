"""Vertical flip: the world upside down, as through Stratton's prisms. Achille et al. 2019, section 2."""

from collections.abc import Iterator
from typing import final

from torch import Tensor

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
@register("VerticalFlip")
@define_spec
class VerticalFlip(Perceptual):
    """Show training images upside down, mirrored along y; tests are upright.

    A deficit that changes no statistics within an image: all that is in it is still there, elsewhere.

    Examples
    --------
    >>> import torch
    >>> shown = Presentation(torch.zeros(1), torch.ones(1))
    >>> column = torch.tensor([[1.0], [2.0]]).view(1, 1, 1, 2, 1)
    >>> VerticalFlip().perceive(column, Clock(0, 0), (Stream(0),), shown).flatten()
    tensor([2., 1.])
    """

    window: Window = param(Window(), doc="when it acts")

    def refusals(self, environment: Environment) -> Iterator[Problem]:
        """Refuse stimuli that are no images."""
        return not_images(environment)

    def perceive(
        self, stimuli: Tensor, clock: Clock, streams: tuple[Stream, ...], presentation: Presentation
    ) -> Tensor:
        """Return the stimuli (subject, batch, channel, y, x) with y reversed."""
        return stimuli.flip(-2)
