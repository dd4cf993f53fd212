"""Units of a circuit's layers may change numbers; where a circuit is wrong, they may not, and it is refused."""

import attrs
import pytest
import torch
from torch import nn

import artneuro as an
from artneuro.anatomy import Embedded, anatomy_of
from artneuro.anatomy.circuit import Circuit, Projection
from artneuro.anatomy.exchange import unexchangeable
from artneuro.anatomy.transformer import TransformerNetwork
from artneuro.errors import SpecificationError

NETWORKS = {
    "mlp": ({"widths": (6, 5)}, (1, 2, 2), 3),
    "token_mlp": ({"width": 4, "widths": (6, 5)}, (1, 2, 7), 7),
    "recurrent": ({"units": 6}, (1, 5, 3), 4),
    "transformer": ({"width": 6, "heads": 2, "hidden": 8}, (1, 5, 2), 3),
}


def built(name):
    parameters, shape, outputs = NETWORKS[name]
    torch.manual_seed(3)
    model = an.anatomy(name, **parameters).build(shape, outputs)
    return model, Circuit.of(model), torch.randn(4, *shape)


@pytest.mark.parametrize("name", NETWORKS)
def test_units_of_every_network_can_change_numbers(name):
    assert list(unexchangeable(*built(name))) == []


@pytest.mark.parametrize("name", NETWORKS)
def test_no_weight_may_be_forgotten(name):
    model, circuit, example = built(name)
    for place, left_out in enumerate(circuit.projections):
        rest = circuit.projections[:place] + circuit.projections[place + 1 :]
        ends = {left_out.source, left_out.target} - {"input", "output"}
        found = list(unexchangeable(model, attrs.evolve(circuit, projections=rest), example))
        assert {problem.came.partition(",")[0] for problem in found} == ends


def test_a_table_may_not_be_forgotten():
    model, circuit, example = built("token_mlp")
    (problem,) = unexchangeable(model, attrs.evolve(circuit, tables={}), example)
    assert problem.came.startswith("embedding, where that changes")


def test_heads_are_blocks():
    """Entries of two heads cannot be mixed: attention sums over the entries of a head."""
    model, circuit, example = built("transformer")
    found = list(unexchangeable(model, attrs.evolve(circuit, blocks={}), example))
    assert {problem.came.partition(",")[0] for problem in found} == {"heads1", "heads2"}


class Split(nn.Module):
    """A transformer that takes its stream before and after the first block for two layers."""

    def __init__(self, shape, classes):
        super().__init__()
        torch.manual_seed(0)
        sizes = {"blocks": 2, "heads": 1, "width": 6, "hidden": 8}
        self.net = TransformerNetwork(shape[2], classes, each=False, **sizes)

    def forward(self, x):
        return self.net(x)

    def circuit(self):
        whole = self.net.circuit()
        after = ("blocks.1", "output")

        def cut(name, layer):
            return "later" if layer == "residual" and name.startswith(after) else layer

        projections = tuple(
            attrs.evolve(
                each, name=f"net.{each.name}", target=cut(each.name, each.target), source=cut(each.name, each.source)
            )
            for each in whole.projections
        )
        biases = {f"net.{name}": cut(name, layer) for name, layer in whole.biases.items()}
        return Circuit({**whole.layers, "later": 6}, projections, biases)


def test_a_residual_stream_in_one_place_only_is_refused():
    own = anatomy_of(Split, sites={"hidden": "net.blocks.0.gelu"})
    with pytest.raises(SpecificationError, match="circuit: required a layer whose units can change") as no:
        Embedded(of=own).build((1, 5, 2), 3)
    assert "residual, where that changes" in str(no.value)
    assert "later, where that changes" in str(no.value)
    assert "call what is one stream one layer" in str(no.value)


def test_what_a_model_does_not_have_is_refused():
    model, circuit, example = built("recurrent")
    wrong = (*circuit.projections[:2], Projection("outward.weight", "output", "hidden"))
    (problem,) = unexchangeable(model, attrs.evolve(circuit, projections=wrong), example)
    assert str(problem) == "circuit.outward.weight: required a parameter of shape (4, 6); came nothing."
    shaped = attrs.evolve(circuit, layers={**circuit.layers, "hidden": 5})
    assert all("(6, 3)" in problem.came for problem in list(unexchangeable(model, shaped, example))[:1])
    (blocked,) = unexchangeable(model, attrs.evolve(circuit, blocks={"hidden": 2}), example)
    assert "one block, where a layer is connected to itself" in str(blocked)
