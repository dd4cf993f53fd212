"""WiringPenalty: connections cost what they are long. Liu, Gan and Tegmark 2023, arXiv 2305.08746.

That they also cost what they are easy to do without: Achterberg et al. 2023, Nature Machine Intelligence 5, 1369.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.anatomy.circuit import Projection
from artneuro.anatomy.embedding import Reduce, Space
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec, define_spec, ge, param, some
from artneuro.measures.communicability import communicability
from artneuro.rearing.intervention import Penalty
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.timing import Clock, Window
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
    """A rate, and the age from which it holds."""

    rate: float = param(doc="factor on the cost: lambda", check=ge(0))
    onset: int = param(0, doc="first update, or epoch, for which it holds, counted from birth", check=ge(0))


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
    unit: Literal["update", "epoch"] = param("update", doc="what onsets of rates and of biases are counted in")
    biases: bool = param(True, doc="whether biases cost anything")
    bias_onset: int = param(0, doc="first update, or epoch, for which biases cost", check=ge(0))
    connections: Literal["all", "recurrent"] = param(
        "all", doc="what costs: all there is, or the connections of layers to themselves alone, without biases"
    )
    norm: Literal["l1", "l2"] = param("l1", doc="absolute weights, or their squares")
    communicability: bool = param(
        False, doc="whether a recurrent connection costs more the better its units reach each other"
    )
    even: tuple[str, ...] = param((), doc="layers, such as output, into which every connection costs `depth` alone")
    reduce: Reduce = param("sum", doc="over the entries of a tensor; tensors are summed")
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
        """Refuse an anatomy without places, layers that it lacks, nothing that costs, and rates that never hold."""
        refused = list(unembedded(body))
        yield from refused
        if refused:
            return
        layers = body.space.circuit.layers
        for layer in self.even:
            if layer not in layers:
                yield Problem("even", "a layer", repr(layer), suggestion(layer, list(layers)))
            elif all(each.target != layer for each in body.space.circuit.projections):
                yield Problem("even", "a layer into which connections lead", repr(layer))
        taxed = self._taxed(body.space)
        if not taxed:
            yield Problem("connections", "all, where no layer is connected to itself", self.connections)
        elif not any(self._longest(each, body.space) for each in taxed):
            advice = "Give the embedding a depth" + (
                ", or an extent." if self.local else ": so much every connection costs."
            )
            yield Problem("", "connections that cost something", "a cost of 0 for each", advice)
        clock = begin.after(rearing, len(body.environment.train))
        end = clock.step if self.unit == "update" else clock.epoch
        onsets = {f"phases[{place}].onset": phase.onset for place, phase in enumerate(self.phases)}
        for field, onset in (onsets | {"bias_onset": self.bias_onset * self.biases}).items():
            if onset and onset >= end:
                advice = "Begin earlier, or rear for longer."
                yield Problem(field, f"an {self.unit} before the rearing ends, at {end}", str(onset), advice)

    def rate(self, age: int) -> float:
        """Return the rate that holds for an update, or an epoch, after so many.

        Examples
        --------
        >>> penalty = WiringPenalty(phases=(Phase(rate=0.001, onset=10), Phase(rate=0.01, onset=20)))
        >>> [penalty.rate(age) for age in (9, 10, 20, 99)]
        [0.0, 0.001, 0.01, 0.01]
        """
        return next((phase.rate for phase in reversed(self.phases) if phase.onset <= age), 0.0)

    def penalty(self, parameters: dict[str, Tensor], buffers: dict[str, Tensor], body: Body, clock: Clock) -> Tensor:
        """Return the rate times the cost."""
        circuit = body.space.circuit
        sizes = {
            name: parameters[name].abs() if self.norm == "l1" else parameters[name].square()
            for name in (*(each.name for each in circuit.projections), *circuit.biases, *circuit.tables)
        }
        for each in self._taxed(body.space) if self.communicability else ():
            weight = parameters[each.name]
            reached = communicability(each.strengths(weight).T).T  # which goes from row to column
            sizes[each.name] = (each.folded(sizes[each.name]) * reached[None, :, None]).view_as(weight)
        prices = self._prices(parameters, buffers, body.space, clock)
        return torch.stack([(sizes[name] * price).sum() for name, price in prices.items()]).sum()

    def prices(
        self, parameters: Mapping[str, Tensor], buffers: Mapping[str, Tensor], body: Body, clock: Clock
    ) -> Mapping[str, Tensor] | None:
        """Return the rate times the length of every connection; None for squares and communicability."""
        if self.norm == "l2" or self.communicability:
            return None
        return self._prices(parameters, buffers, body.space, clock)

    def _prices(
        self, parameters: Mapping[str, Tensor], buffers: Mapping[str, Tensor], space: Space, clock: Clock
    ) -> dict[str, Tensor]:
        """Return the factor of each entry's size, by parameter, of one subject or of many."""
        circuit, places = space.circuit, places_of(buffers)
        age = clock.step if self.unit == "update" else clock.epoch
        subjects = next(iter(places.values())).ndim - 1  # leading dims

        def rate(name: str) -> Tensor:
            weight = parameters[name]
            rate = weight.new_tensor(self.rate(age))
            return rate if self.reduce == "sum" else rate / math.prod(weight.shape[subjects:])

        found: dict[str, Tensor] = {}
        for each in self._taxed(space):
            own = rate(each.name)
            if self.local and each.target not in self.even:
                own = own * space.lengths(each, places).to(own)
                folds = each.target_folds, each.source_folds
                found[each.name] = own if folds == (1, 1) else own.tile(folds)
            else:
                found[each.name] = own * space.depth
        others = () if self.connections == "recurrent" else tuple(circuit.tables)
        if self.connections == "all" and self.biases and age >= self.bias_onset:
            others = (*circuit.biases, *others)
        return found | {name: rate(name) * space.depth for name in others}

    def _longest(self, projection: Projection, space: Space) -> float:
        """Return what a connection of a projection costs at most, per weight and rate."""
        if self.local and projection.target not in self.even:
            return float(space.distances[projection.name].max())
        return space.depth

    def _taxed(self, space: Space) -> tuple[Projection, ...]:
        """Return the projections that cost something."""
        within = self.connections == "recurrent"
        return tuple(each for each in space.circuit.projections if not within or each.target == each.source)


def unembedded(body: Body) -> Iterator[Problem]:
    """Yield why a body has no places."""
    try:
        body.space  # noqa: B018  found once, or refused
    except SpecificationError as error:
        yield from error.problems
