import numpy as np
import pytest
import torch

import artneuro as an
from artneuro.anatomy.embedding import Space
from artneuro.anatomy.graph import Graph
from artneuro.rearing.wiring_penalty import places_of

PLACE = an.environment("two_moons")


def graph(weights, threshold=0.1, anatomy=None, place=PLACE):
    """The graph of a network, by default of 2, 3 and 2 units, with these weights."""
    anatomy = anatomy or an.anatomy("embedded", of={"mlp": {"widths": [3]}})
    model = an.Subject.naive(anatomy, place, seed=0).model()
    own = {name: tensor.detach() for name, tensor in model.named_parameters()} | weights
    places = places_of(dict(model.named_buffers()))
    return Graph.of(anatomy.embedding, Space.of(anatomy, model), own, places, threshold)


@pytest.fixture
def drawn():
    """Inputs 0 and 1 drive hidden 0; hidden 1 hears but does not speak, hidden 2 speaks but does not hear."""
    into = torch.tensor([[1.0, -2.0], [0.5, 0.0], [0.1, 0.0]])  # the last is a tenth of the largest but one
    out_of = torch.tensor([[-0.7, 0.0, 0.3], [0.0, 0.0, 0.0]])
    first, second = (each.name for each in graph({}).space.circuit.projections)
    return graph({first: into, second: out_of}), first, second


def test_strengths_are_those_of_the_network_and_none_below_the_cut(drawn):
    found, *_ = drawn
    assert found.cut == pytest.approx(0.2)  # a tenth of 2
    expected = np.zeros((7, 7))
    expected[0, 2], expected[1, 2], expected[0, 3] = 1.0, 2.0, 0.5
    expected[2, 5], expected[4, 5] = 0.7, 0.3
    np.testing.assert_allclose(found.strengths(), expected, rtol=1e-6)  # weights are in single precision
    assert found.sites == ("input",) * 2 + ("hidden1",) * 3 + ("output",) * 2
    assert found.hidden == ["hidden1"]


def test_a_unit_is_active_that_hears_and_speaks(drawn):
    found, *_ = drawn
    assert found.active().nonzero().flatten().tolist() == [2]


def test_pruned_keeps_connections_biases_and_the_network(drawn):
    found, first, second = drawn
    kept = found.pruned()
    assert kept[first].tolist() == torch.tensor([[1.0, -2.0], [0.5, 0.0], [0.0, 0.0]]).tolist()
    assert torch.equal(kept[second], found.weights[second])
    assert found.weights[first][2, 0] == torch.tensor(0.1)  # what it was made of is as it was
    assert {name for name in kept if not torch.equal(kept[name], found.weights[name])} == {first}


def test_entries_of_tables_need_nothing_that_comes_in():
    anatomy = an.anatomy("embedded", of={"token_mlp": {"width": 4, "widths": [3]}})
    place = an.environment("modular_addition", p=5)
    found = graph({}, 0.0, anatomy, place)
    (table,) = found.space.circuit.tables.values()
    assert all(active for active, site in zip(found.active(), found.sites, strict=True) if site == table)
