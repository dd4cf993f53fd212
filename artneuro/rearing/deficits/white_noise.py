"""White noise: nothing to see. Achille et al. 2019, section 2: sensory deprivation."""

from typing import final

import torch
from torch import Tensor

from artneuro.environment.presentation import Presentation
from artneuro.fields import define_spec, ge, param
from artneuro.rearing.intervention import Perceptual
from artneuro.rearing.timing import Clock, Window
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("WhiteNoise")
@define_spec
class WhiteNoise(Perceptual):
    """Show Gaussian noise in place of every training image, each pixel and channel by itself; tests are intact.

    Nothing of the image is left, so augmentation has no effect on what is seen. `mean` and `sd` are those of the
    stimuli after normalisation: under "standard", 0 and 1 are the mean and the deviation of the training stimuli.

    Examples
    --------
    >>> shown = Presentation(torch.zeros(1), torch.ones(1))
    >>> seen = WhiteNoise(sd=2).perceive(torch.zeros(1, 100, 1, 10, 10), Clock(0, 0), (Stream(0),), shown)
    >>> round(seen.mean().item(), 1) + 0.0, round(seen.std().item(), 1)
    (0.0, 2.0)
    """

    mean: float = param(0.0, doc="mean of the noise, where normalised stimuli have theirs")
    sd: float = param(1.0, doc="standard deviation of the noise, in that of normalised stimuli", check=ge(0))
    window: Window = param(Window(), doc="when it acts")

    def perceive(
        self, stimuli: Tensor, clock: Clock, streams: tuple[Stream, ...], presentation: Presentation
    ) -> Tensor:
        """Return noise of the stimuli's shape (subject, batch, channel, y, x), new for each update."""
        device = stimuli.device
        noise = [
            torch.randn(stimuli.shape[1:], generator=stream.child(clock.step).torch(device), device=device)
            for stream in streams
        ]
        return torch.stack(noise).mul_(self.sd).add_(self.mean)
