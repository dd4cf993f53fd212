"""Dropout: units that fall silent at random while the subject learns (Srivastava et al. 2014, JMLR 15:1929)."""

from typing import final

import torch
from torch import Tensor

from artneuro.anatomy.sites import resolve_sites
from artneuro.fields import between, define_spec, param
from artneuro.rearing.intervention import Modulatory
from artneuro.rearing.timing import Clock, Window
from artneuro.registry import register


@final
@register("Dropout")
@define_spec
class Dropout(Modulatory):
    """Silence activity at random in training, and scale what is left by ``1 / (1 - rate)``; tests are intact.

    Examples
    --------
    >>> from artneuro.seeds import Stream
    >>> dropout = Dropout(rate=0.5)
    >>> drawn = dropout.draw((2, 4), Clock(epoch=0, step=0), Stream(0).torch())
    >>> sorted(set(dropout.modulate(torch.ones(2, 4), drawn).flatten().tolist()))
    [0.0, 2.0]
    """

    rate: float = param(doc="probability of falling silent", check=between(0, 1))
    sites: tuple[str, ...] | None = param(None, doc="where; at every site, if left out")
    maps: bool = param(False, doc="silence whole feature maps, instead of each place in a map by itself")
    window: Window = param(Window(), doc="when it acts")

    def acts_at(self, sites: tuple[str, ...]) -> tuple[str, ...]:
        """Return the sites asked for, or all."""
        return sites if self.sites is None else tuple(resolve_sites(dict.fromkeys(sites, ""), self.sites))

    def draw(self, shape: tuple[int, ...], clock: Clock, generator: torch.Generator) -> Tensor:
        """Return 0 for what falls silent and the scale for what is left."""
        drawn = shape[:2] + (1,) * len(shape[2:]) if self.maps else shape
        left = torch.empty(drawn, device=generator.device).bernoulli_(1 - self.rate, generator=generator)
        return left.div_(1 - self.rate) if self.rate < 1 else left

    def modulate(self, activity: Tensor, drawn: Tensor) -> Tensor:
        """Return the activity times what was drawn."""
        return activity * drawn
