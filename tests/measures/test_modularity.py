import networkx as nx
import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.measures.modularity import louvain, modularity
from artneuro.seeds import Stream


def by_definition(matrix, modules, resolution):
    """The sum over pairs of units, one at a time."""
    w = np.abs(matrix) * ~np.eye(len(matrix), dtype=bool)
    total = w.sum()
    return sum(
        w[i, j] / total - resolution * w[i].sum() * w[:, j].sum() / total**2
        for i, j in np.ndindex(w.shape)
        if modules[i] == modules[j]
    )


def divisions(n):
    """Every division of n units into modules."""
    if n == 0:
        yield []
        return
    for rest in divisions(n - 1):
        for label in range(max(rest, default=-1) + 2):
            yield [*rest, label]


@pytest.mark.parametrize("resolution", [0.5, 1.0, 2.0])
def test_equals_its_definition_and_networkx(random_graphs, resolution):
    rng = np.random.default_rng(0)
    for matrix in random_graphs:
        modules = rng.integers(3, size=len(matrix))
        found = modularity(matrix, modules, resolution)
        assert found == pytest.approx(by_definition(matrix, modules, resolution), abs=1e-12)
        bare = np.abs(matrix) * ~np.eye(len(matrix), dtype=bool)
        graph = nx.from_numpy_array(bare, create_using=nx.DiGraph if (bare != bare.T).any() else nx.Graph)
        sets = [set(np.flatnonzero(modules == label).tolist()) for label in np.unique(modules)]
        assert found == pytest.approx(nx.community.modularity(graph, sets, resolution=resolution), abs=1e-12)


def test_known_graphs(two_cliques):
    # 21 connections, 20 of them within; each clique has half of the strength: 20/21 - 2 * (1/2)^2
    assert modularity(two_cliques, [0] * 5 + [1] * 5) == pytest.approx(20 / 21 - 1 / 2, abs=1e-15)
    assert modularity(two_cliques, [0] * 10) == pytest.approx(0, abs=1e-15)
    complete = np.ones((6, 6))
    assert modularity(complete, range(6)) == pytest.approx(-1 / 6, abs=1e-15)  # nothing within, 6 * (1/6)^2 expected


def test_names_of_modules_and_order_of_units_do_not_matter(random_graphs):
    rng = np.random.default_rng(1)
    for matrix in random_graphs:
        modules, order = rng.integers(4, size=len(matrix)), rng.permutation(len(matrix))
        found = modularity(matrix, modules)
        assert modularity(matrix[np.ix_(order, order)], 10 - 3 * modules[order]) == pytest.approx(found, abs=1e-12)
        assert modularity(-7 * matrix, modules) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize("directed", [True, False])
def test_louvain_finds_the_best_of_all_divisions_of_small_graphs(directed):
    rng = np.random.default_rng(2)
    for number in range(5):
        matrix = rng.random((7, 7)) * (rng.random((7, 7)) < 0.4)
        matrix = matrix if directed else np.triu(matrix) + np.triu(matrix, 1).T
        best = max(modularity(matrix, modules) for modules in divisions(7))  # 877 of them
        found = louvain(matrix, Stream(number), runs=20)
        assert modularity(matrix, found) == pytest.approx(best, abs=1e-12)


def test_louvain_finds_cliques_wherever_their_units_stand(two_cliques):
    order = np.random.default_rng(3).permutation(10)
    found = louvain(two_cliques[np.ix_(order, order)], Stream(0))
    assert np.array_equal(found == found[0], (order < 5) == (order[0] < 5))


def test_resolution_decides_how_small_modules_are():
    # a ring of 30 cliques of 5: at resolution 1, pairs of cliques are better modules (Fortunato and Barthelemy 2007)
    cliques = np.kron(np.eye(30), np.ones((5, 5)))
    for clique in range(30):
        here, there = 5 * clique, (5 * clique + 6) % 150
        cliques[here, there] = cliques[there, here] = 1
    assert len(set(louvain(cliques, Stream(0), runs=3).tolist())) < 30
    # all modules are of one size and numbered by their first unit
    assert louvain(cliques, Stream(0), resolution=3).tolist() == np.repeat(range(30), 5).tolist()


def test_the_stream_decides_and_more_runs_are_never_worse(random_graphs):
    matrix = random_graphs[5]
    assert np.array_equal(louvain(matrix, Stream(1), runs=3), louvain(matrix, Stream(1), runs=3))
    assert len({tuple(louvain(matrix, Stream(seed)).tolist()) for seed in range(10)}) > 1
    rng = np.random.default_rng(4)
    matrix, raised = rng.random((40, 40)) < 0.1, 0
    for seed in range(5):
        values = [modularity(matrix, louvain(matrix, Stream(seed), runs=runs)) for runs in (1, 3, 9)]
        assert values == sorted(values)
        raised += values[-1] > values[0]
    assert raised > 0


def test_a_graph_without_connections_has_no_modularity_and_no_modules():
    assert np.isnan(modularity(np.eye(3), [0, 0, 1]))
    assert louvain(np.eye(3), Stream(0)).tolist() == [0, 1, 2]


def test_what_cannot_be_is_refused():
    ring = np.roll(np.eye(4), 1, axis=1)
    with pytest.raises(SpecificationError, match=r"modules: required one label for each of 4 units; came \(3,\)"):
        modularity(ring, [0, 1, 1])
    for call in (lambda: modularity(ring, [0] * 4, 0), lambda: louvain(ring, Stream(0), resolution=0)):
        with pytest.raises(SpecificationError, match="resolution: required a number > 0; came 0"):
            call()
    with pytest.raises(SpecificationError, match="runs: required a whole number >= 1; came 0"):
        louvain(ring, Stream(0), runs=0)
