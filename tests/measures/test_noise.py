import copy
import math

import pytest
import torch
from torch import nn

from artneuro.errors import SpecificationError
from artneuro.measures.fisher import fisher_trace
from artneuro.measures.noise import noise_information


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


class OneWeight(nn.Module):
    """Logits (0, w x)."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([0.7], dtype=torch.float64))

    def forward(self, x):
        return torch.cat([torch.zeros_like(x), self.w * x], dim=1)


def test_with_little_noise_it_is_the_curvature_which_is_the_information_for_a_linear_model():
    torch.manual_seed(0)
    model, stimuli = nn.Sequential(nn.Linear(5, 4)).double(), torch.randn(30, 5, dtype=torch.float64)
    found = noise_information(
        model, stimuli, torch.arange(30) % 4, beta=1e-7, prior_width=1.0, generator=generator(), steps=400
    )
    exact = fisher_trace(model, stimuli, estimator="exact").total
    assert abs(found.total - exact) < 4 * found.total_error
    assert found.total_error < 0.05 * exact  # so that a wrong factor could not hide


class TwoParts(nn.Module):
    """Logits that are a sum over two layers, each of which sees half."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(3, 4), nn.Linear(3, 4, bias=False)

    def forward(self, x):
        return self.one(x[:, :3]) + 3 * self.two(x[:, 3:])


def test_layer_by_layer():
    torch.manual_seed(0)
    model, stimuli = TwoParts().double(), torch.randn(40, 6, dtype=torch.float64)
    found = noise_information(
        model, stimuli, torch.arange(40) % 4, beta=1e-6, prior_width=1.0, generator=generator(), steps=400, batch=40
    )
    exact = fisher_trace(model, stimuli, estimator="exact").value
    assert ((found.value - exact).abs() < 4 * found.error).all()
    assert (found.error < 0.1 * exact).all()


@pytest.mark.parametrize("beta", [0.01, 0.3])
def test_the_noise_is_the_best_there_is(beta):
    """One weight: the objective on a fine grid of standard deviations, by quadrature."""
    model, width = OneWeight(), 2.0
    stimuli, targets = torch.tensor([[2.0], [-1.0], [3.0]], dtype=torch.float64), torch.tensor([1, 0, 1])
    points = torch.linspace(-6, 6, 601, dtype=torch.float64)
    chances = torch.softmax(-points.square() / 2, 0)
    sigmas = torch.exp(torch.linspace(math.log(0.02), math.log(2.0), 2000, dtype=torch.float64))
    w = 0.7 + sigmas[:, None] * points
    signs = torch.where(targets == 1, 1.0, -1.0) * stimuli[:, 0]
    losses = nn.functional.softplus(-w[..., None] * signs).mean(-1) @ chances
    divergence = 0.5 * ((sigmas.square() + 0.49) / width**2 - 1 - 2 * torch.log(sigmas / width))
    best = sigmas[(losses + beta * divergence).argmin()]
    found = noise_information(
        model, stimuli, targets, beta=beta, prior_width=width, generator=generator(), steps=600, start=0.5
    )
    expected = beta * (best**-2 - width**-2)
    assert abs(found.total - float(expected)) < 4 * found.total_error + 0.02 * float(expected)  # the grid
    assert float(found.deviation) == pytest.approx(float(best), rel=0.15)  # the last tenth of the steps tells it
    assert found.loss == pytest.approx(float(losses[(losses + beta * divergence).argmin()]), rel=0.05)


def test_a_loss_that_weights_do_not_change_leaves_the_prior():
    model = nn.Sequential(nn.Linear(3, 2))
    with torch.no_grad():
        model[0].bias.copy_(torch.tensor([1e4, -1e4]))
    found = noise_information(
        model, torch.randn(6, 3), torch.zeros(6).long(), beta=0.1, prior_width=0.5, generator=generator()
    )
    assert found.total == 0
    assert float(found.deviation) == pytest.approx(0.5, rel=0.01)


def test_the_network_is_left_as_it_was_and_a_seed_tells_all():
    torch.manual_seed(0)
    model, stimuli = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 3)), torch.randn(20, 4)
    before = copy.deepcopy(model.state_dict())
    asked = {"beta": 1e-4, "prior_width": 1.0, "steps": 30, "layers": ["0"]}
    one, same, other = (
        noise_information(model, stimuli, torch.arange(20) % 3, generator=generator(seed), **asked)
        for seed in (0, 0, 1)
    )
    assert model.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert one.layers == ("0",)
    assert torch.equal(one.sums, same.sums)
    assert not torch.equal(one.sums, other.sums)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"beta": 0.0}, "beta: required a number above 0; came 0.0"),
        ({"prior_width": -1.0}, "prior_width: required a number above 0"),
        ({"start": 2.0}, "start: required at most the prior's width, 1; came 2.0"),
        ({"steps": 3}, "steps: required a whole number >= 4; came 3"),
        ({"batch": 0}, "batch: required a whole number >= 1"),
        ({"targets": torch.zeros(3).long()}, r"targets: required 4, one a stimulus; came \(3,\)"),
    ],
)
def test_what_cannot_be_is_refused(changed, says):
    given = {"targets": torch.zeros(4).long(), "beta": 0.1, "prior_width": 1.0, "generator": generator(), **changed}
    with pytest.raises(SpecificationError, match=says):
        noise_information(nn.Linear(3, 2), torch.randn(4, 3), **given)
