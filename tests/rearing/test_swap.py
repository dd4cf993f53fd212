"""Swaps: what is computed stays the same to the last bit, and wiring never gets longer."""

import pytest
import torch

import artneuro as an
from artneuro.anatomy.embedding import Space
from artneuro.errors import SpecificationError
from artneuro.rearing import Phase, Swap, WiringPenalty
from artneuro.rearing.rear import rear_litter
from artneuro.rearing.wiring_penalty import places_of

REARING = an.Rearing(epochs=3, batch=100)


def naive(digits, seed=0, **embedding):
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [12, 9]}}, embedding=embedding)
    return an.Subject.naive(anatomy, digits, seed=seed)


def cost(subject, places=None):
    space = Space.of(subject.anatomy, subject.model())
    return float(space.cost(subject.weights, places or places_of(subject.weights)))


@pytest.mark.parametrize("swap", [Swap(every=3), Swap(every=3, top=2), Swap(every=3, search="assignment")], ids=str)
def test_weights_are_those_of_a_network_whose_units_stay(digits, swap):
    """Nothing but places moves: without a price on length, swaps change no bit of a weight or an answer."""
    newborn = naive(digits)
    still, moved = an.rear(newborn, digits, REARING), an.rear(newborn, digits, REARING, [swap])
    for name, tensor in still.weights.items():
        assert torch.equal(tensor, moved.weights[name]) is not name.startswith("places.")
    x = digits.present(digits.test.images)
    assert torch.equal(still.model()(x), moved.model()(x))
    assert cost(moved) < cost(still)
    for layer, places in places_of(moved.weights).items():
        assert sorted(places.tolist()) == list(range(len(places))), layer


@pytest.mark.parametrize("search", ["greedy", "assignment"])
def test_every_round_of_swaps_gains_what_it_says(digits, search):
    subject = an.rear(naive(digits), digits, an.Rearing(epochs=1, batch=100))
    space, places = Space.of(subject.anatomy, subject.model()), places_of(subject.weights)
    places = {layer: tensor.clone() for layer, tensor in places.items()}
    swap, before = Swap(search=search), cost(subject)
    for _ in range(20):
        gain = swap.improve(space, subject.weights, places)
        after = cost(subject, places)
        assert gain >= 0
        assert before - after == pytest.approx(gain, abs=1e-10)
        before = after
    assert gain == 0, "after so many rounds no two units would gain by changing places"


