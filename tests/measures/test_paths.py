import networkx as nx
import numpy as np
import pytest

from artneuro.measures.paths import characteristic_path_length, efficiency, path_lengths, reachable_fraction


def by_floyd_and_warshall(matrix, weighted):
    n = len(matrix)
    lengths = np.full((n, n), np.inf)
    for i, j in np.ndindex(n, n):
        if matrix[i, j] != 0:
            lengths[i, j] = 1 / abs(matrix[i, j]) if weighted else 1
        if i == j:
            lengths[i, j] = 0
    for k in range(n):
        for i in range(n):
            for j in range(n):
                lengths[i, j] = min(lengths[i, j], lengths[i, k] + lengths[k, j])
    return lengths


@pytest.mark.parametrize("weighted", [False, True])
def test_lengths_equal_slow_loops(random_graphs, weighted):
    for matrix in random_graphs:
        assert np.allclose(path_lengths(matrix, weighted), by_floyd_and_warshall(matrix, weighted), rtol=1e-12, atol=0)


def test_summaries_are_those_of_networkx(random_graphs):
    whole = 0
    for matrix in random_graphs:
        directed = nx.from_numpy_array(matrix != 0, create_using=nx.DiGraph)
        lengths = path_lengths(matrix)
        if nx.is_strongly_connected(directed):
            expected = nx.average_shortest_path_length(directed)
            assert characteristic_path_length(lengths) == pytest.approx(expected, abs=1e-12)
            assert reachable_fraction(lengths) == 1
            whole += 1
        else:
            assert reachable_fraction(lengths) < 1
        if np.array_equal(matrix, matrix.T):
            expected = nx.global_efficiency(directed.to_undirected())
            assert efficiency(lengths) == pytest.approx(expected, abs=1e-12)
    assert 0 < whole < len(random_graphs)


def test_known_graphs(ring_lattice, two_cliques):
    complete = path_lengths(np.ones((5, 5)))
    assert (characteristic_path_length(complete), efficiency(complete)) == (1.0, 1.0)
    star = np.zeros((6, 6))
    star[0, 1:] = star[1:, 0] = 1
    # 10 ordered pairs at 1, 20 at 2
    assert characteristic_path_length(path_lengths(star)) == pytest.approx(50 / 30, abs=1e-12)
    assert efficiency(path_lengths(star)) == pytest.approx((10 + 20 / 2) / 30, abs=1e-12)
    ring = path_lengths(ring_lattice(12, 2))  # from a unit: 4 at 1, 4 at 2, 3 at 3
    assert characteristic_path_length(ring) == pytest.approx(21 / 11, abs=1e-12)
    assert efficiency(ring) == pytest.approx((4 + 4 / 2 + 3 / 3) / 11, abs=1e-12)
    # unordered pairs of the cliques: 20 within and the bridge at 1, 4 + 4 at 2, 16 at 3
    assert characteristic_path_length(path_lengths(two_cliques)) == pytest.approx((21 + 16 + 48) / 45, abs=1e-12)
    circle = path_lengths(np.roll(np.eye(4), 1, axis=1))
    assert characteristic_path_length(circle) == 2.0  # 1, 2 and 3 round the circle


def test_a_network_in_parts_is_answered_over_pairs_that_are_joined():
    pairs = np.kron(np.eye(2), np.ones((2, 2)))
    lengths = path_lengths(pairs)
    assert (characteristic_path_length(lengths), reachable_fraction(lengths)) == (1.0, 4 / 12)
    assert efficiency(lengths) == pytest.approx(4 / 12, abs=1e-15)
    nothing = path_lengths(np.zeros((3, 3)))
    assert np.isnan(characteristic_path_length(nothing))
    assert (efficiency(nothing), reachable_fraction(nothing)) == (0.0, 0.0)


def test_relabelling_units_permutes_lengths(random_graphs):
    rng = np.random.default_rng(0)
    for matrix in random_graphs:
        order = rng.permutation(len(matrix))
        assert np.array_equal(path_lengths(matrix[np.ix_(order, order)]), path_lengths(matrix)[np.ix_(order, order)])
