"""Activity noise: neurons are not exact while the subject learns."""

from typing import Literal, final

import torch
from torch import Tensor

from artneuro.anatomy.sites import resolve_sites
from artneuro.fields import define_spec, ge, param
from artneuro.rearing.intervention import Modulatory
from artneuro.rearing.timing import Clock, Window
from artneuro.registry import register


@final
@register("ActivityNoise")
@define_spec
class ActivityNoise(Modulatory):
    """Disturb the activity at sites in training, each place of each unit by itself; tests are undisturbed.

    additive
        activity + n, with n from a Gaussian of `mean` and `sd`, in the activity's own unit (not relative to a unit's
        variability, which changes while it learns).
    multiplicative
        activity times exp(n), with n from that Gaussian: log-normal, so a silent unit stays silent and the noise is
        relative by nature. The neurogenesis study has mean -0.2 and sd 0.5 (`neurodl`, Tran et al. 2022).

    Examples
    --------
    >>> from artneuro.seeds import Stream
    >>> noise = ActivityNoise(kind="multiplicative", mean=-0.2, sd=0.5)
    >>> drawn = noise.draw((100, 100), Clock(epoch=0, step=0), Stream(0).torch())
    >>> round(drawn.log().mean().item(), 1), round(drawn.log().std().item(), 1)
    (-0.2, 0.5)
    """

    kind: Literal["additive", "multiplicative"] = param(doc="added to the activity, or multiplied with it")
    sd: float = param(doc="standard deviation of the Gaussian", check=ge(0))
    mean: float = param(0.0, doc="mean of the Gaussian")
    sites: tuple[str, ...] | None = param(None, doc="where; at every site, if left out")
    window: Window = param(Window(), doc="when it acts")

    def acts_at(self, sites: tuple[str, ...]) -> tuple[str, ...]:
        """Return the sites asked for, or all."""
        return sites if self.sites is None else tuple(resolve_sites(dict.fromkeys(sites, ""), self.sites))

    def draw(self, shape: tuple[int, ...], clock: Clock, generator: torch.Generator) -> Tensor:
        """Return what is added, or the factor."""
        noise = torch.randn(shape, generator=generator, device=generator.device).mul_(self.sd).add_(self.mean)
        return noise if self.kind == "additive" else noise.exp_()

    def modulate(self, activity: Tensor, drawn: Tensor) -> Tensor:
        """Return the disturbed activity."""
        return activity + drawn if self.kind == "additive" else activity * drawn