def test_the_gain_of_every_round_is_in_the_history(digits, tmp_path):
    """Weights stay as they are at a rate of next to nothing, so gains add up to the fall of the cost."""
    still = an.Rearing(epochs=3, batch=100, optimizer=an.rearing.SGD(lr=1e-12), keep=(1,))
    newborn = naive(digits)
    adult = an.rear(newborn, digits, still, [Swap(every=3, top=4)])
    adult.save(tmp_path)
    history = an.Subject.load(tmp_path, digits).history
    updates = int(history.updates[-1])
    assert history.swap_step.values.tolist() == list(range(3, updates + 1, 3))
    assert history.swap_epoch.values.tolist() == [(step - 1) // (updates // 3) for step in range(3, updates + 1, 3)]
    assert (history.swap_gain >= 0).all()
    assert float(history.swap_gain.sum()) == pytest.approx(cost(newborn) - cost(adult), rel=1e-6)
    young = adult.at(1).history
    assert float(young.swap_gain.sum()) == pytest.approx(cost(newborn) - cost(adult.at(1)), rel=1e-6)
    again = an.rear(adult, digits, an.Rearing(epochs=1, batch=100), [Swap(every=10)])
    assert again.history.swap_gain.values.tolist()[: len(history.swap_gain)] == history.swap_gain.values.tolist()
    assert again.history.swap_step.values.tolist()[len(history.swap_gain) :] == [
        step for step in range(updates + 1, int(again.history.updates[-1]) + 1) if step % 10 == 0
    ]
    assert "swap_gain" not in an.rear(newborn, digits, still).history


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_a_round_of_assignments_is_never_worse(reduce):
    """Not even where one optimal layer after the other ends at a higher cost, as it does in some of these networks."""
    alone, behind = Swap(search="assignment", reduce=reduce), 0
    for seed in range(30):
        anatomy = an.anatomy("embedded", of={"mlp": {"widths": [7, 6]}})
        subject = an.Subject.naive(anatomy, an.environment("symbolic", formula="independence"), seed=seed)
        space, weights = Space.of(anatomy, subject.model()), dict(subject.weights)
        begin = {layer: torch.arange(units) for layer, units in space.circuit.layers.items()}
        gains, costs = {}, {}
        for swap in (Swap(reduce=reduce), alone):
            places = {layer: numbers.clone() for layer, numbers in begin.items()}
            gains[swap.search] = swap.improve(space, weights, places)
            costs[swap.search] = float(space.cost(weights, places, reduce))
            lowered = float(space.cost(weights, begin, reduce)) - costs[swap.search]
            assert gains[swap.search] == pytest.approx(lowered, abs=1e-10)  # sums of some hundred products
        assert costs["assignment"] <= costs["greedy"] + 1e-10
        places = {layer: numbers.clone() for layer, numbers in begin.items()}
        behind += alone._round(space, weights, places, "assignment") < gains["greedy"] - 1e-10
    assert behind > 0


def test_an_assignment_of_one_layer_is_never_worse(digits):
    subject = naive(digits, fixed=["input", "hidden2", "output"])
    space = Space.of(subject.anatomy, subject.model())
    gains = {}
    for search in ("greedy", "assignment"):
        places = {layer: tensor.clone() for layer, tensor in places_of(subject.weights).items()}
        gains[search] = Swap(search=search).improve(space, subject.weights, places)
    assert gains["assignment"] >= gains["greedy"] - 1e-10
    assert gains["greedy"] > 0


def test_layers_that_are_fixed_stay(digits):
    subject = an.rear(naive(digits, fixed=["input", "output"]), digits, REARING, [Swap(every=3)])
    places = places_of(subject.weights)
    stayed = {layer: torch.equal(own, torch.arange(len(own))) for layer, own in places.items()}
    assert stayed == {"input": True, "hidden1": False, "hidden2": False, "output": True}


def test_in_a_litter_and_alone_it_is_the_same(digits):
    both = [Swap(every=3, top=4), WiringPenalty(phases=(Phase(rate=0.01),))]
    litter = [naive(digits, seed=seed) for seed in range(4)]
    together = rear_litter(litter, REARING, both)
    for newborn, adult in zip(litter, together, strict=True):
        assert an.rear(newborn, digits, REARING, both).fingerprint == adult.fingerprint


def test_with_swaps_wiring_gets_shorter_than_by_gradients_alone(digits):
    price = WiringPenalty(phases=(Phase(rate=0.003),))
    alone = an.rear(naive(digits), digits, REARING, [price])
    helped = an.rear(naive(digits), digits, REARING, [price, Swap(every=5)])
    assert cost(helped) < cost(alone)


def test_what_makes_no_sense_is_refused(digits):
    plain = an.Subject.naive(an.anatomy("mlp", widths=(6,)), digits, seed=0)
    with pytest.raises(SpecificationError, match=r"Swap.*required an embedded one; came MLP"):
        an.rear(plain, digits, an.Rearing(epochs=1), [Swap()])
    with pytest.raises(SpecificationError, match="top: required nothing, with `search: assignment`"):
        Swap(top=3, search="assignment")
    three = an.Rearing(epochs=3, batch=len(digits.train))
    with pytest.raises(SpecificationError, match="every: required a divisor of one .* 1 to 3; came 4"):
        an.rear(naive(digits), digits, three, [Swap(every=4)])
    with pytest.raises(SpecificationError, match="every: required a divisor of one .* 3 to 3; came 2"):
        an.rear(naive(digits), digits, three, [Swap(every=2, window={"onset": 2})])
    free = an.rear(naive(digits), digits, three).fingerprint  # a window that never opens is a dose of zero
    assert an.rear(naive(digits), digits, three, [Swap(window={"onset": 1, "offset": 1})]).fingerprint == free
    flat = naive(digits, extent=0.0)
    with pytest.raises(SpecificationError, match="required places that differ .* came an extent of 0"):
        an.rear(flat, digits, three, [Swap(every=1)])
    still = naive(digits, fixed=("input", "hidden1", "hidden2", "output"))
    with pytest.raises(SpecificationError, match="required a layer whose units may change places; came all are fixed"):
        an.rear(still, digits, REARING, [Swap(every=1)])
