"""Which entries belong to a unit: checked by what a unit does to the network, not by how it is found."""

import pytest
import torch
from torch import nn

from artneuro.anatomy import anatomy
from artneuro.anatomy.wiring import Strand, Wiring
from artneuro.errors import SpecificationError

EXAMPLE = torch.randn(3, 3, 8, 8, generator=torch.Generator().manual_seed(0))
ANATOMIES = {
    "mlp": {"widths": (6, 5)},
    "morcos_cnn": {"width": 0.1},
    "tran_cnn": {"channels": (3, 4), "widths": (6, 5), "batch_norm": True},
    "simple_cnn": {},
    "resnet18": {"width": 0.05},
}


class Side(nn.Module):
    """A pooled site that a linear layer reads after flattening, and a convolution besides."""

    def __init__(self, groups=1):
        super().__init__()
        self.conv, self.relu, self.pool = nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2)
        self.fc, self.deep = nn.Linear(4 * 16, 3), nn.Conv2d(4, 4, 1, groups=groups)
        self.norm, self.flatten = nn.BatchNorm2d(4), nn.Flatten()

    def forward(self, stimuli):
        maps = self.pool(self.relu(self.conv(stimuli)))
        return self.fc(self.flatten(self.norm(maps))) + self.deep(maps).mean((1, 2, 3)).unsqueeze(1)


class Mixed(nn.Module):
    """Lays maps one below the other and pools over their border."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 4, 5), nn.ReLU()
        self.pool, self.flatten, self.fc = nn.AvgPool2d((5, 1), stride=1), nn.Flatten(), nn.Linear(32, 3)

    def forward(self, stimuli):
        maps = self.relu(self.conv(stimuli))
        return self.fc(self.flatten(self.pool(maps.view(-1, 2, 8, 4))))


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self):
        super().__init__()
        self.flatten, self.first, self.relu = nn.Flatten(), nn.Linear(192, 192), nn.ReLU()
        self.second, self.end = nn.Linear(192, 192), nn.Linear(192, 3)
        self.second.weight = self.first.weight

    def forward(self, stimuli):
        return self.end(self.second(self.relu(self.first(self.flatten(stimuli)))))


def silenced(model, wiring, unit):
    """Set every entry of a unit to zero."""
    weights = dict(model.state_dict())
    for strand in wiring.strands:
        if strand.part != "norm":
            own = weights[strand.name].movedim(strand.dim, 0)
            own[strand.places(torch.tensor([unit]))] = 0.0


@pytest.mark.parametrize("name", ANATOMIES)
def test_a_unit_is_all_that_its_weights_say_at_every_site_of_an_anatomy(name):
    """Without weights out, what a unit does changes nothing; with them it does."""
    torch.manual_seed(0)
    body = anatomy(name, **ANATOMIES[name])
    shape = (3, 32, 32) if name in ("morcos_cnn", "resnet18") else (3, 8, 8)
    model = body.build(shape, 3).eval()
    stimuli = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    sites = body.sites(model)
    found = {}
    for site, module in sites.items():
        try:
            found[site] = Wiring.of(model, module, stimuli)
        except SpecificationError as error:
            assert "outgoing" in str(error)  # the last site of a network that ends in pooling, for one
    assert len(found) >= len(sites) - 1
    if name == "resnet18":
        return  # skip connections carry its units on
    for wiring in found.values():
        with torch.no_grad():
            silenced(model, wiring, unit := wiring.units - 1)
            answers = []
            for level in (0.0, 9.0):
                handle = model.get_submodule(wiring.module).register_forward_hook(
                    lambda module, inputs, out, level=level, unit=unit: out.index_fill(1, torch.tensor([unit]), level)
                )
                answers.append(model(stimuli))
                handle.remove()
            assert torch.equal(*answers)
            handle = model.get_submodule(wiring.module).register_forward_hook(
                lambda module, inputs, out: out.index_fill(1, torch.tensor([0]), 9.0)
            )
            assert not torch.equal(answers[0], model(stimuli))
            handle.remove()


def test_several_readers_and_norms_on_both_sides_belong_to_the_site():
    found = Wiring.of(Side().eval(), "relu", EXAMPLE).strands
    assert {(strand.name, strand.part, strand.dim, strand.block) for strand in found} == {
        ("conv.weight", "incoming", 0, 1),
        ("conv.bias", "bias", 0, 1),
        ("norm.weight", "norm", 0, 1),
        ("norm.bias", "norm", 0, 1),
        ("norm.running_mean", "norm", 0, 1),
        ("norm.running_var", "norm", 0, 1),
        ("fc.weight", "outgoing", 1, 16),
        ("deep.weight", "outgoing", 1, 1),
    }


@pytest.mark.parametrize(
    ("model", "site", "message"),
    [
        (Side(groups=4), "relu", r"outgoing weights that belong to one unit each; came 4 units and 1 inputs of deep"),
        (Mixed(), "relu", r"units that stay apart on their way.*came unit 0, which reaches other inputs"),
        (Side(), "flatten", r"weights of its own for each unit; came 64 units and 4 outputs of conv. Its units share"),
        (Side(), "fc", r"outgoing weights that can be found; came the module 'fc', which has none. It takes nn.Linear"),
        (Tied(), "relu", r"layers with weights of their own; came second, whose weight is computed, or shared"),
    ],
)
def test_what_cannot_be_told_apart_is_refused_with_the_remedy(model, site, message):
    with pytest.raises(SpecificationError, match=message):
        Wiring.of(model.eval(), site, EXAMPLE)


def test_entries_of_units_come_unit_by_unit():
    weight = torch.arange(12.0).view(2, 6)  # two outputs, three units with two inputs each
    strand = Strand("fc.weight", "outgoing", 1, block=2)
    assert strand.of_units(weight, torch.tensor([2, 0])).tolist() == [[[4, 10], [5, 11]], [[0, 6], [1, 7]]]
