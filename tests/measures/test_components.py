import networkx as nx
import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.measures.components import components, numbered_by_size


def groups(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


@pytest.mark.parametrize("connection", ["weak", "strong"])
@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.5, 100.0])
def test_components_are_those_of_networkx(random_graphs, connection, threshold):
    for matrix in random_graphs:
        graph = nx.from_numpy_array(np.abs(matrix) > threshold, create_using=nx.DiGraph)
        of_networkx = {"weak": nx.weakly_connected_components, "strong": nx.strongly_connected_components}
        expected = {frozenset(members) for members in of_networkx[connection](graph)}
        assert groups(components(matrix, threshold, connection)) == expected


def test_two_cliques_part_where_their_bridge_is_weak(two_cliques):
    weights = two_cliques.copy()
    weights[4, 5] = weights[5, 4] = -0.5
    assert set(components(weights, 0.4).tolist()) == {0}
    assert components(weights, 0.5).tolist() == [0] * 5 + [1] * 5  # what equals the threshold is left out


def test_components_are_numbered_by_size_and_then_by_their_first_unit():
    weights = np.zeros((7, 7))
    weights[1, 6] = weights[6, 3] = weights[2, 5] = 1
    assert components(weights).tolist() == [2, 0, 1, 0, 3, 1, 0]
    assert components(np.zeros((3, 3))).tolist() == [0, 1, 2]


def test_relabelling_units_relabels_components(random_graphs):
    order = np.random.default_rng(0).permutation(12)
    matrix = random_graphs[2] * (np.abs(random_graphs[2]) > 0.5)
    found = components(matrix)
    assert len(set(found.tolist())) > 2  # otherwise nothing is asked
    again = components(matrix[np.ix_(order, order)])
    assert groups(found) == {frozenset(order[list(members)].tolist()) for members in groups(again)}


def test_groups_are_numbered_whatever_they_were_called():
    assert numbered_by_size(["b", "a", "b", "c", "c"]).tolist() == [0, 2, 0, 1, 1]


def test_an_unknown_kind_of_connection_is_refused():
    with pytest.raises(SpecificationError, match="connection: required weak or strong; came 'any'"):
        components(np.eye(3), connection="any")
