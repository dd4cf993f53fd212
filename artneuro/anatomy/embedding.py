"""Embedding: a network in space. Liu, Gan and Tegmark 2023, arXiv 2305.08746."""

from collections.abc import Iterator, Mapping
from typing import Literal, final

import attrs
import torch
from torch import Tensor, nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.circuit import Circuit, Projection
from artneuro.anatomy.exchange import unexchangeable
from artneuro.anatomy.placement import Line, Placement
from artneuro.anatomy.places import Places
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec, define_spec, ge, param
from artneuro.measures.placement import Bound, Within
from artneuro.records import content_key
from artneuro.registry import name_of, register, suggestion
from artneuro.seeds import Stream


@final
@define_spec
class Embedding(Spec):
    """Where the units of every layer lie, and how far it is from one to another.

    Two units of different layers are ``extent * |dx| + depth`` apart, where ``|dx|`` is the distance of their places
    within the layers: the published form, with A for `extent` and y* for `depth`. With `metric` l2 it is
    ``sqrt((extent * |dx|)**2 + depth**2)``. Units of one layer are ``extent * |dx|`` apart.

    Examples
    --------
    >>> circuit = Circuit.of(nn.Sequential(nn.Linear(2, 1), nn.ReLU(), nn.Linear(1, 2)))
    >>> Embedding(extent=2.0, depth=0.1).distances(circuit)["2.weight"].tolist()
    [[0.6], [0.6]]
    """

    layers: dict[str, Placement] = param({}, doc="layer -> its places; along a line, if left out")
    extent: float = param(1.0, doc="factor on distances within and between layers: A", check=ge(0))
    depth: float = param(0.1, doc="distance from layer to layer: y*", check=ge(0))
    metric: Literal["l1", "l2"] = param("l1", doc="sum of the distances along the axes, or the straight line")
    fixed: tuple[str, ...] = param((), doc="layers whose units never change places, such as input and output")

    def misfits(self, circuit: Circuit) -> Iterator[Problem]:
        """Yield why it does not fit a circuit."""
        known = list(circuit.layers)
        for field, names in (("layers", self.layers), ("fixed", self.fixed)):
            for name in names:
                if name not in known:
                    advice = suggestion(name, known)
                    yield Problem(f"{field}.{name}" if field == "layers" else field, "a layer", repr(name), advice)
        for layer, placement in self.layers.items():
            if layer in known:
                try:
                    placement.places(circuit.layers[layer])
                except SpecificationError as error:
                    yield from (
                        problem.within(f"layers.{layer}.{name_of(type(placement))}") for problem in error.problems
                    )

    def material(self) -> str:
        """Return what identifies all that places are read from; most are declared, and read from nothing."""
        read = {layer: placement.material() for layer, placement in self.layers.items()}
        return content_key(read) if any(read.values()) else ""

    def places(self, circuit: Circuit) -> dict[str, Tensor]:
        """Return the places of every layer, (place, 3), float64."""
        return {layer: self.layers.get(layer, Line()).places(units) for layer, units in circuit.layers.items()}

    def distances(self, circuit: Circuit) -> dict[str, Tensor]:
        """Return how far it is from place to place, by projection: (place of target, place of source), float64."""
        places = self.places(circuit)
        return {
            each.name: self._apart(places[each.target], places[each.source], each.target == each.source)
            for each in circuit.projections
        }

    def _apart(self, target: Tensor, source: Tensor, same: bool) -> Tensor:
        depth = 0.0 if same else self.depth
        along = self.extent * (target.unsqueeze(1) - source.unsqueeze(0)).abs()
        if self.metric == "l1":
            return along.sum(-1) + depth
        return (along.square().sum(-1) + depth**2).sqrt()


@final
@register("embedded")
@define_spec
class Embedded(Anatomy):
    """Another anatomy, with a place in space for every unit, inputs and outputs included.

    It computes what the other one does. At birth unit j has place j; `Swap` lets units change places.

    Examples
    --------
    >>> import artneuro as an
    >>> inner = an.anatomy("mlp", widths=(3,))
    >>> model = Embedded(of=inner).build((1, 1, 4), classes=2)
    >>> [(name, buffer.tolist()) for name, buffer in model.named_buffers()]
    [('places.input', [0, 1, 2, 3]), ('places.hidden1', [0, 1, 2]), ('places.output', [0, 1])]
    """

    of: Anatomy = param(doc="the network")
    embedding: Embedding = param(Embedding(), doc="where its units lie")

    def problems(self) -> Iterator[Problem]:
        """Refuse a network that has places already."""
        if isinstance(self.of, Embedded):
            yield Problem("of", "a network without places", "an embedded one", "Declare one embedding.")

    def material(self) -> str:
        """Return what identifies what its places are read from."""
        return self.embedding.material()

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model.

        Raises
        ------
        SpecificationError
            Where the network is no circuit of layers whose units can change numbers, or the embedding does not fit it.
        """
        model = self.of.build(shape, classes)
        try:
            circuit = Circuit.of(model)
        except SpecificationError as error:
            raise SpecificationError(
                [attrs.evolve(problem, where="embedded.of") for problem in error.problems]
            ) from error
        example = torch.randn((2, *shape), generator=Stream(0).child("exchange").torch())
        found = [problem.within("embedded.of") for problem in unexchangeable(model, circuit, example)]
        found += [problem.within("embedded.embedding") for problem in self.embedding.misfits(circuit)]
        if found:
            raise SpecificationError(found)
        model.add_module("places", Places(circuit.layers))
        return model

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the sites of the network."""
        return self.of.sites(model)


