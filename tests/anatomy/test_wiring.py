"""Which entries belong to a unit: checked by what a unit does to the network, not by how it is found."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

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
        (
            Side(),
            "fc",
            r"outgoing weights that can be found; came the module 'fc': .* ends at operator.add. It takes nn.Linear",
        ),
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


class User(nn.Module):
    """A network as users write them: convolution, ReLU (the site), something, flattening, one linear layer."""

    def __init__(self, between, **modules):
        super().__init__()
        self.conv, self.relu, self.fc = nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.LazyLinear(3)
        self.between = between
        for name, module in modules.items():
            setattr(self, name, module)
        self.eval()(EXAMPLE)  # lazy layers take their shape

    def forward(self, stimuli):
        return self.fc(torch.flatten(self.between(self, self.relu(self.conv(stimuli))), 1))


ORDINARY = {
    "max_pool2d": (lambda net, x: F.max_pool2d(x, 2), 16),
    "avg_pool2d": (lambda net, x: F.avg_pool2d(x, 4), 4),
    "adaptive_avg_pool2d": (lambda net, x: F.adaptive_avg_pool2d(x, 1), 1),
    "dropout": (lambda net, x: F.dropout(x, 0.5, net.training), 64),
    "clamp": (lambda net, x: torch.clamp(x, max=6), 64),
    "view by size": (lambda net, x: x.view(x.size(0), -1), 64),
    "view by shape": (lambda net, x: x.view(x.shape[0], x.shape[1], x.shape[2] * x.shape[3]), 64),
    "mean": (lambda net, x: x.mean((2, 3)), 1),
    "first position": (lambda net, x: x[:, :, 0, 0], 1),
    "nonlinearities": (lambda net, x: F.mish(F.hardswish(x)) * torch.sigmoid(F.mish(F.hardswish(x))), 64),
    "numbers": (lambda net, x: (x - 0.5) / 2, 64),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_networks_are_wired(name):
    between, block = ORDINARY[name]
    wiring = Wiring.of(User(between), "relu", EXAMPLE)
    assert wiring.strands == (
        Strand("conv.weight", "incoming", 0),
        Strand("conv.bias", "bias", 0),
        Strand("fc.weight", "outgoing", 1, block),
    )


OWN = {
    "slopes": (nn.PReLU(4), ("weight",)),
    "one slope for all": (nn.PReLU(), ()),
    "instance norm": (nn.InstanceNorm2d(4, affine=True), ("weight", "bias")),
    "instance norm that keeps statistics": (
        nn.InstanceNorm2d(4, track_running_stats=True),
        ("running_mean", "running_var"),
    ),
    "batch norm": (nn.BatchNorm2d(4), ("weight", "bias", "running_mean", "running_var")),
    "Mish": (nn.Mish(), ()),
    "Hardswish": (nn.Hardswish(), ()),
}


@pytest.mark.parametrize("name", OWN)
def test_what_is_a_units_own_between_site_and_layer_belongs_to_it(name):
    module, entries = OWN[name]
    wiring = Wiring.of(User(lambda net, x: net.own(x), own=module), "relu", EXAMPLE)
    assert [strand for strand in wiring.strands if strand.name.startswith("own")] == [
        Strand(f"own.{entry}", "norm", 0) for entry in entries
    ]
    assert wiring.strands[-1] == Strand("fc.weight", "outgoing", 1, 64)


def gate(net, x):
    return x * torch.sigmoid(net.own(x.mean((2, 3))))[:, :, None, None]


MIXING = {
    "group norm": (
        lambda net, x: net.own(x),
        nn.GroupNorm(2, 4),
        r"ends at own \(nn.GroupNorm\). .*many units at once",
    ),
    "layer norm": (lambda net, x: net.own(x), nn.LayerNorm(8), r"ends at own \(nn.LayerNorm\). .*many units at once"),
    "conv1d": (
        lambda net, x: net.own(x.flatten(2)),
        nn.Conv1d(4, 4, 1),
        r"ends at own \(nn.Conv1d\). Its weights are not known here: nn.Conv2d",
    ),
    "softmax": (lambda net, x: F.softmax(x, 1), nn.Identity(), r"ends at torch.nn.functional.softmax. It takes"),
    "permute": (lambda net, x: x.permute(0, 2, 3, 1), nn.Identity(), r"ends at Tensor.permute. It takes"),
    "scale": (lambda net, x: x * net.own.bias[:, None, None], nn.Linear(4, 4), r"ends at operator.mul. It takes"),
    "slopes": (lambda net, x: F.prelu(x, net.own.weight), nn.PReLU(4), r"ends at torch.prelu"),
    "gate": (gate, nn.Linear(4, 4), r"'relu': besides own, the way out of it ends at operator.mul. It takes"),
    "aside": (
        lambda net, x: x.flatten(1) + 0 * net.own(x).flatten(1),
        nn.GroupNorm(2, 4),
        r"the way out of it ends at own \(nn.GroupNorm\). ",
    ),
    "branch": (
        lambda net, x: x if x.sum() > 0 else -x,
        nn.Identity(),
        r"ends at `lambda net, x: x if x.sum\(\) > 0 else -x,?` in `<lambda>`, which cannot be traced .*torch.fx",
    ),
    "maps averaged in pairs": (
        lambda net, x: x.view(-1, 2, 2, 8, 8).mean(2),
        nn.Identity(),
        r"came unit 0, which reaches other inputs of fc",
    ),
}


@pytest.mark.parametrize("name", MIXING)
def test_what_ends_the_way_out_is_named(name):
    between, own, message = MIXING[name]
    with pytest.raises(SpecificationError, match=message) as caught:
        Wiring.of(User(between, own=own), "relu", EXAMPLE)
    assert "Choose another site, or write the network so." in str(caught.value)


class Before(nn.Module):
    """The site is an identity behind something."""

    def __init__(self, before, own):
        super().__init__()
        self.conv, self.own, self.site, self.flatten = nn.Conv2d(3, 4, 3, padding=1), own, nn.Identity(), nn.Flatten()
        self.before, self.fc = before, nn.LazyLinear(3)
        self.eval()(EXAMPLE)

    def forward(self, stimuli):
        return self.fc(self.flatten(self.site(self.before(self, self.conv(stimuli)))))


def test_a_units_way_in_is_checked_too():
    accepted = Wiring.of(Before(lambda net, x: F.max_pool2d(net.own(x), 2), nn.PReLU(4)), "site", EXAMPLE)
    assert [strand.name for strand in accepted.strands] == ["conv.weight", "conv.bias", "own.weight", "fc.weight"]
    with pytest.raises(SpecificationError, match=r"incoming weights .*begins at own \(nn.GroupNorm\). It computes"):
        Wiring.of(Before(lambda net, x: net.own(x), nn.GroupNorm(2, 4)), "site", EXAMPLE)
    folded = Before(lambda net, x: x.view(-1, 2, 128).mean(-2).view(-1, 4, 32), nn.Identity())
    with pytest.raises(SpecificationError, match="came unit 0 of conv, which reaches other units of site"):
        Wiring.of(folded, "site", EXAMPLE)


class Tutorial(nn.Module):
    """The convolutional network of torch's tutorials, for smaller images."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 5, 3, padding=1)
        self.fc1, self.fc2, self.fc3 = nn.Linear(5 * 2 * 2, 8), nn.Linear(8, 6), nn.Linear(6, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, 5 * 2 * 2)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


TUTORIAL = {"conv1": ("conv2", 1), "conv2": ("fc1", 4), "fc1": ("fc2", 1), "fc2": ("fc3", 1)}


@pytest.mark.parametrize("site", TUTORIAL)
def test_the_network_of_the_tutorial_is_wired_at_every_site(site):
    after, block = TUTORIAL[site]
    assert Wiring.of(Tutorial().eval(), site, EXAMPLE).strands == (
        Strand(f"{site}.weight", "incoming", 0),
        Strand(f"{site}.bias", "bias", 0),
        Strand(f"{after}.weight", "outgoing", 1, block),
    )
