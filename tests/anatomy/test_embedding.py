"""Embeddings: distances worked out by hand, the wiring cost against a loop, and what does not fit."""

import itertools
import math

import pytest
import torch
from torch import nn

import artneuro as an
from artneuro.anatomy.circuit import Circuit
from artneuro.anatomy.embedding import Embedding, Space
from artneuro.anatomy.placement import Given, Line
from artneuro.errors import SpecificationError


def circuit(*widths):
    layers = [nn.Linear(before, after) for before, after in itertools.pairwise(widths)]
    return Circuit.of(nn.Sequential(*layers))


def test_distances_of_lines_are_the_published_ones():
    """Unit j of n lies at (2 j + 1) / (2 n); a connection is A |dx| + y* long."""
    found = Embedding(extent=2.0, depth=0.5).distances(circuit(3, 2))["0.weight"]
    for j, i in ((0, 0), (0, 2), (1, 0)):
        assert float(found[j, i]) == pytest.approx(2.0 * abs((2 * j + 1) / 4 - (2 * i + 1) / 6) + 0.5)


def test_straight_lines_and_sums_of_axes():
    layers = {"input": Given(at=((0.0, 0.0),)), "output": Given(at=((3.0, 4.0),))}
    for metric, expected in (("l1", 7.0 + 1.0), ("l2", math.sqrt(25.0 + 1.0))):
        found = Embedding(layers=layers, depth=1.0, metric=metric).distances(circuit(1, 1))["0.weight"]
        assert float(found) == pytest.approx(expected)


def embedded(**embedding):
    return an.anatomy("embedded", of={"mlp": {"widths": [6, 5]}}, embedding=embedding)


def test_the_cost_is_that_of_every_connection():
    anatomy = embedded(extent=1.5, depth=0.2)
    model = anatomy.build((1, 2, 2), 3)
    space = Space.of(anatomy, model)
    weights = {name: weight.detach() for name, weight in model.named_parameters()}
    draw = torch.Generator().manual_seed(1)
    places = {layer: torch.randperm(units, generator=draw) for layer, units in space.circuit.layers.items()}
    total = mean = 0.0
    for projection in space.circuit.projections:
        weight = weights[projection.name]
        n, m = weight.shape
        for j in range(n):
            for i in range(m):
                here, there = int(places[projection.target][j]), int(places[projection.source][i])
                along = abs((2 * here + 1) / (2 * n) - (2 * there + 1) / (2 * m))
                total += abs(float(weight[j, i])) * (1.5 * along + 0.2)
                mean += abs(float(weight[j, i])) * (1.5 * along + 0.2) / (n * m)
    assert float(space.cost(weights, places)) == pytest.approx(total, rel=1e-12)
    assert float(space.cost(weights, places, "mean")) == pytest.approx(mean, rel=1e-12)


def test_a_place_for_every_unit_changes_nothing_that_is_computed():
    plain, spatial = an.anatomy("mlp", widths=(6, 5)), embedded()
    digits = an.environment("digits")
    alone = an.Subject.naive(plain, digits, seed=3)
    placed = an.Subject.naive(spatial, digits, seed=3)
    x = digits.present(digits.test.images[:20])
    assert torch.equal(alone.model()(x), placed.model()(x))
    assert placed.sites() == alone.sites()


@pytest.mark.parametrize(
    ("embedding", "message"),
    [
        ({"layers": {"hidden9": "line"}}, "embedding.layers.hidden9: required a layer; came 'hidden9'. Did you mean"),
        (
            {"layers": {"hidden1": {"lattice": {"sides": [2, 2]}}}},
            "hidden1.lattice.sides: required 6 places, one for each unit",
        ),
        ({"fixed": ["inputs"]}, "embedding.fixed: required a layer; came 'inputs'. Did you mean"),
        ({"layers": {"output": {"given": {"at": [[0.0], [1.0]]}}}}, "output.given.at: required 3 places"),
    ],
)
def test_an_embedding_that_does_not_fit_is_refused(embedding, message):
    with pytest.raises(SpecificationError) as refused:
        embedded(**embedding).build((1, 2, 2), 3)
    assert message in str(refused.value)


def test_a_network_has_one_embedding():
    with pytest.raises(SpecificationError, match="of: required a network without places; came an embedded one"):
        an.anatomy("embedded", of=embedded())


def test_an_anatomy_without_places_has_no_space():
    plain = an.anatomy("mlp")
    with pytest.raises(SpecificationError, match="required an embedded one; came MLP"):
        Space.of(plain, plain.build((1, 2, 2), 3))


def test_lines_are_the_default():
    assert torch.equal(Embedding().places(circuit(4, 2))["input"], Line().places(4))
