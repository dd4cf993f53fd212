import networkx as nx
import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.measures.nulls import degree_preserving_nulls
from artneuro.measures.small_world import SmallWorld, small_world
from artneuro.seeds import Stream


def small(clustering, length, efficiency, reachable=1.0):
    nulls = np.array([0.1, 0.3]), np.array([2.0, 4.0]), np.array([0.5])
    return SmallWorld(clustering, length, efficiency, reachable, *nulls)


def test_quotients_against_the_means_of_nulls():
    assert small(0.6, 6.0, 0.25).sigma == pytest.approx((0.6 / 0.2) / (6 / 3), abs=1e-12)
    assert small(0.6, 6.0, 0.25).sigma_by_efficiency == pytest.approx((0.6 / 0.2) * (0.25 / 0.5), abs=1e-12)


def test_every_part_is_what_networkx_finds(ring_lattice):
    ring = ring_lattice(24, 2)
    nulls = degree_preserving_nulls(ring, Stream(0), count=5)
    found = small_world(ring, nulls)
    for graph, clustering, efficiency in [
        (ring, found.clustering, found.efficiency),
        *zip(nulls, found.null_clustering, found.null_efficiency, strict=True),
    ]:
        expected = nx.from_numpy_array(np.asarray(graph))
        assert clustering == pytest.approx(nx.average_clustering(expected), abs=1e-12)
        assert efficiency == pytest.approx(nx.global_efficiency(expected), abs=1e-12)
    assert found.path_length == pytest.approx(nx.average_shortest_path_length(nx.from_numpy_array(ring)), abs=1e-12)


def test_a_lattice_with_shortcuts_is_a_small_world_and_its_own_null_is_none(ring_lattice):
    ring = ring_lattice(60, 3)
    for i, j in ((0, 30), (10, 45), (20, 50), (5, 25)):
        ring[i, j] = ring[j, i] = 1
    nulls = degree_preserving_nulls(ring, Stream(0), count=10)
    found = small_world(ring, nulls)
    assert found.sigma > 2
    assert found.sigma_by_efficiency > 2
    # a null against others of its kind: 1 but for chance; its own clustering has a relative spread of some 15 %
    null = small_world(nulls[0], degree_preserving_nulls(nulls[0], Stream(1), count=10))
    assert null.sigma == pytest.approx(1, abs=0.5)
    assert null.sigma_by_efficiency == pytest.approx(1, abs=0.5)


def test_against_itself_every_network_is_as_it_is(random_graphs):
    for matrix in random_graphs:
        exists = (matrix != 0) & ~np.eye(len(matrix), dtype=bool)
        found = small_world(matrix, exists[None])
        assert np.isnan(found.sigma_by_efficiency) == (found.clustering == 0)
        if found.clustering > 0:
            assert found.sigma_by_efficiency == pytest.approx(1, abs=1e-12)
            assert np.isnan(found.sigma) == (found.reachable < 1)
            assert np.isnan(found.sigma) or found.sigma == pytest.approx(1, abs=1e-12)


def test_a_network_in_parts_is_answered_by_efficiency_alone():
    parts = np.kron(np.eye(3), np.ones((5, 5)))
    found = small_world(parts, degree_preserving_nulls(parts, Stream(0), count=5))
    assert found.reachable == pytest.approx(4 / 14, abs=1e-12)
    assert np.isnan(found.sigma)
    assert found.sigma_by_efficiency > 0


def test_without_connections_or_triangles_there_is_no_quotient():
    for graph in (np.zeros((4, 4)), np.eye(4, k=1) + np.eye(4, k=-1)):
        found = small_world(graph, degree_preserving_nulls(graph, Stream(0), count=3))
        assert np.isnan(found.sigma)
        assert np.isnan(found.sigma_by_efficiency)


def test_nulls_of_another_density_are_refused(ring_lattice):
    with pytest.raises(SpecificationError, match="nulls of the network's own degrees"):
        small_world(ring_lattice(10, 1), ring_lattice(10, 2)[None] > 0)
