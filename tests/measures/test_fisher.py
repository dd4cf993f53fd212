import copy
import math

import pytest
import torch
from torch import nn

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.measures.fisher import empirical_fisher_trace, fisher_trace
from artneuro.measures.parametrised import parameters_by_layer

ESTIMATORS = ("exact", "sampled", "weighted", "probe", "batch")


def mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(18, 7), nn.BatchNorm1d(7), nn.Tanh(), nn.Linear(7, 6), nn.ReLU(), nn.Linear(6, 4)
    )


def cnn():
    return nn.Sequential(
        nn.Conv2d(2, 6, 3, padding=1, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(inplace=True),
        nn.Conv2d(6, 8, 3, stride=2, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 4, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(2, 5, 3, padding=1), nn.BatchNorm2d(5)
        self.one, self.two = nn.Conv2d(5, 5, 3, padding=1), nn.Conv2d(5, 5, 3, padding=1)
        self.skip, self.output = nn.Conv2d(5, 5, 1), nn.Linear(45, 4)

    def forward(self, x):
        stem = torch.relu_(self.norm(self.stem(x)))
        return self.output(torch.relu_(self.two(torch.relu(self.one(stem))) + self.skip(stem)).flatten(1))


NETWORKS = {"mlp": mlp, "cnn": cnn, "residual": Residual}


@pytest.fixture
def stimuli():
    return torch.randn(10, 2, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.fixture(params=NETWORKS)
def model(request, stimuli):
    torch.manual_seed(0)
    model = NETWORKS[request.param]().double()
    model(2 * stimuli + 1)  # in training mode: gives batch norm its statistics
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(1.5)  # so that answers are neither all alike nor all sure
    return model


# ---------------------------------------------------------------- the definition


def test_logistic_regression_in_closed_form():
    torch.manual_seed(0)
    model, stimuli = nn.Linear(5, 3).double(), torch.randn(40, 5, dtype=torch.float64)
    p = model(stimuli).softmax(1).detach()
    seen = torch.cat([stimuli, torch.ones(40, 1)], 1)  # the bias is a weight of a constant
    covariance = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
    dense = torch.stack([torch.kron(c, x.outer(x)) for c, x in zip(covariance, seen, strict=True)]).mean(0)
    assert dense.shape == (18, 18)
    found = fisher_trace(model, stimuli, estimator="exact", batch=7)
    assert found.total == pytest.approx(dense.trace().item(), rel=1e-12)
    for estimator in ESTIMATORS[1:]:
        drawn = fisher_trace(model, stimuli, estimator=estimator, draws=200, generator=generator(), batch=20)
        # weighted labels leave rounding alone
        assert abs(drawn.total - found.total) < 4 * drawn.total_draw_error + 1e-12 * found.total
        assert drawn.total_draw_error < 0.05 * found.total  # so that the line above says something


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_exact_is_the_definition_layer_by_layer(model, stimuli, by_hand):
    found = fisher_trace(model, stimuli, estimator="exact", batch=4)
    expected = by_hand(model, stimuli)
    assert found.layers == tuple(expected)
    torch.testing.assert_close(found.value, torch.tensor(list(expected.values()), dtype=torch.float64))
    assert found.total == pytest.approx(sum(expected.values()), rel=1e-9)


@pytest.mark.parametrize("estimator", ESTIMATORS[1:])
def test_over_many_draws_every_estimator_has_the_mean_of_exact_layer_by_layer(model, stimuli, estimator):
    exact = fisher_trace(model, stimuli, estimator="exact").value
    found = fisher_trace(model, stimuli, estimator=estimator, draws=150, generator=generator(3))
    # four standard errors: one in 16,000 by chance, and there are about 80 layers; the seed is fixed. Weighted labels
    # have no error in a last layer, where rounding alone is left
    assert ((found.value - exact).abs() < 4 * found.draw_error + 1e-12 * exact).all()
    assert (found.draw_error < 0.15 * exact).all()  # so that a wrong factor could not hide


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_small_step_changes_the_answers_as_the_information_says(estimator):
    """KL(p_w || p_{w+d}) ~ d^T F d / 2; over random d of variance s^2, that is s^2 tr F / 2 on average."""
    torch.manual_seed(0)
    model, stimuli = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double(), torch.randn(30, 4).double()
    here = model(stimuli).log_softmax(1)
    found = fisher_trace(
        model, stimuli, estimator=estimator, generator=generator(), draws=1 + 100 * (estimator != "exact")
    )
    step, changes = 1e-3, []
    for _ in range(200):
        moved = copy.deepcopy(model)
        with torch.no_grad():
            for weight in moved.parameters():
                weight.add_(torch.randn_like(weight), alpha=step)
        changes.append(
            nn.functional.kl_div(moved(stimuli).log_softmax(1), here, log_target=True, reduction="batchmean")
        )
    changes = torch.stack(changes) * 2 / step**2
    assert abs(changes.mean() - found.total) < 4 * changes.std() / math.sqrt(200)


def test_true_labels_have_another_name(model, stimuli, by_hand):
    targets = model.eval()(stimuli).argmin(1)  # which the network does not believe in
    found = empirical_fisher_trace(model, stimuli, targets, batch=4)
    expected = torch.tensor(list(by_hand(model, stimuli, targets).values()), dtype=torch.float64)
    torch.testing.assert_close(found.value, expected)
    assert abs(found.total / fisher_trace(model, stimuli, estimator="exact").total - 1) > 0.05


def test_resnet18_by_hand_in_some_layers(by_hand):
    torch.manual_seed(0)
    model = an.anatomy("resnet18").build((3, 8, 8), 3).eval()
    stimuli = torch.randn(2, 3, 8, 8)
    found = fisher_trace(model, stimuli, estimator="exact")
    assert len(found.layers) == len(parameters_by_layer(model)) == 41
    expected = torch.tensor(list(by_hand(model, stimuli).values()), dtype=torch.float64)
    torch.testing.assert_close(found.value, expected, rtol=1e-4, atol=0)  # single precision, 18 layers deep


# ---------------------------------------------------------------- properties


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_shares_sum_to_one_and_layers_to_the_total(model, stimuli, estimator):
    found = fisher_trace(model, stimuli, estimator=estimator, generator=generator())
    assert float(found.share.sum()) == pytest.approx(1)
    assert (found.share > 0).all()
    assert found.total == pytest.approx(float(found.value.sum()))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_nothing_is_changed(model, stimuli, estimator):
    model.train()
    model[1].eval() if isinstance(model, nn.Sequential) else model.norm.eval()
    model(stimuli).sum().backward()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    gradients = [weight.grad.clone() for weight in model.parameters()]
    modes = [module.training for module in model.modules()]
    addresses = [weight.data_ptr() for weight in model.parameters()]
    seen = stimuli.clone()
    fisher_trace(model, stimuli, estimator=estimator, generator=generator())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(torch.equal(w.grad, g) for w, g in zip(model.parameters(), gradients, strict=True))
    assert [module.training for module in model.modules()] == modes
    assert [weight.data_ptr() for weight in model.parameters()] == addresses
    assert torch.equal(stimuli, seen)
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("estimator", ["sampled", "weighted", "probe"])
def test_how_stimuli_are_cut_and_what_is_drawn_are_apart(model, stimuli, estimator):
    found = [
        fisher_trace(model, stimuli, estimator=estimator, draws=2, generator=generator(), batch=batch).squares
        for batch in (3, 10)
    ]
    torch.testing.assert_close(*found)
    other = fisher_trace(model, stimuli, estimator=estimator, draws=2, generator=generator(1)).squares
    assert not torch.allclose(found[0], other)


def test_some_layers_alone_are_measured_as_among_all(model, stimuli):
    every = fisher_trace(model, stimuli, estimator="exact")
    chosen = [every.layers[-1], every.layers[1]]
    some = fisher_trace(model, stimuli, estimator="exact", layers=chosen)
    assert set(some.layers) == set(chosen)
    for name, value in zip(some.layers, some.value, strict=True):
        torch.testing.assert_close(value, every.value[every.layers.index(name)])


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_answers_that_nothing_changes_have_no_information(estimator):
    sure = nn.Sequential(nn.Linear(3, 2))
    with torch.no_grad():
        sure[0].bias.copy_(torch.tensor([1e4, -1e4]))
    found = fisher_trace(sure, torch.randn(6, 3), estimator=estimator, generator=generator(), batch=3)
    assert found.total == found.total_error == found.entropy == 0
    assert found.share.isnan().all()


def test_undecided_logistic_regression_scales_with_the_square_of_what_it_sees():
    model = nn.Linear(4, 5, bias=False)
    nn.init.zeros_(model.weight)
    stimuli = torch.randn(20, 4)
    traces = [fisher_trace(model, gain * stimuli, estimator="exact").total for gain in (1.0, 3.0)]
    assert traces[1] == pytest.approx(9 * traces[0], rel=1e-5)
    assert traces[0] == pytest.approx(0.8 * stimuli.square().sum(1).mean().item(), rel=1e-5)  # 1 - sum p^2


def test_one_constant_for_all_logits_is_of_no_matter(model, stimuli):
    shifted = copy.deepcopy(model)
    last = (
        shifted.output
        if isinstance(model, Residual)
        else [m for m in shifted if isinstance(m, nn.Linear | nn.Conv2d)][-1]
    )
    with torch.no_grad():
        last.bias.add_(5.0)
    before, after = (fisher_trace(one, stimuli, estimator="exact").value for one in (model, shifted))
    torch.testing.assert_close(before, after)


def test_units_may_change_places(stimuli):
    torch.manual_seed(0)
    model = mlp().double().eval()
    moved = copy.deepcopy(model)
    order = torch.tensor([3, 1, 5, 0, 2, 4])
    with torch.no_grad():
        moved[4].weight.copy_(model[4].weight[order])
        moved[4].bias.copy_(model[4].bias[order])
        moved[6].weight.copy_(model[6].weight[:, order])
    torch.testing.assert_close(*(fisher_trace(one, stimuli, estimator="exact").value for one in (model, moved)))


def test_the_entropy_of_the_answers_stands_beside(model, stimuli):
    model.eval()
    p = model(stimuli).softmax(1)
    found = fisher_trace(model, stimuli, estimator="exact", batch=3)
    assert found.entropy == pytest.approx(-(p * p.log()).sum(1).mean().item())
    torch.testing.assert_close(found.logits, model(stimuli))


# ---------------------------------------------------------------- errors


@pytest.fixture(scope="module")
def population():
    """A network and so many stimuli that few of them are a sample."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 4)).double(), torch.randn(4000, 6).double()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_standard_error_is_that_of_other_stimuli_and_other_draws(population, estimator):
    model, stimuli = population
    samples = [
        fisher_trace(
            model, few, estimator=estimator, generator=generator(seed), batch=4 if estimator == "batch" else 40
        )
        for seed, few in enumerate(stimuli.split(40))
    ]
    spread = torch.stack([found.value for found in samples]).std(0)
    claimed = torch.stack([found.error.square() for found in samples]).mean(0).sqrt()
    # a deviation from 100 samples has a relative error of 7 %; blocks of 4 are skewed, and leave more
    torch.testing.assert_close(claimed, spread, rtol=0.25, atol=0)
    totals = torch.tensor([found.total for found in samples]).std()
    assert math.sqrt(sum(found.total_error**2 for found in samples) / 100) == pytest.approx(totals.item(), rel=0.25)


@pytest.mark.parametrize("estimator", ESTIMATORS[1:])
def test_the_error_of_drawing_is_that_of_other_draws_for_the_same_stimuli(population, estimator):
    model, stimuli = population
    repeats = [
        fisher_trace(model, stimuli[:40], estimator=estimator, generator=generator(seed), draws=5) for seed in range(80)
    ]
    spread = torch.stack([found.value for found in repeats]).std(0)
    claimed = torch.stack([found.draw_error.square() for found in repeats]).mean(0).sqrt()
    torch.testing.assert_close(claimed, spread, rtol=0.25, atol=1e-12)  # weighted labels leave rounding alone


def test_the_standard_error_of_single_stimuli_is_the_usual_one(population):
    model, stimuli = population
    found = fisher_trace(model, stimuli[:5], estimator="sampled", generator=generator(), draws=3)
    torch.testing.assert_close(found.error, found.squares.mean(0).std(0) / math.sqrt(5))
    torch.testing.assert_close(found.draw_error, (found.squares.var(0) / 3).sum(0).sqrt() / 5)
    assert found.total_error == pytest.approx(float(found.squares.mean(0).sum(1).std()) / math.sqrt(5))


def test_blocks_of_unequal_size_count_by_their_stimuli(population):
    model, stimuli = population
    whole = fisher_trace(model, stimuli[:10], estimator="batch", generator=generator(), batch=4)
    assert whole.sizes.tolist() == [4, 4, 2]
    expected = (4 * whole.squares[0, 0] + 4 * whole.squares[0, 1] + 2 * whole.squares[0, 2]) / 10
    torch.testing.assert_close(whole.value, expected)


def test_errors_that_cannot_be_known_are_not_a_number(population):
    model, stimuli = population
    one_draw = fisher_trace(model, stimuli[:5], generator=generator())
    assert one_draw.draw_error.isnan().all()
    assert not one_draw.error.isnan().any()
    assert fisher_trace(model, stimuli[:1], generator=generator(), draws=3).error.isnan().all()
    exact = fisher_trace(model, stimuli[:5], estimator="exact")
    assert (exact.draw_error == 0).all()
    assert exact.total_error > 0


@pytest.mark.parametrize("gain", [0.1, 1.0, 20.0])  # from undecided to sure
def test_labels_drawn_as_often_as_they_count_are_the_least_noisy(gain):
    torch.manual_seed(0)
    model, stimuli = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 6)), torch.randn(30, 4)
    with torch.no_grad():
        model[2].weight.mul_(gain)
    noise = {
        one: fisher_trace(model, stimuli, estimator=one, draws=100, generator=generator()).total_draw_error
        for one in ESTIMATORS[1:]
    }
    assert min(noise, key=noise.get) == "weighted"
    assert max(noise, key=noise.get) == "batch"


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"estimator": "empirical"},
            "estimator: required one of exact, sampled, weighted, probe, batch; came",
        ),
        ({"draws": 0}, "draws: required a whole number >= 1; came 0"),
        ({"batch": 0}, "batch: required a whole number >= 1; came 0"),
        ({"estimator": "exact", "draws": 2}, "draws: required 1 for `exact`, which draws nothing; came 2"),
        ({"generator": None}, "generator: required the randomness of `weighted`; came none. Hand over"),
        ({"layers": ["6"]}, "layers: required names of modules with parameters of their own; came '6'. Valid: 0"),
    ],
)
def test_what_cannot_be_is_refused(changed, says):
    with pytest.raises(SpecificationError, match=says):
        fisher_trace(nn.Sequential(nn.Linear(3, 2)), torch.randn(4, 3), **{"generator": generator(), **changed})


def test_no_stimuli_and_wrong_targets_are_refused():
    model = nn.Linear(3, 2)
    with pytest.raises(SpecificationError, match="stimuli: required at least one; came none"):
        fisher_trace(model, torch.randn(0, 3), estimator="exact")
    with pytest.raises(SpecificationError, match=r"targets: required 4, one a stimulus; came \(3,\)"):
        empirical_fisher_trace(model, torch.randn(4, 3), torch.zeros(3).long())
