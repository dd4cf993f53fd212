"""WiringPenalty: connections cost what they are long. Liu, Gan and Tegmark 2023, arXiv 2305.08746.

That they also cost what they are easy to do without: Achterberg et al. 2023, Nature Machine Intelligence 5, 1369.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.anatomy.circuit import Projection
from artneuro.anatomy.embedding import Space
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec, define_spec, ge, param, some
from artneuro.measures.communicability import communicability
from artneuro.rearing.intervention import Clock, Penalty, Window
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.tissue import Body
from artneuro.registry import register, suggestion

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
    `depth` as well, from the update `bias_onset` on; so does every entry of a token's learnt vector, always. With
    ``norm: l2``, squares stand for absolute values everywhere.

    Spatially embedded recurrent networks (Achterberg et al. 2023) are ``connections: recurrent, communicability:
    true``: ``rate * sum |w_ij| d_ij c_ij`` over the connections of a layer to itself and nothing else. How well two
    units reach each other, c_ij, is that of `artneuro.measures.communicability`, from the weights as they are at the
    update; it is differentiated with them, as published.

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
    connections: Literal["all", "recurrent"] = param(
        "all", doc="what costs: all there is, or the connections of layers to themselves alone, without biases"
    )
    norm: Literal["l1", "l2"] = param("l1", doc="absolute weights, or their squares")
    communicability: bool = param(
        False, doc="whether a recurrent connection costs more the better its units reach each other"
    )
    even: tuple[str, ...] = param((), doc="layers, such as output, into which every connection costs `depth` alone")
    reduce: Literal["sum", "mean"] = param("sum", doc="over the entries of a tensor; tensors are summed")
    window: Window = param(Window(), doc="when it acts")

    def problems(self) -> Iterator[Problem]:
        """Refuse phases out of order, and communicability of what is not recurrent."""
        onsets = [phase.onset for phase in self.phases]
        if onsets != sorted(set(onsets)):
            yield Problem("phases", "onsets that ascend", str(onsets))
        if self.communicability and self.connections != "recurrent":
            advice = "Only units of one layer reach each other and back."
            yield Problem("connections", "recurrent, with communicability", self.connections, advice)

    def misfits(self, body: Body, rearing: Rearing, begin: Clock) -> Iterator[Problem]:
        """Refuse an anatomy without places, layers that it does not have, and one in which nothing would cost."""
        refused = list(unembedded(body))
        yield from refused
        if refused:
            return
        layers = body.space.circuit.layers
        for layer in self.even:
            if layer not in layers:
                yield Problem("even", "a layer", repr(layer), suggestion(layer, list(layers)))
        if not self._taxed(body.space):
            yield Problem("connections", "all, where no layer is connected to itself", self.connections)

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
        space, circuit, places = body.space, body.space.circuit, places_of(buffers)
        terms = [
            self._reduced(self._costs(space, projection, places, parameters[projection.name]))
            for projection in self._taxed(space)
        ]
        others = () if self.connections == "recurrent" else tuple(circuit.tables)
        if self.connections == "all" and self.biases and clock.step >= self.bias_onset:
            others = (*circuit.biases, *others)
        terms += [self._reduced(self._sizes(parameters[name]) * space.depth) for name in others]
        return torch.stack(terms).sum() * self.rate(clock.step)

    def _taxed(self, space: Space) -> tuple[Projection, ...]:
        """Return the projections that cost something."""
        within = self.connections == "recurrent"
        return tuple(each for each in space.circuit.projections if not within or each.target == each.source)

    def _costs(self, space: Space, projection: Projection, places: Mapping[str, Tensor], weight: Tensor) -> Tensor:
        """Return what each entry of a weight costs, (target fold, target, source fold, source)."""
        costs = projection.folded(self._sizes(weight))
        if self.communicability:
            reached = communicability(projection.strengths(weight).T).T  # which goes from row to column
            costs = costs * reached[None, :, None]
        if self.local and projection.target not in self.even:
            return costs * space.lengths(projection, places).to(costs)[None, :, None]
        return costs * space.depth

    def _sizes(self, weight: Tensor) -> Tensor:
        return weight.abs() if self.norm == "l1" else weight.square()

    def _reduced(self, cost: Tensor) -> Tensor:
        return cost.sum() if self.reduce == "sum" else cost.mean()


def unembedded(body: Body) -> Iterator[Problem]:
    """Yield why a body has no places."""
    try:
        body.space  # noqa: B018  found once, or refused
    except SpecificationError as error:
        yield from error.problems
