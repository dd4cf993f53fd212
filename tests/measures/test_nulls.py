from collections import Counter
from itertools import product

import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.measures.nulls import degree_preserving_nulls, require_same_degrees, rewired
from artneuro.seeds import Stream


def test_every_degree_is_kept_exactly(random_graphs):
    changed = 0
    for seed, matrix in enumerate(random_graphs):
        exists = (matrix != 0) & ~np.eye(len(matrix), dtype=bool)
        null = rewired(matrix, Stream(seed))
        assert null.dtype == bool
        assert np.array_equal(null.sum(axis=0), exists.sum(axis=0))
        assert np.array_equal(null.sum(axis=1), exists.sum(axis=1))
        assert not null.diagonal().any()
        assert np.array_equal(null, null.T) == np.array_equal(exists, exists.T)
        changed += not np.array_equal(null, exists)
    assert changed >= 8  # of 10; the two sparsest may have few graphs of their degrees


def of_degrees(n, incoming, outgoing, symmetric):
    """Every graph of n units with these degrees, as tuples of rows."""
    pairs = [(i, j) for i in range(n) for j in range(n) if (i < j if symmetric else i != j)]
    for chosen in product((0, 1), repeat=len(pairs)):
        graph = np.zeros((n, n), dtype=int)
        for (i, j), there in zip(pairs, chosen, strict=True):
            graph[i, j] = there
            if symmetric:
                graph[j, i] = there
        if graph.sum(axis=0).tolist() == incoming and graph.sum(axis=1).tolist() == outgoing:
            yield tuple(graph.ravel().tolist())


@pytest.mark.parametrize(
    ("n", "connections", "symmetric"),
    [
        (4, [(0, 1), (1, 2), (2, 0), (0, 3), (3, 1)], False),
        (3, [(0, 1), (1, 2), (2, 0)], False),  # reached only by turning a circle round
        (4, [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (2, 0), (1, 3)], False),  # dense: those that are not are rewired
        (5, [(0, 1), (1, 2), (2, 3), (3, 4)], True),
        (5, [(0, 1), (1, 2), (2, 0), (3, 4), (0, 3)], True),
    ],
)
def test_every_graph_of_the_degrees_is_as_likely(n, connections, symmetric):
    graph = np.zeros((n, n), dtype=int)
    for i, j in connections:
        graph[i, j] = 1
        if symmetric:
            graph[j, i] = 1
    everything = set(of_degrees(n, graph.sum(axis=0).tolist(), graph.sum(axis=1).tolist(), symmetric))
    draws = 400 * len(everything)
    seen = Counter(
        tuple(rewired(graph, Stream(1).child(draw), attempts=12).astype(int).ravel().tolist()) for draw in range(draws)
    )
    assert len(everything) > 1
    assert set(seen) == everything
    # chi squared over its degrees of freedom; 1 + 4 standard deviations, sqrt(2 / freedom)
    freedom = len(everything) - 1
    chi_squared = sum((seen[one] - 400) ** 2 / 400 for one in everything)
    assert chi_squared < freedom + 4 * np.sqrt(2 * freedom)


def test_the_given_graph_is_forgotten():
    """With the default draws, no more connections are found again than with ten times as many."""
    rng = np.random.default_rng(0)
    graph = rng.random((60, 60)) < 0.1
    np.fill_diagonal(graph, False)

    def found_again(attempts):
        nulls = (rewired(graph, Stream(seed).child(attempts), attempts) for seed in range(10))
        return [(null & graph).sum() / graph.sum() for null in nulls]

    default, longer = found_again(10), found_again(100)
    error = np.hypot(np.std(default), np.std(longer)) / np.sqrt(10)
    assert np.mean(default) == pytest.approx(np.mean(longer), abs=3 * error)
    assert np.mean(found_again(0.5)) > 2 * np.mean(default)


def test_the_stream_decides_and_nulls_are_independent(two_cliques):
    first, again = (degree_preserving_nulls(two_cliques, Stream(3), count=4) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.shape == (4, 10, 10)
    assert len({null.tobytes() for null in first}) == 4


@pytest.mark.parametrize("directed", [True, False])
def test_what_cannot_be_rewired_comes_back(directed):
    star = np.zeros((5, 5))
    star[0, 1:] = 1
    star = star if directed else star + star.T
    for graph in (star, np.ones((4, 4)), np.zeros((4, 4)), np.eye(4)[::-1] * [1, 0, 0, 1]):
        bare = (graph != 0) & ~np.eye(len(graph), dtype=bool)
        assert np.array_equal(rewired(graph, Stream(0)), bare)


def test_nulls_of_other_degrees_are_refused(ring_lattice):
    ring = ring_lattice(8, 1)
    require_same_degrees(ring, degree_preserving_nulls(ring, Stream(0), count=2))
    other = np.stack([ring > 0, ring_lattice(8, 2) > 0])
    with pytest.raises(SpecificationError, match="came 8 units with another number of incoming.*Draw them with `deg"):
        require_same_degrees(ring, other)
    same_density = np.zeros((3, 3), dtype=bool)
    same_density[0, 1] = same_density[2, 1] = same_density[1, 0] = True
    with pytest.raises(SpecificationError, match="2 units with another number of incoming"):
        require_same_degrees(np.roll(np.eye(3), 1, axis=1), same_density[None])
    with pytest.raises(SpecificationError, match=r"shape \(null, 8, 8\); came shape \(8, 8\)"):
        require_same_degrees(ring, ring > 0)
    with pytest.raises(SpecificationError, match=r"came shape \(0, 8, 8\)"):
        require_same_degrees(ring, np.zeros((0, 8, 8), dtype=bool))


def test_what_draws_nothing_is_refused(two_cliques):
    with pytest.raises(SpecificationError, match="attempts: required a number > 0; came 0"):
        rewired(two_cliques, Stream(0), attempts=0)
    with pytest.raises(SpecificationError, match="count: required a whole number >= 1; came 0"):
        degree_preserving_nulls(two_cliques, Stream(0), count=0)
