"""AsGraph: how a network is seen as a graph, and which nervous systems stand beside it."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal, final

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from artneuro import measures
from artneuro.connectomes.connectome import Connectome
from artneuro.connectomes.published import connectome
from artneuro.errors import DataError, Problem, SpecificationError
from artneuro.fields import Spec, between, define_spec, ge, param
from artneuro.labels import Label
from artneuro.records import content_key
from artneuro.seeds import Stream

MEASURED: Mapping[str, Label] = {
    "density": Label("share of the possible connections that exist, in the graph that is measured"),
    "clustering": Label("mean clustering of the units, without weights"),
    "path_length": Label("mean length, in connections, of the shortest path of two units that one joins"),
    "efficiency": Label("mean of one over the path length, without weights"),
    "small_worldness": Label("(C / C0) / (L / L0), clustering and path length against random networks"),
    "small_worldness_by_efficiency": Label("(C / C0) * (E / E0), clustering and efficiency against random networks"),
    "rich_club": Label(
        "connections among units of more than nine tenths of all degrees, over those in random networks"
    ),
    "binary_modularity": Label("modularity of the best division found, without weights"),
    "null_modularity": Label("mean of it over random networks of the same degrees"),
    "excess_modularity": Label("binary modularity less that of random networks of the same degrees"),
}
"""What is measured of a graph; what needs random networks is not-a-number where none are drawn."""

BESIDE = "connectome_"
"""What the names of these variables begin with that hold the same of nervous systems, along `connectome`."""

OUTPUTS: Mapping[str, Label] = {
    **MEASURED,
    **{
        f"{BESIDE}{name}": Label(f"of the nervous system: {label.long_name}", label.units, ("connectome",))
        for name, label in MEASURED.items()
    },
}
"""Variables of a protocol that sees networks as graphs."""


@final
@define_spec
class AsGraph(Spec):
    """How a network is seen as a graph without weights: which of its connections count, and what is expected.

    Random networks keep the degrees of every unit, in and out (`artneuro.measures.degree_preserving_nulls`).
    Nervous systems `beside` it are measured in the same way, read from the data root.

    Examples
    --------
    >>> ring = np.roll(np.eye(12), 1, axis=1)
    >>> found, modules = AsGraph(nulls=4).measure(ring + ring.T, Stream(0))
    >>> found["clustering"], round(found["path_length"], 3), np.bincount(modules.astype(int)).tolist()
    (0.0, 3.273, [4, 3, 3, 2])
    """

    connections: Literal["all", "recurrent"] = param(
        "all", doc="which are seen: all, or those of layers to themselves alone, between the units of these layers"
    )
    density: float | None = param(
        None,
        doc="the strongest connections are seen, so many that this share of the possible ones exists; a network that "
        "has fewer keeps all, and so does every one, if left out",
        check=between(0, 1),
    )
    nulls: int = param(
        0, doc="random networks that each is compared with; with none, it is compared with none", check=ge(0)
    )
    runs: int = param(3, doc="searches for modules, of which the best counts, in random networks too", check=ge(1))
    beside: tuple[str, ...] = param((), doc="published connectomes that are measured in the same way, such as celegans")

    def problems(self) -> Iterator[Problem]:
        """Refuse a density at which there is nothing."""
        if self.density == 0:
            yield Problem("density", "more than 0", "0", "Leave it out to keep every connection.")

    def refusals(self, units: int) -> Iterator[Problem]:
        """Yield why so many units are no graph at that density, and nervous systems cannot stand beside them."""
        possible = units * (units - 1)
        if self.density is not None and round(self.density * possible) < 1:
            least = (
                f"at least {1 / possible:.2g}, one of the {possible} possible connections" if possible else "two units"
            )
            yield Problem("density", least, f"{self.density:g}", "Leave it out to keep every connection.")
        for name in self.beside:
            try:
                self._seen(connectome(name).weights)
            except SpecificationError as error:
                yield from (problem.within("beside") for problem in error.problems)
            except DataError as error:
                yield Problem("beside", "connectomes that the data root holds", repr(name), str(error))

    def measure(self, weights: ArrayLike, stream: Stream) -> tuple[dict[str, float], NDArray[np.float64]]:
        """Measure the connections of a network.

        Parameters
        ----------
        weights : array, shape (unit, unit)
            From row to column; those that are seen, see `connections`.
        stream : Stream
            Randomness of null graphs and of searches for modules.

        Returns
        -------
        measured : dict
            The variables of `MEASURED`.
        modules : array, shape (unit,)
            Number of each unit's module in the division of which `binary_modularity` is, by falling size;
            not-a-number for units without a connection, and for all where there are no random networks.
        """
        exists = self._seen(weights)
        lengths, modules = measures.path_lengths(exists), np.full(len(exists), np.nan)
        found = dict.fromkeys(MEASURED, float("nan")) | {
            "density": measures.density(exists),
            "clustering": float(measures.clustering(exists).mean()),
            "path_length": measures.characteristic_path_length(lengths),
            "efficiency": measures.efficiency(lengths),
        }
        if self.nulls and exists.any():
            nulls = measures.degree_preserving_nulls(exists, stream.child("nulls"), self.nulls)
            world = measures.small_world(exists, nulls)
            divided = [
                measures.louvain(graph, stream.child("modules", number), runs=self.runs)
                for number, graph in enumerate((exists, *nulls))
            ]
            own, *others = (
                measures.modularity(graph, division) for graph, division in zip((exists, *nulls), divided, strict=True)
            )
            joined = exists.any(0) | exists.any(1)
            modules[joined] = divided[0][joined]
            found |= {
                "small_worldness": world.sigma,
                "small_worldness_by_efficiency": world.sigma_by_efficiency,
                "rich_club": _rich_club(exists, nulls),
                "binary_modularity": own,
                "null_modularity": float(np.mean(others)),
                "excess_modularity": own - float(np.mean(others)),
            }
        return found, modules

    def material(self) -> str:
        """Return what identifies the nervous systems beside it; nothing where there are none."""
        return content_key([connectome(name).fingerprint for name in self.beside]) if self.beside else ""

    def measure_beside(self) -> dict[str, NDArray[np.float64]]:
        """Return the same of the nervous systems beside it, by variable of `OUTPUTS`: (connectome,)."""
        each = [_of_connectome(self, _Known(connectome(name))) for name in self.beside]
        return {f"{BESIDE}{name}": np.array([one[name] for one in each], dtype=np.float64) for name in MEASURED}

    def _seen(self, weights: ArrayLike) -> NDArray[np.bool_]:
        exists = measures.binarised(weights)
        if self.density is None or self.density >= measures.density(exists):
            return exists
        return measures.binarised_to_density(weights, self.density)


def _rich_club(exists: NDArray[np.bool_], nulls: NDArray[np.bool_]) -> float:
    """Return the normalised rich club of the units whose degree nine tenths of all do not exceed."""
    club = measures.normalised_rich_club(exists, nulls)
    degree = int(np.quantile(measures.degrees(exists), 0.9, method="lower"))
    return float(club[degree]) if degree < len(club) else float("nan")


@final
@attrs.frozen
class _Known:
    """A connectome that is known again by what it holds."""

    connectome: Connectome = attrs.field(eq=lambda own: own.fingerprint)


@cache
def _of_connectome(how: AsGraph, known: _Known) -> Mapping[str, float]:
    """Measure a published connectome; once for all subjects that it stands beside."""
    return how.measure(known.connectome.weights, Stream(0).child("connectome", known.connectome.name))[0]
