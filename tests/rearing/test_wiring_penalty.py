"""The wiring penalty against a loop of torch's own, and against gradients written out."""

import itertools

import pytest
import torch
from torch import nn

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.rearing import Clock, Phase, WiringPenalty
from artneuro.rearing.tissue import Body


@pytest.fixture
def body(digits):
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [6, 5]}}, embedding={"extent": 2.0, "depth": 0.1})
    return Body(anatomy, digits, an.Subject.naive(anatomy, digits, seed=1).model())


def weights(body):
    parameters = {name: tensor.detach().clone() for name, tensor in body.model.named_parameters()}
    buffers = {name: tensor.clone() for name, tensor in body.model.named_buffers()}
    draw = torch.Generator().manual_seed(4)
    for buffer in buffers.values():
        buffer.copy_(torch.randperm(len(buffer), generator=draw))
    return parameters, buffers


def written_out(parameters, buffers, *, local=True, mean=False, biases=True):
    """The cost as the published code has it, entry by entry: |w| (A |dx| + y*) and y* |b|."""
    total = 0.0
    layers = ["input", "hidden1", "hidden2", "output"]
    for source, target in itertools.pairwise(layers):
        weight = parameters[f"{target}.weight"]
        n, m = weight.shape
        x = (2 * buffers[f"places.{target}"].double() + 1) / (2 * n)
        y = (2 * buffers[f"places.{source}"].double() + 1) / (2 * m)
        cost = 0.0
        for j in range(n):
            for i in range(m):
                cost += abs(float(weight[j, i])) * ((2.0 * abs(float(x[j] - y[i])) if local else 0.0) + 0.1)
        total += cost / (n * m) if mean else cost
        if biases:
            total += 0.1 * float(parameters[f"{target}.bias"].abs().mean() * (1 if mean else n))
    return total


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("mean", [True, False])
@pytest.mark.parametrize("biases", [True, False])
def test_it_is_the_cost_written_out(body, local, mean, biases):
    parameters, buffers = weights(body)
    penalty = WiringPenalty(phases=(Phase(rate=3.0),), local=local, reduce="mean" if mean else "sum", biases=biases)
    found = penalty.penalty(parameters, buffers, body, Clock(0, 0))
    expected = 3.0 * written_out(parameters, buffers, local=local, mean=mean, biases=biases)
    assert float(found) == pytest.approx(expected, rel=1e-5)  # sums of float32


def test_rates_and_biases_begin_when_they_are_declared_to(body):
    parameters, buffers = weights(body)
    penalty = WiringPenalty(phases=(Phase(rate=1.0, onset=3), Phase(rate=2.0, onset=5)), bias_onset=4)
    costs = [float(penalty.penalty(parameters, buffers, body, Clock(0, step))) for step in range(7)]
    alone, whole = (written_out(parameters, buffers, biases=biases) for biases in (False, True))
    assert costs == pytest.approx([0, 0, 0, alone, whole, 2 * whole, 2 * whole], rel=1e-5)


def test_onsets_can_be_counted_in_epochs(body):
    parameters, buffers = weights(body)
    penalty = WiringPenalty(phases=(Phase(rate=1.0, onset=1), Phase(rate=2.0, onset=3)), bias_onset=2, unit="epoch")
    costs = [float(penalty.penalty(parameters, buffers, body, Clock(epoch, 100 * epoch))) for epoch in range(4)]
    alone, whole = (written_out(parameters, buffers, biases=biases) for biases in (False, True))
    assert costs == pytest.approx([0, alone, whole, 2 * whole], rel=1e-5)


def test_a_subject_reared_with_it_is_that_of_an_ordinary_loop(digits):
    """Plain torch, two epochs in one batch each: what is added to each gradient is rate * d * sign(w)."""
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [6]}}, embedding={"depth": 0.5})
    naive = an.Subject.naive(anatomy, digits, seed=2)
    everything = len(digits.train)
    rearing = an.Rearing(epochs=2, batch=everything, optimizer=an.rearing.SGD(lr=0.1))
    frugal = WiringPenalty(phases=(Phase(rate=0.01),))
    adult = an.rear(naive, digits, rearing, [frugal])
    model = naive.model().train()
    order = torch.optim.SGD(model.parameters(), lr=0.1)
    x, targets = digits.present(digits.train.images), digits.train.targets
    for _ in range(2):
        order.zero_grad()
        nn.functional.cross_entropy(model(x), targets).backward()
        for target, source, names in ((6, 64, "hidden1"), (10, 6, "output")):
            layer = model.get_submodule(names)
            at = [(2 * torch.arange(count) + 1) / (2 * count) for count in (target, source)]
            apart = (at[0][:, None] - at[1][None]).abs() + 0.5
            layer.weight.grad += 0.01 * apart * layer.weight.detach().sign()
            layer.bias.grad += 0.01 * 0.5 * layer.bias.detach().sign()
        order.step()
    for name, parameter in model.named_parameters():
        # the batch comes in another order, and so its sums in float32
        torch.testing.assert_close(adult.weights[name], parameter.detach(), rtol=1e-4, atol=1e-6)


