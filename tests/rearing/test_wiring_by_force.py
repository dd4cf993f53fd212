"""Penalties and swaps against full re-evaluation, written apart from the code: no matrix product, no gain formula.

The reference renumbers weights, as published code does, and sums |w| d entry by entry over units that lie in a row.
"""

import itertools

import pytest
import torch

import artneuro as an
from artneuro.anatomy.embedding import Space
from artneuro.anatomy.exchange import renumbered
from artneuro.measures.placement import assigned_blocks, place_costs, swap_gains, swapped_blocks
from artneuro.rearing import Clock, Phase, Swap, WiringPenalty
from artneuro.rearing.tissue import Body

A, Y = 1.7, 0.3
NETWORKS = {
    "mlp": ({"mlp": {"widths": [6, 5]}}, {"formula": "independence"}, "symbolic"),
    "folded": ({"token_mlp": {"width": 5, "widths": [6]}}, {"p": 4}, "modular_addition"),
    "transformer": (
        {"transformer": {"width": 6, "heads": 2, "hidden": 7, "blocks": 1, "answers": "each"}}, {"size": 20},
        "in_context_regression",
    ),
    "recurrent": ({"recurrent": {"units": 7}}, {"train_size": 8, "test_size": 8, "goal": 2, "choice": 2}, "mazes"),
}  # fmt: skip


@pytest.fixture(params=NETWORKS)
def body(request):
    of, parameters, place = NETWORKS[request.param]
    anatomy = an.anatomy("embedded", of=of, embedding={"extent": A, "depth": Y})
    environment = an.environment(place, **parameters)
    return Body(anatomy, environment, an.Subject.naive(anatomy, environment, seed=5).model().double())


def weights_of(body):
    return {name: tensor.detach().clone() for name, tensor in body.model.named_parameters()}


def born(body):
    return {layer: torch.arange(units) for layer, units in body.space.circuit.layers.items()}


def by_force(circuit, weights, *, mean=False, extras=False, power=1, even=()):
    """The cost of weights whose unit j lies at the jth place, entry by entry."""
    total = 0.0
    for each in circuit.projections:
        weight = weights[each.name]
        n, m = circuit.layers[each.target], circuit.layers[each.source]
        cost = 0.0
        for row, column in itertools.product(range(len(weight)), range(weight.shape[1])):
            x, y = (2 * (row % n) + 1) / (2 * n), (2 * (column % m) + 1) / (2 * m)
            depth = 0.0 if each.target == each.source else Y
            length = Y if each.target in even else A * abs(x - y) + depth
            cost += abs(float(weight[row, column])) ** power * length
        total += cost / weight.numel() if mean else cost
    for name in (*circuit.biases, *circuit.tables) if extras else ():
        cost = Y * sum(abs(value) ** power for value in weights[name].flatten().tolist())
        total += cost / weights[name].numel() if mean else cost
    return total


def moved(circuit, weights, places):
    """The weights as published code would have them: the unit at the jth place is unit j."""
    for layer, own in places.items():
        weights = renumbered(circuit, weights, layer, own.argsort())
    return weights


def reached_by_force(strengths):
    """How well units reach each other: the series of the exponential, term by term, in lists of floats."""
    n = len(strengths)
    out = [sum(row) for row in strengths]
    near = [
        [strengths[a][b] / (out[a] * out[b]) ** 0.5 if out[a] and out[b] else 0.0 for b in range(n)] for a in range(n)
    ]
    term = [[float(a == b) for b in range(n)] for a in range(n)]
    total = [[0.0] * n for _ in range(n)]
    for k in range(1, 40):  # 1 / 40! is far below the precision
        term = [[sum(term[a][c] * near[c][b] for c in range(n)) / k for b in range(n)] for a in range(n)]
        total = [[total[a][b] + term[a][b] for b in range(n)] for a in range(n)]
    return [[0.0 if a == b else total[a][b] for b in range(n)] for a in range(n)]


def embedded_recurrent(weights, *, norm=1, local=True):
    """The published cost of a recurrent layer, ``sum |w| d c``, unit j lying at the jth place."""
    weight = weights["recurrent.weight"]  # from column to row
    n = len(weight)
    reached = reached_by_force([[abs(float(weight[b, a])) for b in range(n)] for a in range(n)])
    lengths = [[A * abs(a - b) / n if local else Y for b in range(n)] for a in range(n)]
    pairs = itertools.product(range(n), repeat=2)
    return sum(abs(float(weight[b, a])) ** norm * lengths[a][b] * reached[a][b] for a, b in pairs)


RECURRENT = pytest.mark.parametrize("body", ["recurrent"], indirect=True)


@RECURRENT
@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_the_penalty_of_embedded_recurrent_networks_is_that_of_every_entry(body, norm, local):
    circuit, weights = body.space.circuit, weights_of(body)
    weights["recurrent.weight"][:, 2] = 0.0  # a unit that drives none reaches none, and divides by nothing
    places = {layer: torch.randperm(units) for layer, units in circuit.layers.items()}
    buffers = {f"places.{layer}": own for layer, own in places.items()}
    penalty = WiringPenalty(
        phases=(Phase(rate=1.0),), connections="recurrent", communicability=True, norm=norm, local=local
    )
    found = float(penalty.penalty(weights, buffers, body, Clock(0, 0)))
    moved_there = moved(circuit, weights, places)
    assert found == pytest.approx(embedded_recurrent(moved_there, norm=int(norm[1]), local=local), abs=1e-10)
    assert found > 0


