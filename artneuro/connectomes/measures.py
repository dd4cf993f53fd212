"""Measures of a graph as one labelled dataset: a trained network and a nervous system can stand in one record."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from artneuro import joining, measures, records
from artneuro.connectomes.connectome import Connectome
from artneuro.errors import DesignError
from artneuro.labels import Label
from artneuro.seeds import Stream

OUTPUTS: Mapping[str, Label] = {
    "units": Label("units of the network"),
    "connections": Label("connections; a pair of an undirected network has one"),
    "directed": Label("whether connections have a direction"),
    "density": Label("share of the possible connections that exist"),
    "components": Label("parts without a connection between them"),
    "largest_component": Label("share of the units in the largest of these parts"),
    "modules": Label("modules of the best division found, of the network without its weights"),
    "modularity": Label("modularity of that division"),
    "weighted_modularity": Label("modularity of the best division found, by weights"),
    "clustering": Label("mean clustering of the units, without weights"),
    "path_length": Label("mean length, in connections, of the shortest path of two units that one joins"),
    "reachable": Label("share of the ordered pairs of units that a path joins"),
    "efficiency": Label("mean of one over the path length, without weights"),
    "null_clustering": Label("mean of the clustering, over random networks of the same degrees"),
    "null_path_length": Label("mean of the path length, over random networks of the same degrees"),
    "null_efficiency": Label("mean of the efficiency, over random networks of the same degrees"),
    "small_worldness": Label("(C / C0) / (L / L0), clustering and path length against random networks"),
    "small_worldness_by_efficiency": Label("(C / C0) * (E / E0), clustering and efficiency against random networks"),
    "rich_club": Label("share of possible connections among units of more than so many", dims=("degree",)),
    "normalised_rich_club": Label("that share, over its mean in random networks of the same degrees", dims=("degree",)),
    "wiring_ratio": Label("wire of all connections, over that with the places of units exchanged at random"),
    "weighted_wiring_ratio": Label("the same, each connection counting by its weight"),
}
"""Variables of every such dataset. Those of wire are not-a-number where units have no positions."""


def graph_measures(
    network: Connectome | ArrayLike, stream: Stream, density: float | None = None, nulls: int = 100, runs: int = 10
) -> xr.Dataset:
    """Measure a nervous system, or any matrix of weights, as a graph.

    Parameters
    ----------
    network : Connectome, or array (unit, unit)
        From row to column. What has positions has its wire measured, by straight lines.
    stream : Stream
        Randomness of null graphs and of searches for modules. The same network and stream give the same dataset.
    density : float, optional
        Leave the strongest connections, so many that this share of the possible ones exists. Trained networks in which
        every weight is other than 0 need it: all their units are neighbours. By default what is not 0 stays.
    nulls : int
        Random networks of the same degrees that it is compared with.
    runs : int
        Times that each search for modules is begun anew.

    Returns
    -------
    xarray.Dataset
        The variables of `OUTPUTS`, of which all but `rich_club` and `normalised_rich_club` (degree) are one number.
        Where there are positions, also `wiring_length` and `expected_wiring_length`, its mean over all exchanges of
        places, both by existence and in the unit of the positions.

    Raises
    ------
    SpecificationError
        Where the weights are no graph, or cannot be cut to that density.

    Examples
    --------
    >>> ring = np.roll(np.eye(12), 1, axis=1)
    >>> found = graph_measures(ring + ring.T, Stream(0), nulls=5, runs=2)
    >>> float(found.density), float(found.clustering), float(found.path_length)
    (0.18181818181818182, 0.0, 3.272727272727273)
    """
    whole = network if isinstance(network, Connectome) else Connectome(name="network", weights=np.asarray(network))
    weights = measures.strengths(whole.weights)
    if density is not None:
        weights = weights * measures.binarised_to_density(weights, density)
    exists = weights > 0
    random = measures.degree_preserving_nulls(exists, stream.child("nulls"), nulls)
    world = measures.small_world(exists, random)
    parts = measures.components(weights)
    modules = measures.louvain(exists, stream.child("modules"), runs=runs)
    by_weight = measures.louvain(weights, stream.child("modules"), runs=runs)
    club = measures.rich_club(exists)
    values = {
        "units": len(whole),
        "connections": measures.connection_count(weights),
        "directed": measures.is_directed(weights),
        "density": measures.density(weights),
        "components": parts.max() + 1,
        "largest_component": np.mean(parts == 0),
        "modules": modules.max() + 1,
        "modularity": measures.modularity(exists, modules),
        "weighted_modularity": measures.modularity(weights, by_weight),
        "clustering": world.clustering,
        "path_length": world.path_length,
        "reachable": world.reachable,
        "efficiency": world.efficiency,
        "null_clustering": world.null_clustering.mean(),
        "null_path_length": world.null_path_length.mean(),
        "null_efficiency": world.null_efficiency.mean(),
        "small_worldness": world.sigma,
        "small_worldness_by_efficiency": world.sigma_by_efficiency,
        "rich_club": club,
        "normalised_rich_club": measures.normalised_rich_club(exists, random),
        "wiring_ratio": np.nan,
        "weighted_wiring_ratio": np.nan,
    }
    labels = dict(OUTPUTS)
    if whole.positions is not None:
        spans = measures.distances_between(whole.positions)
        own = measures.wiring_length(exists, spans)
        expected = measures.expected_wiring_length(exists, spans)
        expected_by_weight = measures.expected_wiring_length(weights, spans)
        values |= {"wiring_length": own, "expected_wiring_length": expected}
        values["wiring_ratio"] = own / expected if expected else np.nan
        if expected_by_weight:
            values["weighted_wiring_ratio"] = measures.wiring_length(weights, spans) / expected_by_weight
        mean = "its mean over all exchanges of places"
        labels["wiring_length"] = Label("wire of all connections, by straight lines", whole.length_units)
        labels["expected_wiring_length"] = Label(f"wire of all connections, {mean}", whole.length_units)
    return records.dataset(values, labels, {"degree": np.arange(len(club))}, title=f"graph of {whole.name}")


def graph_record(
    networks: Mapping[str, Connectome | ArrayLike],
    stream: Stream,
    arms: Mapping[str, str] | None = None,
    density: float | None = None,
    nulls: int = 100,
    runs: int = 10,
) -> xr.Dataset:
    """Measure several networks, trained and nervous, and lay them side by side in one record.

    Parameters
    ----------
    networks : mapping of str to Connectome or array (unit, unit)
        Each with the label that will be its `subject`.
    stream, density, nulls, runs
        As of `graph_measures`; each network is measured as it would be alone.
    arms : mapping of str to str, optional
        Group of each label, such as "worm" or "trained"; by default each network is an arm of its own.

    Returns
    -------
    xarray.Dataset
        The variables of `OUTPUTS` along `subject`, with the coordinates of every record; a nervous system has no seed,
        which is written as -1. `degree` goes to the highest of all; a network that has no such units is not-a-number
        there. Lengths of wire stay if all networks have them in one unit; otherwise only ratios can be compared.

    Raises
    ------
    DesignError
        Where there is no network, or some network is in no arm.
    SpecificationError
        As of `graph_measures`.

    Examples
    --------
    >>> ring = np.roll(np.eye(12), 1, axis=1)
    >>> both = graph_record({"ring": ring, "all": np.ones((4, 4))}, Stream(0), nulls=2, runs=1)
    >>> both.density.round(3).values.tolist()
    [0.091, 1.0]
    """
    if not networks:
        raise DesignError("a record needs one network or more; came none.")
    groups = {label: label for label in networks} if arms is None else dict(arms)
    without = [label for label in networks if label not in groups]
    if without:
        raise DesignError(f"every network needs an arm; arms names none for {', '.join(without)}.")
    parts = [graph_measures(network, stream, density, nulls, runs) for network in networks.values()]
    lengths = ("wiring_length", "expected_wiring_length")
    if len({part["wiring_length"].attrs["units"] if "wiring_length" in part else None for part in parts}) > 1:
        parts = [part.drop_vars(lengths, errors="ignore") for part in parts]
    none = [-1] * len(parts)
    identities = {"subject": list(networks), "arm": [groups[label] for label in networks]}
    return joining.of_subjects(
        parts, {**identities, "seed": none, "diverged": none}, title="networks and nervous systems as graphs"
    )
