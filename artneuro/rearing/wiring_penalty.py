"""WiringPenalty: connections cost what they are long. Liu, Gan and Tegmark 2023, arXiv 2305.08746."""

from collections.abc import Iterator, Mapping
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec, define_spec, ge, param, some
from artneuro.rearing.intervention import Clock, Penalty, Window
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.tissue import Body
from artneuro.registry import register

PLACES = "places."
"""What the buffers of an embedded network begin with that hold the places of its units."""


def places_of(buffers: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the places of the units of every layer, from the buffers of one subject."""
    return {name.removeprefix(PLACES): tensor for name, tensor in buffers.items() if name.startswith(PLACES)}


@final
@define_spec
class Phase(Spec):
    """A rate, and the update from which it holds."""

    rate: float = param(doc="factor on the cost: lambda", check=ge(0))
    onset: int = param(0, units="update", doc="first update for which it holds, counted from birth", check=ge(0))


@final
@register("WiringPenalty")
@define_spec
class WiringPenalty(Penalty):
    """Add the cost of wiring to the loss: ``rate * sum |w_ij| d_ij``, d_ij the distance between the units.

    Distances are those of the embedded anatomy, ``extent * |dx| + depth``, between the places that units have at the
    time. With ``local: false`` every connection costs `depth` alone, whatever its length: an L1 penalty. A bias costs
    `depth` as well, from the update `bias_onset` on; so does every entry of a token's learnt vector, always.

    Examples
    --------
    >>> import artneuro as an
    >>> space = an.anatomy("embedded", of={"mlp": {"widths": [16]}})
    >>> naive = an.Subject.naive(space, an.environment("digits"), seed=0)
    >>> frugal = WiringPenalty(phases=(Phase(rate=0.01),))
    >>> short = an.rear(naive, naive.environment, an.Rearing(epochs=5), [frugal])
    >>> wide = an.rear(naive, naive.environment, an.Rearing(epochs=5))
    >>> bool(short.weights["hidden1.weight"].abs().sum() < wide.weights["hidden1.weight"].abs().sum())
    True
    """

    phases: tuple[Phase, ...] = param(doc="rates, and when they begin to hold", check=some())
    local: bool = param(True, doc="whether a connection costs more the longer it is")
    biases: bool = param(True, doc="whether biases cost anything")
    bias_onset: int = param(0, units="update", doc="first update for which biases cost", check=ge(0))
    reduce: Literal["sum", "mean"] = param("sum", doc="over the entries of a tensor; tensors are summed")
    window: Window = param(Window(), doc="when it acts")

    def problems(self) -> Iterator[Problem]:
        """Refuse phases out of order."""
        onsets = [phase.onset for phase in self.phases]
        if onsets != sorted(set(onsets)):
            yield Problem("phases", "onsets that ascend", str(onsets))

    def misfits(self, body: Body, rearing: Rearing, begin: Clock) -> Iterator[Problem]:
        """Refuse an anatomy without places."""
        yield from unembedded(body)

    def rate(self, step: int) -> float:
        """Return the rate that holds for an update.

        Examples
        --------
        >>> penalty = WiringPenalty(phases=(Phase(rate=0.001, onset=10), Phase(rate=0.01, onset=20)))
        >>> [penalty.rate(step) for step in (9, 10, 20, 99)]
        [0.0, 0.001, 0.01, 0.01]
        """
        return next((phase.rate for phase in reversed(self.phases) if phase.onset <= step), 0.0)

    def penalty(self, parameters: dict[str, Tensor], buffers: dict[str, Tensor], body: Body, clock: Clock) -> Tensor:
        """Return the rate times the cost."""
        space, places, terms = body.space, places_of(buffers), []
        for projection in space.circuit.projections:
            strength = projection.folded(parameters[projection.name].abs())
            lengths = space.lengths(projection, places).to(strength)[None, :, None] if self.local else space.depth
            terms.append(self._reduced(strength * lengths))
        if self.biases and clock.step >= self.bias_onset:
            terms += [self._reduced(parameters[name].abs() * space.depth) for name in space.circuit.biases]
        terms += [self._reduced(parameters[name].abs() * space.depth) for name in space.circuit.tables]
        return torch.stack(terms).sum() * self.rate(clock.step)

    def _reduced(self, cost: Tensor) -> Tensor:
        return cost.sum() if self.reduce == "sum" else cost.mean()


def unembedded(body: Body) -> Iterator[Problem]:
    """Yield why a body has no places."""
    try:
        body.space  # noqa: B018  found once, or refused
    except SpecificationError as error:
        yield from error.problems
