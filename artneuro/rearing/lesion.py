"""A lesion that holds while the subject goes on learning: recovery rearing."""

from typing import final

import torch
from torch import Tensor

from artneuro.anatomy.sites import resolve_sites
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, each, ge, param
from artneuro.rearing.intervention import Modulatory
from artneuro.rearing.timing import Clock, Window
from artneuro.registry import register


@final
@register("Lesion")
@define_spec
class Lesion(Modulatory):
    """Clamp units of a site, after the nonlinearity, in training and test: to zero, or to given values.

    The weights of a lesioned unit stay; no gradient reaches them through it. A unit of a convolution is a feature map.
    It acts while its window holds, so `history` shows the lesioned subject's performance.

    Examples
    --------
    >>> from artneuro.seeds import Stream
    >>> lesion = Lesion(site="hidden1", units=(1,))
    >>> drawn = lesion.draw((1, 3), Clock(epoch=0, step=0), Stream(0).torch())
    >>> lesion.modulate(torch.ones(1, 3), drawn)
    tensor([[1., 0., 1.]])
    """

    site: str = param(doc="where")
    units: tuple[int, ...] = param(doc="numbers of the units", check=each(ge(0)))
    values: tuple[float, ...] | None = param(None, doc="what each unit is clamped to; zero, if left out")
    window: Window = param(Window(), doc="when it holds")

    def problems(self) -> list[Problem]:
        """Refuse a unit that comes twice, and values that are not one a unit."""
        found = []
        if len(set(self.units)) < len(self.units):
            found.append(Problem("units", "each unit once", str(list(self.units))))
        if self.values is not None and len(self.values) != len(self.units):
            found.append(Problem("values", f"one a unit, {len(self.units)}", str(len(self.values))))
        return found

    def acts_at(self, sites: tuple[str, ...]) -> tuple[str, ...]:
        """Return the one site."""
        return tuple(resolve_sites(dict.fromkeys(sites, ""), self.site))

    def acts_in_test(self) -> bool:
        """Tell that it does."""
        return True

    def draw(self, shape: tuple[int, ...], clock: Clock, generator: torch.Generator) -> Tensor:
        """Return, by unit, what it is clamped to; not-a-number where it is intact. Nothing is random."""
        beyond = [unit for unit in self.units if unit >= shape[1]]
        if beyond:
            raise SpecificationError([Problem("units", f"units of {self.site}, 0 to {shape[1] - 1}", str(beyond))])
        clamped = torch.full((shape[1],), torch.nan)
        clamped[list(self.units)] = torch.tensor(self.values or [0.0] * len(self.units))
        return clamped.view(-1, *[1] * len(shape[2:])).to(generator.device)

    def modulate(self, activity: Tensor, drawn: Tensor) -> Tensor:
        """Return the activity with the lesioned units clamped."""
        return torch.where(drawn.isnan(), activity, drawn)
