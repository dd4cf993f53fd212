from itertools import permutations

import networkx as nx
import numpy as np
import pytest

from artneuro.measures.clustering import clustering


def by_hand(matrix):
    """Triangles of a unit, of every direction, over those that its connections allow (Fagiolo 2007), by loops."""
    exists = ((matrix != 0) & ~np.eye(len(matrix), dtype=bool)).astype(int)
    found = []
    for i in range(len(matrix)):
        others = [unit for unit in range(len(matrix)) if unit != i]
        both_ways = exists[i] + exists[:, i]
        triangles = sum(both_ways[j] * both_ways[k] * (exists[j, k] + exists[k, j]) for j, k in permutations(others, 2))
        allowed = sum(both_ways[j] * both_ways[k] * 2 for j, k in permutations(others, 2))
        found.append(triangles / allowed if allowed else 0)
    return found


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_networkx(random_graphs, weighted):
    for matrix in random_graphs:
        bare = np.abs(matrix) * ~np.eye(len(matrix), dtype=bool)
        graph = nx.from_numpy_array(bare, create_using=nx.DiGraph if (bare != bare.T).any() else nx.Graph)
        expected = nx.clustering(graph, weight="weight" if weighted else None)
        assert clustering(matrix, weighted) == pytest.approx([expected[i] for i in range(len(matrix))], abs=1e-12)


def test_equals_loops_over_triangles(random_graphs):
    for matrix in random_graphs:
        assert clustering(matrix) == pytest.approx(by_hand(matrix), abs=1e-12)


def test_known_graphs(ring_lattice, two_cliques):
    assert clustering(np.ones((5, 5))).tolist() == [1.0] * 5
    star = np.zeros((6, 6))
    star[0, 1:] = star[1:, 0] = 1
    assert clustering(star).tolist() == [0.0] * 6
    for reach in (1, 2, 3, 5):  # 3 (k - 2) / 4 (k - 1), with k = 2 reach neighbours (Watts and Strogatz 1998)
        expected = 3 * (2 * reach - 2) / (4 * (2 * reach - 1))
        assert clustering(ring_lattice(30, reach)) == pytest.approx([expected] * 30, abs=1e-12)
    # the ends of the bridge have 5 neighbours, of whose 10 pairs 6 are connected
    assert clustering(two_cliques) == pytest.approx([1.0] * 4 + [0.6, 0.6] + [1.0] * 4, abs=1e-12)
    circle = np.roll(np.eye(3), 1, axis=1)
    assert clustering(circle) == pytest.approx([0.5] * 3, abs=1e-12)  # one of the two ways round


def test_weights_count_by_the_geometric_mean_of_triangles():
    weights = np.array([[0, 1, 2], [1, 0, 4], [2, 4, 0]]) * 3.0
    assert clustering(weights, weighted=True) == pytest.approx([(1 * 2 * 4) ** (1 / 3) / 4] * 3, abs=1e-12)
    assert clustering(weights * 17, weighted=True) == pytest.approx(clustering(weights, weighted=True), abs=1e-12)
    assert clustering(np.ones((4, 4)), weighted=True) == pytest.approx([1.0] * 4, abs=1e-12)


def test_relabelling_units_permutes_it(random_graphs):
    rng = np.random.default_rng(0)
    for matrix in random_graphs:
        order = rng.permutation(len(matrix))
        assert clustering(matrix[np.ix_(order, order)]) == pytest.approx(clustering(matrix)[order], abs=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_no_connections_no_clustering(weighted):
    assert clustering(np.zeros((3, 3)), weighted).tolist() == [0.0] * 3
