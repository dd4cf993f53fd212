"""Graph: a network in space as connections between units that lie somewhere."""

from collections.abc import Mapping
from typing import final

import attrs
import torch
from torch import Tensor

from artneuro.anatomy.embedding import Embedding, Space


@final
@attrs.frozen(eq=False)
class Graph:
    """The connections of a network in space that a threshold leaves, and where its units lie.

    Parameters
    ----------
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
        layers, first, units = space.circuit.layers, {}, 0
        for layer, count in layers.items():
            first[layer] = units
            units += count
        cut = threshold * max(float(weights[each.name].abs().max()) for each in space.circuit.projections)
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
            cut=cut,
            sites=tuple(layer for layer, count in layers.items() for _ in range(count)),
            index=torch.cat([torch.arange(count) for count in layers.values()]),
            position=torch.cat([where[layer][places[layer].cpu()] for layer in layers]),
            **{name: torch.cat(along) for name, along in found.items()},
        )