def test_only_what_is_recurrent_costs_where_that_is_declared():
    """A network whose recurrent weights are 0 pays nothing, though everything else and the biases are large."""
    anatomy = an.anatomy("embedded", of={"recurrent": {"units": 4}}, embedding={"depth": 0.5})
    mazes = an.environment("mazes", train_size=8, test_size=8, goal=1, delay=0, choice=1)
    body = Body(anatomy, mazes, an.Subject.naive(anatomy, mazes, seed=1).model())
    parameters, buffers = weights(body)
    penalty = WiringPenalty(phases=(Phase(rate=1.0),), connections="recurrent", local=False)
    parameters["incoming.bias"].fill_(1.0)
    own = parameters["recurrent.weight"]
    assert float(penalty.penalty(parameters, buffers, body, Clock(0, 0))) == pytest.approx(0.5 * float(own.abs().sum()))
    own.zero_()
    assert float(penalty.penalty(parameters, buffers, body, Clock(0, 0))) == 0


def test_no_rate_changes_nothing(digits):
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [6]}})
    naive = an.Subject.naive(anatomy, digits, seed=2)
    rearing = an.Rearing(epochs=2, batch=100)
    free = an.rear(naive, digits, rearing, [WiringPenalty(phases=(Phase(rate=0.0),))])
    assert free.fingerprint == an.rear(naive, digits, rearing).fingerprint


def test_it_is_refused_without_places_and_in_disorder(digits):
    naive = an.Subject.naive(an.anatomy("mlp", widths=(6,)), digits, seed=0)
    with pytest.raises(SpecificationError, match=r"WiringPenalty.*required an embedded one; came MLP"):
        an.rear(naive, digits, an.Rearing(epochs=1), [WiringPenalty(phases=(Phase(rate=0.1),))])
    layered = an.Subject.naive(an.anatomy("embedded", of={"mlp": {"widths": [6]}}), digits, seed=0)
    penalty = WiringPenalty(phases=(Phase(rate=0.1),))
    with pytest.raises(SpecificationError, match="connections: required all, where no layer is connected to itself"):
        an.rear(layered, digits, an.Rearing(epochs=1), [penalty.but(connections="recurrent")])
    with pytest.raises(SpecificationError, match="even: required a layer; came 'ouput'"):
        an.rear(layered, digits, an.Rearing(epochs=1), [penalty.but(even=["ouput"])])
    with pytest.raises(SpecificationError, match="connections: required recurrent, with communicability"):
        penalty.but(communicability=True)
    with pytest.raises(SpecificationError, match="required onsets that ascend"):
        WiringPenalty(phases=(Phase(rate=0.1, onset=5), Phase(rate=0.2, onset=5)))


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_prices_give_the_very_gradient_of_the_penalty(body, local, reduce):
    """Two subjects at once, each with places of its own, against autograd: no bit may differ, nor litters from one."""
    penalty = WiringPenalty(phases=(Phase(rate=0.37),), local=local, reduce=reduce, even=("output",))
    owns = [weights(body), weights(body)]
    for _, buffers in owns[1:]:
        for name, buffer in buffers.items():
            buffers[name] = buffer.flip(0)
    together = [{name: torch.stack([own[part][name] for own in owns]) for name in owns[0][part]} for part in (0, 1)]
    prices = penalty.prices(*together, body, Clock(0, 0))
    for place, (parameters, buffers) in enumerate(owns):
        leaves = {name: tensor.clone().requires_grad_() for name, tensor in parameters.items()}
        penalty.penalty(leaves, buffers, body, Clock(0, 0)).backward()
        for name, leaf in leaves.items():
            price = prices[name].expand(2, *leaf.shape)[place]
            assert torch.equal(leaf.grad, price * parameters[name].sign()), name


def test_squares_have_no_price(body):
    assert WiringPenalty(phases=(Phase(rate=1.0),), norm="l2").prices(*weights(body), body, Clock(0, 0)) is None


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"phases": ({"rate": 0.1}, {"rate": 1.0, "onset": 6})}, r"phases\[1\]\.onset: required an update .* at 6"),
        ({"phases": ({"rate": 0.1},), "bias_onset": 7}, "bias_onset: required an update before the rearing ends, at 6"),
        ({"phases": ({"rate": 0.1, "onset": 3},), "unit": "epoch"}, r"phases\[0\]\.onset: required an epoch .* at 3"),
        (
            {"phases": ({"rate": 0.1},), "even": ("input",)},
            "even: required a layer into which connections lead; came 'in",
        ),
    ],
)
def test_what_would_never_cost_is_refused(digits, parameters, field):
    """Three epochs of two updates each."""
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [6]}})
    rearing = an.Rearing(epochs=3, batch=-(-len(digits.train) // 2))
    with pytest.raises(SpecificationError, match=field):
        an.rear(an.Subject.naive(anatomy, digits, seed=0), digits, rearing, [WiringPenalty(**parameters)])


@pytest.mark.parametrize(("local", "extent"), [(False, 1.0), (True, 0.0)])
def test_where_nothing_costs_anything_it_is_refused(digits, local, extent):
    """Without depth, an L1 penalty would be none."""
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [6]}}, embedding={"depth": 0.0, "extent": extent})
    penalty = WiringPenalty(phases=({"rate": 0.1},), local=local)
    with pytest.raises(SpecificationError, match="required connections that cost something; came a cost of 0 for each"):
        an.rear(an.Subject.naive(anatomy, digits, seed=0), digits, an.Rearing(epochs=1), [penalty])
    deep = an.anatomy("embedded", of={"mlp": {"widths": [6]}}, embedding={"depth": 0.1, "extent": extent})
    an.rear(an.Subject.naive(deep, digits, seed=0), digits, an.Rearing(epochs=1), [penalty])
