import pytest
import torch
from torch import nn

from artneuro.anatomy import anatomy
from artneuro.anatomy.exposure import Opened
from artneuro.anatomy.lesion import fold
from artneuro.anatomy.recording import hooked
from artneuro.errors import SpecificationError


def looped(model, modules, x, lesion, fillings):
    """The same lesion by a hook on a whole forward pass."""
    sizes = [fillings[site][1] for site in modules]
    parts = dict(zip(modules, torch.split(lesion, sizes), strict=True))

    def hook(site):
        return lambda module, inputs, output: fold(output, parts[site][None], fillings[site][0])

    with hooked(model, {module: hook(site) for site, module in modules.items()}):
        return model(x)


def of_anatomy(name, sites, **parameters):
    made = anatomy(name, **parameters)
    model = made.build((3, 16, 16), 10)
    return model, {site: made.sites(model)[site] for site in sites}


SMALL_TRAN = {"channels": (4, 5, 6), "widths": (11, 20, 9)}
# a network and its sites, and whether a linear layer alone reads the one site
CASES = {
    "linear": (lambda: of_anatomy("tran_cnn", ["hidden2"], **SMALL_TRAN), True),
    "last": (lambda: of_anatomy("mlp", ["hidden2"], widths=(12, 9), batch_norm=True), True),
    "flattened": (
        lambda: (
            nn.Sequential(nn.Conv2d(3, 18, 3), nn.ReLU(), nn.Dropout2d(), nn.Flatten(), nn.Linear(18 * 196, 10)),
            {"maps": "1"},
        ),
        True,
    ),
    "convolution": (lambda: of_anatomy("tran_cnn", ["conv2"], **SMALL_TRAN), False),
    "averaged": (lambda: of_anatomy("morcos_cnn", ["conv11"], width=0.05), False),
    "together": (lambda: of_anatomy("tran_cnn", ["conv5", "hidden1", "hidden3"], **SMALL_TRAN), False),
}


@pytest.fixture(params=[*sorted(CASES), "residual"])
def exposed(request, sensitive, residual, stimuli):
    """A network of each kind with its exposure: (model, modules, x, exposure)."""
    make, linear = CASES.get(request.param, (lambda: (residual, {"inner": "relu1"}), False))
    model, modules = make()
    x = stimuli(8, 3, 16, 16)
    with torch.no_grad():
        exposure = Opened.at(sensitive(model), modules, x).expose(x)
        assert (exposure.opened.cut.linear is not None and len(modules) == 1) == linear
        assert bool(exposure.carried) == (model is residual)
        yield model, modules, x, exposure


def filled(exposure, kind):
    """Fillings in each shape that a lesion may have."""
    generator = torch.Generator().manual_seed(2)
    shapes = {"number": lambda a: (), "unit": lambda a: a.shape[1:2], "stimulus": lambda a: (1, *a.shape)}
    return {s: torch.rand(shapes[kind](a), generator=generator) for s, a in exposure.activity.items()}


@pytest.mark.parametrize("kind", ["number", "unit", "stimulus"])
def test_nested_lesions_equal_a_hook_on_the_whole_network(exposed, kind):
    model, modules, x, exposure = exposed
    fillings = filled(exposure, kind)
    sized = {site: (fillings[site], exposure.sizes[site]) for site in modules}
    total = sum(exposure.sizes.values())
    order = torch.randperm(total)
    counts = [0, 1, total // 2, total]
    found = exposure.nested(order, counts, fillings)
    rank, intact = order.argsort(), model(x)
    for logits, count in zip(found, counts, strict=True):
        expected = looped(model, modules, x, rank < count, sized)
        assert count == 0 or (expected - intact).abs().max() > 1e-3  # else equality would say little
        torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)  # another order of float32 sums


@pytest.mark.parametrize("kind", ["number", "unit", "stimulus"])
def test_single_lesions_equal_a_hook_on_the_whole_network(exposed, kind):
    model, modules, x, exposure = exposed
    fillings = filled(exposure, kind)
    sized = {site: (fillings[site], exposure.sizes[site]) for site in modules}
    found = torch.cat(list(exposure.single(fillings)))
    total = sum(exposure.sizes.values())
    assert len(found) == total
    for unit in range(0, total, 3):
        expected = looped(model, modules, x, torch.arange(total) == unit, sized)
        torch.testing.assert_close(found[unit], expected, atol=1e-5, rtol=1e-5)  # another order of float32 sums


