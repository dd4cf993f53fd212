"""Groups of units in networks wired by hand; the doctest shows one, `LesionStudy` lesions them."""

import torch

from artneuro.anatomy.circuit import Circuit
from artneuro.anatomy.groups import Groups
from artneuro.anatomy.token_mlp import TokenMLP
from artneuro.seeds import Stream


def network(links):
    """A network of tokens 4-4-4 with connections from entries to hidden units and on, and to every output."""
    model = TokenMLP(width=4, widths=(4, 4)).build((1, 2, 3), classes=3)
    weights = {name: torch.zeros_like(tensor) for name, tensor in model.named_parameters()}
    for entry, hidden, above in links:
        weights["hidden1.weight"][hidden, entry] = 1.0
        weights["hidden2.weight"][above, hidden] = 1.0
    weights["output.weight"][:] = 1.0
    return Circuit.of(model), weights


def test_chains_are_groups_though_every_one_votes_for_every_output():
    # column 5 is entry 1 at the second token
    circuit, weights = network([(0, 0, 3), (5, 2, 1), (3, 0, 3)])
    found = Groups().of(circuit, weights, Stream(0))
    assert {layer: own.tolist() for layer, own in found.items()} == {
        "embedding": [0, 1, -1, 0],
        "hidden1": [0, -1, 1, -1],
        "hidden2": [-1, 1, -1, 0],
    }


def test_without_connections_there_are_no_groups():
    circuit, weights = network([])
    assert all((own == -1).all() for own in Groups().of(circuit, weights, Stream(0)).values())