@RECURRENT
def test_communicability_is_differentiated_with_the_weights(body):
    """Each gradient against the difference of two costs, summed by force: what is reached changes with the weight."""
    weights = weights_of(body)
    buffers = {f"places.{layer}": own for layer, own in born(body).items()}
    penalty = WiringPenalty(phases=(Phase(rate=1.0),), connections="recurrent", communicability=True)
    weight = weights["recurrent.weight"].requires_grad_()
    penalty.penalty(weights, buffers, body, Clock(0, 0)).backward()
    step = 1e-5
    for row, column in ((0, 3), (5, 1), (4, 6)):
        costs = []
        for sign in (1, -1):
            changed = {"recurrent.weight": weight.detach().clone()}
            changed["recurrent.weight"][row, column] += sign * step
            costs.append(embedded_recurrent(changed))
        # central differences are off by the third derivative times step squared, about 1e-10
        assert float(weight.grad[row, column]) == pytest.approx((costs[0] - costs[1]) / (2 * step), abs=1e-8)
    assert weight.grad.isfinite().all()


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_the_penalty_is_the_cost_of_every_entry(body, reduce):
    circuit, weights = body.space.circuit, weights_of(body)
    places = {layer: torch.randperm(units) for layer, units in circuit.layers.items()}
    for layer, blocks in circuit.blocks.items():
        size = circuit.layers[layer] // blocks
        places[layer] = (torch.randperm(blocks)[:, None] * size + torch.randperm(size)).flatten()
    buffers = {f"places.{layer}": own for layer, own in places.items()}
    penalty = WiringPenalty(phases=(Phase(rate=1.0),), reduce=reduce)
    found = float(penalty.penalty(weights, buffers, body, Clock(0, 0)))
    expected = by_force(circuit, moved(circuit, weights, places), mean=reduce == "mean", extras=True)
    assert found == pytest.approx(expected, abs=1e-10)
    squared = WiringPenalty(phases=(Phase(rate=1.0),), reduce=reduce, norm="l2", even=("output",))
    found = float(squared.penalty(weights, buffers, body, Clock(0, 0)))
    there = moved(circuit, weights, places)
    expected = by_force(circuit, there, mean=reduce == "mean", extras=True, power=2, even=("output",))
    assert found == pytest.approx(expected, abs=1e-10)
    plain = by_force(circuit, there)
    assert float(body.space.cost(weights, places)) == pytest.approx(plain, abs=1e-10)


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_the_gain_of_every_swap_is_that_of_full_evaluation(body, reduce):
    space, weights, mean = body.space, weights_of(body), reduce == "mean"
    circuit, places = space.circuit, born(body)
    before = by_force(circuit, weights, mean=mean)
    for layer, units in circuit.layers.items():
        bounds = list(space.bounds(layer, weights, places, reduce))
        costs = place_costs(bounds) if bounds else torch.zeros(units, units).double()
        gains = swap_gains(costs, places[layer], space.within(layer, weights, reduce))
        for one, other in itertools.combinations(range(units), 2):
            order = torch.arange(units)
            order[[one, other]] = order[[other, one]]
            after = by_force(circuit, renumbered(circuit, weights, layer, order), mean=mean)
            assert float(gains[one, other]) == pytest.approx(before - after, abs=1e-10), (layer, one, other)


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_rounds_of_swaps_gain_what_they_say_and_change_no_answer(body, reduce):
    space, weights, places = body.space, weights_of(body), born(body)
    circuit, environment = space.circuit, body.environment
    x = body.present(environment.test.images[:5])
    with torch.no_grad():
        answers = body.model(x)
    before = by_force(circuit, weights, mean=reduce == "mean")
    for _ in range(3):
        gain = Swap(reduce=reduce).improve(space, weights, places)
        after = by_force(circuit, moved(circuit, weights, places), mean=reduce == "mean")
        assert gain >= 0
        assert before - after == pytest.approx(gain, abs=1e-10)
        before = after
    inner = {layer: own for layer, own in places.items() if layer not in ("input", "output")}
    with torch.no_grad():
        again = torch.func.functional_call(body.model, moved(circuit, weights, inner), (x,))
    torch.testing.assert_close(again, answers, rtol=1e-12, atol=1e-12)  # the same sums in another order
    for layer, blocks in circuit.blocks.items():
        regions = places[layer].view(blocks, -1) // (circuit.layers[layer] // blocks)
        assert (regions == regions[:, :1]).all(), "heads stay whole"


def test_an_assignment_is_the_best_of_all_and_never_worse_than_greedy():
    """Against every arrangement that keeps blocks together."""
    for seed, blocks in itertools.product(range(5), (1, 2, 3)):
        costs = torch.rand(6, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        start, size = torch.arange(6), 6 // blocks
        best, gain = assigned_blocks(costs, start, blocks)
        greedy, less = swapped_blocks(costs, start, range(6), blocks)
        inner = list(itertools.permutations(range(size)))
        all_ = min(
            sum(
                float(costs[block * size + unit, region * size + slot])
                for block, (region, own) in enumerate(zip(outer, slots, strict=True))
                for unit, slot in enumerate(own)
            )
            for outer in itertools.permutations(range(blocks))
            for slots in itertools.product(inner, repeat=blocks)
        )
        assert float(costs[start, best].sum()) == pytest.approx(all_, abs=1e-12)
        for found, said in ((best, gain), (greedy, less)):
            assert float(costs[start, start].sum() - costs[start, found].sum()) == pytest.approx(said, abs=1e-12)
        assert gain >= less - 1e-12
        assert less >= 0


def test_the_space_of_a_network_is_that_of_its_circuit(body):
    assert isinstance(body.space, Space)
    for each in body.space.circuit.projections:
        n, m = body.space.circuit.layers[each.target], body.space.circuit.layers[each.source]
        assert body.space.distances[each.name].shape == (n, m)