def test_an_empty_lesion_gives_the_intact_logits_bit_for_bit(exposed):
    model, _, x, exposure = exposed
    total = sum(exposure.sizes.values())
    fillings = filled(exposure, "stimulus")
    assert torch.equal(exposure.nested(torch.randperm(total), [0, total], fillings)[0], model(x))
    assert torch.equal(exposure.clamped(torch.zeros(total, dtype=torch.bool), fillings), model(x))


def test_changes_reach_every_site_in_turn(exposed):
    model, modules, x, exposure = exposed
    doubled = exposure.changed(dict.fromkeys(modules, lambda activity: activity * 2))
    hooks = dict.fromkeys(modules.values(), lambda module, inputs, output: output * 2)
    with hooked(model, hooks):
        torch.testing.assert_close(doubled, model(x), atol=1e-5, rtol=1e-5)  # another order of float32 sums


def test_nothing_is_left_in_the_network(exposed):
    model, _, x, exposure = exposed
    before = model(x)
    exposure.nested(torch.arange(sum(exposure.sizes.values())), [1], filled(exposure, "number"))
    assert torch.equal(model(x), before)
    assert all(not module._forward_hooks for module in model.modules())


def test_what_ought_to_be_zero_is_zero():
    """Without bias and with all units silent, all logits are equal; a rounding error would choose a class."""
    generator = torch.Generator().manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(30, 20), nn.ReLU(), nn.Linear(20, 5, bias=False)).eval()
    x = torch.randn(50, 30, generator=generator) * 100
    with torch.no_grad():
        model[1].weight[1:] = 0.0
        model[1].bias.fill_(0.0)
        model[1].bias[0] = 1000.0  # unit 0 alone is active
        exposure = Opened.at(model, {"hidden": "2"}, x).expose(x)
        zero = {"hidden": torch.tensor(0.0)}
        nested = exposure.nested(torch.randperm(20, generator=generator), [0, 3, 20], zero)
        assert (nested[-1] == 0).all()
        assert (nested[0] != 0).any()
        assert (torch.cat(list(exposure.single(zero)))[0] == 0).all()


def test_a_linear_site_is_computed_without_its_reader():
    """The fast form is taken: the layer itself never runs again, only its sum is changed."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 5)).eval()
    x = torch.randn(7, 6)
    with torch.no_grad():
        exposure = Opened.at(model, {"hidden": "2"}, x).expose(x)
        ran = []
        with hooked(model, {"3": lambda module, inputs, output: ran.append(1)}):
            exposure.nested(torch.arange(20), [5, 10], {"hidden": torch.tensor(0.0)})
            list(exposure.single({"hidden": torch.tensor(0.0)}))
        assert ran == []


def test_a_later_site_before_the_first_is_refused(stimuli):
    made = anatomy("mlp", widths=(5, 4))
    model = made.build((1, 4, 4), 3).eval()
    x = stimuli(4, 1, 4, 4)
    opened = Opened.at(model, {"hidden2": "hidden2_relu", "hidden1": "hidden1_relu"}, x)
    with (
        torch.no_grad(),
        pytest.raises(SpecificationError, match=r"sites that come after hidden2.*from input to output"),
    ):
        opened.expose(x)


def test_a_site_that_is_a_container_can_be_a_later_one(stimuli):
    block = nn.Sequential(nn.Linear(5, 4), nn.ReLU())
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 5), nn.ReLU(), block, nn.Linear(4, 3)).eval()
    x = stimuli(4, 1, 4, 4)
    with torch.no_grad():
        exposure = Opened.at(model, {"first": "2", "block": "3"}, x).expose(x)
        assert exposure.opened.cut.partial
        silenced = exposure.clamped(
            torch.tensor([False] * 5 + [True] * 4), dict.fromkeys(exposure.activity, torch.tensor(0.0))
        )
        torch.testing.assert_close(silenced, model[4].bias.expand(4, 3))
