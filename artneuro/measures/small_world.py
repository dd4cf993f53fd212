"""Small worlds: whether neighbours cluster although every unit is near every other.

Watts and Strogatz 1998; the quotient sigma, Humphries and Gurney 2008, PLoS ONE 3, e0002051.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from artneuro.measures.clustering import clustering
from artneuro.measures.graph import binarised
from artneuro.measures.nulls import require_same_degrees
from artneuro.measures.paths import characteristic_path_length, efficiency, path_lengths, reachable_fraction


@final
@dataclass(frozen=True, eq=False)
class SmallWorld:
    """Clustering and paths of a network, beside those of nulls of the same degrees.

    Parameters
    ----------
    clustering, path_length, efficiency, reachable : float
        Of the binary graph: mean of `clustering`, `characteristic_path_length`, `efficiency`, `reachable_fraction`.
    null_clustering, null_path_length, null_efficiency : array, shape (null,)
        The same of each null.
    """

    clustering: float
    path_length: float
    efficiency: float
    reachable: float
    null_clustering: NDArray[np.float64]
    null_path_length: NDArray[np.float64]
    null_efficiency: NDArray[np.float64]

    @property
    def sigma(self) -> float:
        """``(C / C0) / (L / L0)``; above 1 the network is a small world.

        C0 and L0 are means over nulls. Not-a-number where some unit does not reach another, for L is then another
        quantity (`sigma_by_efficiency` is defined), and where no null has a triangle.
        """
        if self.reachable < 1 or np.isnan(self.null_path_length).any():
            return float("nan")
        return self._clustering_quotient() / float(self.path_length / self.null_path_length.mean())

    @property
    def sigma_by_efficiency(self) -> float:
        """``(C / C0) * (E / E0)``, defined also where a network falls apart; above 1 the network is a small world.

        C0 and E0 are means over nulls. Not-a-number where no null has a triangle.
        """
        expected = self.null_efficiency.mean()
        return self._clustering_quotient() * float(self.efficiency / expected) if expected > 0 else float("nan")

    def _clustering_quotient(self) -> float:
        expected = self.null_clustering.mean()
        return float(self.clustering / expected) if expected > 0 else float("nan")


def small_world(weights: ArrayLike, nulls: NDArray[np.bool_]) -> SmallWorld:
    """Whether a network is a small world, compared with random networks of the same degrees.

    Nulls of another density, or of the same density and other degrees, would make any network look special; they are
    refused.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights, from row to column; what is not 0 is a connection. Cut weak ones off first (`binarised_to_density`):
        where all units are connected there are no two kinds of network.
    nulls : array, shape (null, unit, unit), bool
        Of `degree_preserving_nulls`.

    Returns
    -------
    SmallWorld

    Raises
    ------
    SpecificationError
        Where the weights are no graph (see `strengths`), or some null has other degrees.

    Examples
    --------
    >>> from artneuro.measures import degree_preserving_nulls
    >>> from artneuro.seeds import Stream
    >>> step = np.eye(40, dtype=int)
    >>> ring = sum(np.roll(step, shift, axis=1) for shift in (-2, -1, 1, 2))
    >>> found = small_world(ring, degree_preserving_nulls(ring, Stream(0), count=10))
    >>> found.clustering, round(found.path_length, 3), found.sigma > 1
    (0.5, 5.385, True)
    """
    exists = binarised(weights)
    require_same_degrees(exists, nulls)
    own, *others = (_clustering_and_paths(graph) for graph in (exists, *nulls))
    expected = np.array(others)
    return SmallWorld(*own, *expected[:, :3].T)


def _clustering_and_paths(exists: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    lengths = path_lengths(exists)
    return (
        float(clustering(exists).mean()),
        characteristic_path_length(lengths),
        efficiency(lengths),
        reachable_fraction(lengths),
    )