Reduce = Literal["sum", "mean"]
"""How costs of connections become one of their tensor."""


@final
@attrs.frozen(eq=False)
class Space:
    """An embedded network, ready to be measured: its circuit, and how far it is from place to place.

    Parameters
    ----------
    circuit : Circuit
    distances : mapping of str to Tensor, shape (place of target, place of source), float64
        By projection.
    depth : float
        What a connection is long, where its length along the layers does not count.
    fixed : tuple of str
        Layers whose units never change places.
    """

    circuit: Circuit
    distances: Mapping[str, Tensor]
    depth: float
    fixed: tuple[str, ...]

    @classmethod
    def of(cls, anatomy: Anatomy, model: nn.Module) -> "Space":
        """Return the space of a built model.

        Raises
        ------
        SpecificationError
            Where the anatomy is not embedded.
        """
        if not isinstance(anatomy, Embedded):
            advice = "Write {embedded: {of: ANATOMY}}, so that its units have places."
            raise SpecificationError([Problem("anatomy", "an embedded one", type(anatomy).__name__, advice)])
        circuit = Circuit.of(model)
        embedding, device = anatomy.embedding, next(model.parameters()).device
        distances = {name: apart.to(device) for name, apart in embedding.distances(circuit).items()}
        return cls(circuit, distances, embedding.depth, embedding.fixed)

    def lengths(self, projection: Projection, places: Mapping[str, Tensor]) -> Tensor:
        """Return how long each connection of a projection is, (target, source), or (subject, target, source).

        Parameters
        ----------
        places : mapping of str to Tensor, shape (unit,) or (subject, unit), int64
            Layer -> the number of the place of every unit.
        """
        target, source = places[projection.target], places[projection.source]
        return self.distances[projection.name][target.unsqueeze(-1), source.unsqueeze(-2)]

    def cost(self, weights: Mapping[str, Tensor], places: Mapping[str, Tensor], reduce: Reduce = "sum") -> Tensor:
        """Return the wiring cost of all connections, ``sum |w_ij| d_ij``; biases cost nothing here.

        With means it is the sum of the mean of each tensor.

        Parameters
        ----------
        weights : mapping of str to Tensor
            Parameters by name.
        """
        costs = [
            (each.strengths(weights[each.name]).double() * self.lengths(each, places)).sum()
            / (weights[each.name].numel() if reduce == "mean" else 1)
            for each in self.circuit.projections
        ]
        return torch.stack(costs).sum()

    def bounds(
        self, layer: str, weights: Mapping[str, Tensor], places: Mapping[str, Tensor], reduce: Reduce = "sum"
    ) -> Iterator[Bound]:
        """Yield what ties the units of a layer to those of others; with means, distances over the entries of a tensor.

        So what a unit of weight costs is reduced, and strengths are what they are.
        """
        for projection, other, incoming in self.circuit.beside(layer):
            if other != layer:
                strengths = projection.strengths(weights[projection.name])
                distances = self._reduced(projection.name, weights, reduce)
                if not incoming:
                    strengths, distances = strengths.T, distances.T
                yield Bound(strengths.double(), distances[:, places[other]])

    def within(self, layer: str, weights: Mapping[str, Tensor], reduce: Reduce = "sum") -> Within | None:
        """Return what ties the units of a layer to each other, reduced as in `bounds`; None where nothing does."""
        for projection, other, _ in self.circuit.beside(layer):
            if other == layer:
                strengths = projection.strengths(weights[projection.name]).double()
                both = strengths + strengths.T
                return Within(both - both.diag().diag(), self._reduced(projection.name, weights, reduce))
        return None

    def _reduced(self, name: str, weights: Mapping[str, Tensor], reduce: Reduce) -> Tensor:
        return self.distances[name] if reduce == "sum" else self.distances[name] / weights[name].numel()
