import networkx as nx
import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.measures.graph import (
    binarised,
    binarised_to_density,
    connection_count,
    degrees,
    density,
    is_directed,
    layered,
    strengths,
    symmetrised,
)


def as_networkx(matrix):
    bare = np.abs(matrix) * ~np.eye(len(matrix), dtype=bool)
    return nx.from_numpy_array(bare, create_using=nx.DiGraph if (bare != bare.T).any() else nx.Graph)


def test_counts_are_those_of_networkx(random_graphs):
    assert {is_directed(matrix) for matrix in random_graphs} == {True, False}
    for matrix in random_graphs:
        graph = as_networkx(matrix)
        assert connection_count(matrix) == graph.number_of_edges()
        assert density(matrix) == pytest.approx(nx.density(graph), abs=1e-15)
        assert degrees(matrix).tolist() == [graph.degree(unit) for unit in range(len(matrix))]


def test_self_connections_and_signs_do_not_count():
    matrix = np.array([[7.0, -2.0], [-2.0, 7.0]])
    assert strengths(matrix).tolist() == [[0, 2], [2, 0]]
    assert (connection_count(matrix), density(matrix), degrees(matrix).tolist()) == (1, 1.0, [1, 1])
    assert matrix[0, 0] == 7  # what came is left as it is
    assert not is_directed([[0, 1], [-1, 0]])


def test_a_graph_without_connections_is_a_graph():
    nothing = np.zeros((3, 3))
    assert (connection_count(nothing), density(nothing), degrees(nothing).tolist()) == (0, 0.0, [0, 0, 0])
    assert not is_directed(nothing)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (
            np.ones((2, 3)),
            r"weights: required a square matrix of two units or more; came shape \(2, 3\). `layered`",
        ),
        (np.ones(4), r"weights: required a square matrix of two units or more; came shape \(4,\)\.$"),
        (np.ones((1, 1)), "two units or more"),
        (np.array([[0, np.nan], [np.inf, 0]]), "finite numbers; came 2 that are not. Write 0 where"),
        (np.array([[0, 1], [1 + 1e-9, 0]]), "symmetric but for rounding .* `symmetrised` makes it symmetric"),
    ],
)
def test_what_is_no_graph_is_refused(matrix, words):
    with pytest.raises(SpecificationError, match=words):
        strengths(matrix)


def test_symmetrising_keeps_the_mean_or_the_stronger_of_both_directions(random_graphs):
    for matrix in random_graphs:
        for by, join in (("mean", lambda a, b: (a + b) / 2), ("max", max)):
            found = symmetrised(matrix, by=by)
            assert not is_directed(found)
            for i, j in np.ndindex(matrix.shape):
                assert found[i, j] == (0 if i == j else join(abs(matrix[i, j]), abs(matrix[j, i])))
    assert np.array_equal(symmetrised([[0, 1], [1 + 1e-9, 0]]), np.array([[0, 1 + 5e-10], [1 + 5e-10, 0]]))
    with pytest.raises(SpecificationError, match="by: required mean or max; came 'min'"):
        symmetrised(np.eye(2), by="min")
    with pytest.raises(SpecificationError, match="square"):
        symmetrised(np.ones((2, 3)))


def test_a_threshold_leaves_what_is_stronger():
    matrix = np.array([[0.0, -0.3, 0.2], [0.1, 0.0, 0.0], [0.3, 0.2, 0.0]])
    assert binarised(matrix, 0.2).astype(int).tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0]]
    assert np.array_equal(binarised(matrix), matrix != 0)
    with pytest.raises(SpecificationError, match="threshold: required a number >= 0; came -1"):
        binarised(matrix, -1)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.37, 0.8, 1.0])
@pytest.mark.parametrize("directed", [True, False])
def test_a_density_leaves_the_strongest_connections(share, directed):
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(14, 14))
    matrix = matrix if directed else matrix + matrix.T
    found = binarised_to_density(matrix, share)
    assert is_directed(found) == (directed and share < 1)
    possible = 14 * 13 if directed else 14 * 13 // 2
    assert found.sum() * (1 if directed else 0.5) == round(share * possible)
    outside = ~found & ~np.eye(14, dtype=bool)
    assert not outside.any() or np.abs(matrix)[found].min() > np.abs(matrix)[outside].max()
    order = rng.permutation(14)
    assert np.array_equal(binarised_to_density(matrix[np.ix_(order, order)], share), found[np.ix_(order, order)])


def test_a_density_that_cannot_be_had_is_refused_with_those_that_can():
    counts = np.array([[0, 3, 1], [1, 0, 1], [2, 0, 0]])
    with pytest.raises(SpecificationError, match=r"came 0.5, which parts 3 equally .* had: 0.333333 or 0.833333\."):
        binarised_to_density(counts, 0.5)
    assert binarised_to_density(counts, 0.333333).sum() == 2
    assert binarised_to_density(counts, 0.833333).sum() == 5
    with pytest.raises(SpecificationError, match=r"had: 1\."):
        binarised_to_density(np.ones((4, 4)), 0.5)
    for share in (1.0, 0.01, 0, -1, 2, np.nan):
        with pytest.raises(SpecificationError, match="keeps between 1 and the 5 that exist; came"):
            binarised_to_density(counts, share)


def test_layers_become_one_graph_whose_paths_are_those_of_the_network():
    rng = np.random.default_rng(2)
    below, middle, above = rng.normal(size=(4, 3)), rng.normal(size=(2, 4)), rng.normal(size=(5, 2))
    whole = layered([below, middle, above])
    assert whole.shape == (14, 14)
    assert np.count_nonzero(whole) == below.size + middle.size + above.size
    # three steps along connections are what a linear network of these layers does
    assert np.allclose(np.linalg.matrix_power(whole, 3)[:3, 9:], (above @ middle @ below).T, atol=1e-12)
    assert not np.linalg.matrix_power(whole, 4).any()


def test_layers_that_do_not_fit_are_refused():
    with pytest.raises(SpecificationError, match=r"matrices\[1\]: required 4 columns, .* came shape \(2, 3\)"):
        layered([np.ones((4, 3)), np.ones((2, 3))])
    with pytest.raises(SpecificationError, match=r"matrices\[0\]: required a matrix .* came shape \(3,\)"):
        layered([np.ones(3)])
    with pytest.raises(SpecificationError, match="one layer or more; came none"):
        layered([])
