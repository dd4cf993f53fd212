import networkx as nx
import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.measures.nulls import degree_preserving_nulls
from artneuro.measures.rich_club import normalised_rich_club, rich_club
from artneuro.seeds import Stream


def by_hand(matrix):
    exists = (matrix != 0) & ~np.eye(len(matrix), dtype=bool)
    degree = exists.sum(axis=0) + exists.sum(axis=1)
    degree = degree // 2 if np.array_equal(exists, exists.T) else degree
    found = []
    for k in range(degree.max()):
        rich = np.flatnonzero(degree > k)
        pairs = [exists[i, j] for i in rich for j in rich if i != j]
        found.append(np.mean(pairs) if pairs else np.nan)
    return found


def test_equals_loops(random_graphs):
    for matrix in random_graphs:
        assert rich_club(matrix) == pytest.approx(by_hand(matrix), abs=1e-12, nan_ok=True)


def test_equals_networkx_where_that_is_defined(random_graphs):
    for matrix in random_graphs[1::2]:
        graph = nx.from_numpy_array(((matrix != 0) & ~np.eye(len(matrix), dtype=bool)).astype(int))
        found = rich_club(matrix)
        expected = nx.rich_club_coefficient(graph, normalized=False)
        assert expected
        assert {k: found[k] for k in expected} == pytest.approx(expected, abs=1e-12)


def test_known_graphs(two_cliques):
    assert rich_club(np.ones((4, 4))).tolist() == [1.0] * 3
    star = np.zeros((5, 5))
    star[0, 1:] = star[1:, 0] = 1
    assert rich_club(star) == pytest.approx([2 / 5, np.nan, np.nan, np.nan], abs=1e-12, nan_ok=True)
    # all ten units up to degree 3; above 4, the two ends of the bridge
    assert rich_club(two_cliques) == pytest.approx([21 / 45] * 4 + [1.0], abs=1e-12)
    assert rich_club(np.zeros((3, 3))).shape == (0,)


def test_hubs_that_know_each_other_stand_out_and_by_degree_alone_they_do_not():
    rng = np.random.default_rng(0)
    graph = np.triu(rng.random((60, 60)) < 0.05, 1)
    graph[:8, :8] = np.triu(np.ones((8, 8)), 1)
    for hub in range(8):
        graph[hub, rng.choice(np.arange(8, 60), size=8, replace=False)] = True
    graph = graph | graph.T
    nulls = degree_preserving_nulls(graph, Stream(0), count=30)
    assert normalised_rich_club(graph, nulls)[10] > 1.5
    null = nulls[0]
    assert normalised_rich_club(null, degree_preserving_nulls(null, Stream(1), count=30))[10] < 1.3


def test_against_itself_it_is_one(random_graphs):
    for matrix in random_graphs:
        exists = (matrix != 0) & ~np.eye(len(matrix), dtype=bool)
        found, bare = normalised_rich_club(matrix, exists[None]), rich_club(matrix)
        assert np.array_equal(np.isnan(found), ~(bare > 0))
        assert (found[bare > 0] == 1).all()


def test_relabelling_units_leaves_it(random_graphs):
    rng = np.random.default_rng(0)
    for matrix in random_graphs:
        order = rng.permutation(len(matrix))
        assert np.array_equal(rich_club(matrix[np.ix_(order, order)]), rich_club(matrix), equal_nan=True)


def test_nulls_of_other_degrees_are_refused(ring_lattice):
    with pytest.raises(SpecificationError, match="nulls of the network's own degrees"):
        normalised_rich_club(ring_lattice(10, 1), ring_lattice(10, 2)[None] > 0)


def test_a_null_of_a_directed_network_may_happen_to_be_symmetric():
    """Four units round in a circle have degree 2; so they have as two pairs, which need no direction."""
    circle, pairs = np.roll(np.eye(4), 1, axis=1), np.kron(np.eye(2), [[0, 1], [1, 0]])
    rho = normalised_rich_club(circle, np.stack([circle > 0, pairs > 0]))
    np.testing.assert_allclose(rho, [1.0, 1.0])
