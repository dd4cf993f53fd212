"""Circuits: layers and projections of plain sequences, folds, and what is none."""

import pytest
import torch
from torch import nn

import artneuro as an
from artneuro.anatomy.circuit import Circuit, Projection
from artneuro.errors import SpecificationError


def test_layers_and_projections_of_a_perceptron():
    model = an.anatomy("mlp", widths=(6, 5)).build((1, 2, 2), 3)
    circuit = Circuit.of(model)
    assert circuit.layers == {"input": 4, "hidden1": 6, "hidden2": 5, "output": 3}
    assert [(each.name, each.target, each.source) for each in circuit.projections] == [
        ("hidden1.weight", "hidden1", "input"),
        ("hidden2.weight", "hidden2", "hidden1"),
        ("output.weight", "output", "hidden2"),
    ]
    assert circuit.biases == {"hidden1.bias": "hidden1", "hidden2.bias": "hidden2", "output.bias": "output"}
    around = [(each.name, other, incoming) for each, other, incoming in circuit.beside("hidden1")]
    assert around == [("hidden1.weight", "input", True), ("hidden2.weight", "hidden2", False)]


def test_a_connection_is_a_share_of_the_largest_weight_and_no_bias():
    model = an.anatomy("mlp", widths=(2,)).build((1, 1, 2), 2)
    weights = {name: torch.zeros_like(tensor) for name, tensor in model.named_parameters()}
    weights["hidden1.weight"][0, 1], weights["output.weight"][1, 0], weights["output.bias"][0] = 0.5, -4.0, 9.0
    assert Circuit.of(model).cut(weights, 0.25) == 1.0


def test_units_of_layers_stand_in_a_row():
    circuit = Circuit({"input": 4, "hidden": 3, "output": 2}, (), {})
    assert circuit.spans(circuit.layers) == {"input": slice(0, 4), "hidden": slice(4, 7), "output": slice(7, 9)}
    assert circuit.spans(["output", "input"]) == {"output": slice(0, 2), "input": slice(2, 6)}


def test_folds_are_the_entries_of_one_unit():
    """Two tokens of three dims side by side: entry 4 is dim 1 of the second."""
    weight = torch.arange(12.0).reshape(2, 6) - 5
    projection = Projection("w", "b", "a", source_folds=2)
    expected = torch.tensor(
        [[abs(float(weight[j, i])) + abs(float(weight[j, 3 + i])) for i in range(3)] for j in (0, 1)]
    )
    torch.testing.assert_close(projection.strengths(weight), expected)
    turned = Projection("w", "b", "a", target_folds=2)
    torch.testing.assert_close(turned.strengths(weight.T), expected.T)
    assert projection.folded(weight)[0, 1, 1, 2] == weight[1, 5]


@pytest.mark.parametrize(
    ("model", "came"),
    [
        (an.anatomy("simple_cnn").build((1, 8, 8), 2), "Conv2d"),
        (nn.Linear(2, 2), "Linear"),
        (nn.Sequential(nn.Flatten()), "Sequential"),
        (nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 2)), "BatchNorm1d"),
    ],
)
def test_what_is_no_circuit_is_refused(model, came):
    with pytest.raises(SpecificationError, match=came):
        Circuit.of(model)
