"""Occlusion: half of the visual field is covered."""

from collections.abc import Iterator
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.environment.environment import Environment
from artneuro.environment.presentation import Presentation
from artneuro.errors import Problem
from artneuro.fields import between, define_spec, param
from artneuro.rearing.deficits.images import not_images
from artneuro.rearing.intervention import Perceptual
from artneuro.rearing.timing import Clock, Window
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("Occlusion")
@define_spec
class Occlusion(Perceptual):
    """Cover a half of every training image, or another share of it, from one side; tests are open.

    The cover stays where it is while augmentation shifts images behind it, as a lid before the eye would.

    Examples
    --------
    >>> shown = Presentation(torch.full((1,), 0.5), torch.full((1,), 0.5))
    >>> row = torch.ones(1, 1, 1, 1, 4)
    >>> Occlusion(side="left", level=0.5).perceive(row, Clock(0, 0), (Stream(0),), shown).flatten()
    tensor([0., 0., 1., 1.])
    """

    side: Literal["left", "right", "top", "bottom"] = param(doc="where it is covered")
    share: float = param(0.5, doc="share of the image that is covered, rounded to whole pixels", check=between(0, 1))
    level: float | None = param(
        None,
        doc="what is seen there, as a pixel from 0, black, to 1, white; 0 after normalisation, if left out: under "
        "`standard`, the mean of the training stimuli",
    )
    window: Window = param(Window(), doc="when it acts")

    def refusals(self, environment: Environment) -> Iterator[Problem]:
        """Refuse stimuli that are no images."""
        return not_images(environment)

    def perceive(
        self, stimuli: Tensor, clock: Clock, streams: tuple[Stream, ...], presentation: Presentation
    ) -> Tensor:
        """Return the stimuli (subject, batch, channel, y, x), partly covered."""
        axis = -1 if self.side in ("left", "right") else -2
        side = stimuli.shape[axis]
        covered = round(self.share * side)
        begin = 0 if self.side in ("left", "top") else side - covered
        cover = torch.zeros_like(presentation.mean)[:, None, None]
        if self.level is not None:
            cover = presentation.stimuli(torch.full_like(cover, self.level))
        seen = stimuli.clone()
        seen.narrow(axis, begin, covered).copy_(cover)
        return seen
