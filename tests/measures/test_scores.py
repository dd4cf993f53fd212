"""Every way in which a network may be built, against gradients by hand."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from artneuro.errors import SpecificationError
from artneuro.measures.directions import of_every_label
from artneuro.measures.parametrised import evaluating, parameters_by_layer
from artneuro.measures.scores import Scorer


class Own(nn.Module):
    """A network of named parts and a function that calls them."""

    def __init__(self, forward, **parts):
        super().__init__()
        self.call = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.call(self, x)


def tied():
    first, second = nn.Linear(6, 6), nn.Linear(6, 6)
    second.weight = first.weight
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), nn.Linear(6, 3))


class Copying(nn.Linear):
    """A layer of a kind of its own, which sees its input doubled."""

    def forward(self, x):
        return F.linear(2 * x, self.weight, self.bias)


# name: (network, shape of a stimulus, layers known without gradients)
NETWORKS = {
    "linear": (lambda: nn.Linear(6, 3), (6,), [""]),
    "called twice": (
        lambda: Own(lambda m, x: m.out(m.one(torch.tanh(m.one(x)))), one=nn.Linear(6, 6), out=nn.Linear(6, 3)),
        (6,),
        ["one", "out"],
    ),
    "convolution called twice": (
        lambda: Own(
            lambda m, x: m.out(m.one(torch.tanh(m.one(x))).mean((2, 3))), one=nn.Conv2d(4, 4, 3), out=nn.Linear(4, 3)
        ),
        (4, 6, 6),
        ["one", "out"],
    ),
    "shared weights": (tied, (6,), ["4"]),
    "weight read outside": (
        lambda: Own(lambda m, x: m.out(torch.tanh(m.one(x)) @ m.one.weight), one=nn.Linear(6, 6), out=nn.Linear(6, 3)),
        (6,),
        ["out"],
    ),
    "never called": (
        lambda: Own(lambda m, x: m.out(x), spare=nn.Linear(6, 6), out=nn.Linear(6, 3)),
        (6,),
        ["spare", "out"],
    ),
    "not looked at": (
        lambda: Own(lambda m, x: (m.spare(x), m.out(x))[1], spare=nn.Linear(6, 6), out=nn.Linear(6, 3)),
        (6,),
        ["out"],
    ),
    "in place": (
        lambda: nn.Sequential(nn.Conv2d(2, 5, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(20, 3)),
        (2, 4, 4),
        ["0", "3"],
    ),
    "residual, in place": (
        lambda: Own(
            lambda m, x: m.out(m.two(torch.relu_(m.one(x))).add_(x).relu_().flatten(1)),
            one=nn.Conv2d(2, 4, 3, padding=1),
            two=nn.Conv2d(4, 2, 3, padding=1),
            out=nn.Linear(32, 3),
        ),
        (2, 4, 4),
        ["one", "two", "out"],
    ),
    "own kind": (lambda: nn.Sequential(Copying(6, 3)), (6,), []),
    "own weights": (
        lambda: Own(lambda m, x: m.gain * m.out(x), gain=nn.Parameter(torch.rand(3)), out=nn.Linear(6, 3)),
        (6,),
        ["out"],
    ),
    "weight norm": (lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(6, 3))), (6,), []),
    "layer norm": (lambda: nn.Sequential(nn.Linear(6, 6), nn.LayerNorm(6), nn.Linear(6, 3)), (6,), ["0", "2"]),
    "circular": (
        lambda: nn.Sequential(nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"), nn.Flatten(), nn.Linear(48, 3)),
        (2, 4, 4),
        ["2"],
    ),
    "attention": (
        lambda: Own(
            lambda m, x: m.out(m.look(x, x, x, need_weights=False)[0].mean(1)),
            look=nn.MultiheadAttention(6, 2, batch_first=True),
            out=nn.Linear(6, 3),
        ),
        (5, 6),
        ["out"],
    ),
    "positions first": (
        lambda: Own(
            lambda m, x: m.out(torch.tanh(m.one(x.transpose(0, 1))).mean(0)), one=nn.Linear(6, 6), out=nn.Linear(6, 3)
        ),
        (5, 6),
        ["out"],
    ),
    "stimuli and positions in one dim": (
        lambda: Own(
            lambda m, x: m.out(torch.tanh(m.one(x.flatten(0, 1))).view(len(x), 5, 6).mean(1)),
            one=nn.Linear(6, 6),
            out=nn.Linear(6, 3),
        ),
        (5, 6),
        ["out"],
    ),
    "frozen": (lambda: nn.Sequential(nn.Linear(6, 3)).requires_grad_(False), (6,), ["0"]),
    "dropout": (lambda: nn.Sequential(nn.Linear(6, 9), nn.Dropout(0.5), nn.Linear(9, 3)), (6,), ["0", "2"]),
}


@pytest.mark.filterwarnings("ignore:There is a performance drop")  # of attention, in torch's vmap
@pytest.mark.parametrize("name", NETWORKS)
def test_by_hand(name, by_hand):
    make, shape, known = NETWORKS[name]
    torch.manual_seed(0)
    model = make().double()
    stimuli = torch.randn(5, *shape, dtype=torch.float64)
    with evaluating(model) as weights:
        layers = parameters_by_layer(model)
        scorer = Scorer.of(model, weights, layers, stimuli[:1])
        scores = scorer.show(stimuli)
        norms = sum(scores.squared_norms(vectors) for vectors in of_every_label(scores.logits))
    assert list(scorer.known) == known
    expected = by_hand(model.requires_grad_(True), stimuli)
    assert list(layers) == list(expected)
    torch.testing.assert_close(norms.mean(0), torch.tensor(list(expected.values()), dtype=torch.float64))


def test_the_sum_over_a_block_is_squared_as_a_whole():
    torch.manual_seed(0)
    model, stimuli = nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 3)).double(), torch.randn(5, 6).double()
    vectors = torch.randn(5, 3, dtype=torch.float64)
    with evaluating(model) as weights:
        scores = Scorer.of(model, weights, parameters_by_layer(model), stimuli[:1]).show(stimuli)
        found = scores.squared_norm_of_sum(vectors)
    gradients = torch.autograd.grad((model(stimuli) * vectors).sum(), list(model.parameters()))
    squares = [one.square().sum() for one in gradients]
    torch.testing.assert_close(found, torch.stack([squares[0] + squares[1], squares[2] + squares[3]]))


def test_a_layer_that_sees_other_stimuli_in_company_is_refused_by_name():
    def forward(m, x):
        return m.out(m.one(x if len(x) == 1 else x[:2]).mean(0, keepdim=True).expand(len(x), -1))

    model = Own(forward, one=nn.Linear(6, 6), out=nn.Linear(6, 3))
    with evaluating(model) as weights:
        scores = Scorer.of(model, weights, parameters_by_layer(model), torch.randn(1, 6)).show(torch.randn(5, 6))
        with pytest.raises(SpecificationError, match=r"one: required an input of 5 stimuli; came \[\(2, 6\)\]. Leave"):
            scores.squared_norms(torch.ones(5, 3))
