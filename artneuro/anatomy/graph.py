"""Graph: a network in space as connections between units that lie somewhere."""

from collections.abc import Mapping, Sequence
from typing import final

import attrs
import torch
from torch import Tensor

from artneuro.anatomy.circuit import INPUT, OUTPUT
from artneuro.anatomy.embedding import Embedding, Space


@final
@attrs.frozen(eq=False)
class Graph:
    """The connections of a network in space that a threshold leaves, and where its units lie.

    Parameters
    ----------
    space : Space
        Its circuit, and what lengths cost.
    weights : mapping of str to Tensor
        All parameters by name.
    places : mapping of str to Tensor, shape (unit,), int64
        Layer -> the number of the place of every unit.
    cut : float
        Absolute weight up to which there is no connection.
    sites : tuple of str
        Layer of each unit.
    index : Tensor, shape (unit,), int64
        Its number there.
    position : Tensor, shape (unit, axis)
    source, target : Tensor, shape (connection,), int64
        Positions of the ends among the units.
    weight, length : Tensor, shape (connection,), float64
    """

    space: Space
    weights: Mapping[str, Tensor]
    places: Mapping[str, Tensor]
    cut: float
    sites: tuple[str, ...]
    index: Tensor
    position: Tensor
    source: Tensor
    target: Tensor
    weight: Tensor
    length: Tensor

    @classmethod
    def of(
        cls,
        embedding: Embedding,
        space: Space,
        weights: Mapping[str, Tensor],
        places: Mapping[str, Tensor],
        threshold: float,
    ) -> "Graph":
        """Return the graph of a network; weights up to `threshold` times the largest are left out.

        Parameters
        ----------
        embedding, space : Embedding, Space
            Where its units can lie.
        weights : mapping of str to Tensor
            Parameters by name.
        places : mapping of str to Tensor, shape (unit,), int64
            Layer -> the number of the place of every unit.
        threshold : float, in [0, 1]
        """
        layers = space.circuit.layers
        first = {layer: span.start for layer, span in space.circuit.spans(layers).items()}
        cut = space.circuit.cut(weights, threshold)
        where = embedding.places(space.circuit)
        found: dict[str, list[Tensor]] = {"source": [], "target": [], "weight": [], "length": []}
        for projection in space.circuit.projections:
            folded = projection.folded(weights[projection.name])
            _, target, _, source = kept = (folded.abs() > cut).nonzero(as_tuple=True)
            found["source"].append((source + first[projection.source]).cpu())
            found["target"].append((target + first[projection.target]).cpu())
            found["weight"].append(folded[kept].double().cpu())
            found["length"].append(space.lengths(projection, places)[target, source].cpu())
        return cls(
            space,
            weights,
            places,
            cut=cut,
            sites=tuple(layer for layer, count in layers.items() for _ in range(count)),
            index=torch.cat([torch.arange(count) for count in layers.values()]),
            position=torch.cat([where[layer][places[layer].cpu()] for layer in layers]),
            **{name: torch.cat(along) for name, along in found.items()},
        )

    @property
    def hidden(self) -> Sequence[str]:
        """Layers that are neither what comes in nor what goes out."""
        return [layer for layer in self.space.circuit.layers if layer not in (INPUT, OUTPUT)]

    def strengths(self) -> Tensor:
        """Return how strongly each unit is connected to each, (unit, unit) from row to column: absolute weights."""
        between = torch.zeros(len(self.sites), len(self.sites), dtype=torch.float64)
        return between.index_put((self.source, self.target), self.weight.abs(), accumulate=True)

    def active(self) -> Tensor:
        """Tell of each unit, (unit,), whether it is hidden and has connections in and out.

        Of a table of vectors nothing comes in: what its entries hold is learnt.
        """
        tables, hidden = self.space.circuit.tables.values(), self.hidden
        driven = torch.tensor([site in tables for site in self.sites])
        drives = torch.zeros(len(self.sites), dtype=torch.bool)
        driven[self.target] = True
        drives[self.source] = True
        return driven & drives & torch.tensor([site in hidden for site in self.sites])

    def pruned(self) -> dict[str, Tensor]:
        """Return all parameters, with nothing but its connections left of the weights between units."""
        kept = dict(self.weights)
        for projection in self.space.circuit.projections:
            weight = kept[projection.name]
            kept[projection.name] = weight.where(weight.abs() > self.cut, torch.zeros_like(weight))
        return kept
