"""Pruning: exactly as many connections as declared, the weakest ones, held at zero for good."""

import pytest
import torch
from torch import nn

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.rearing import MagnitudePruning

REARING = an.Rearing(epochs=3, batch=100, keep=(1, 2), optimizer={"adam": {"lr": 0.01}})


@pytest.fixture(scope="module")
def place():
    return an.environment("digits", train_size=500, test_size=50)  # 5 updates an epoch


@pytest.fixture(scope="module")
def newborn(place):
    return an.Subject.naive(an.anatomy("mlp", widths=(9, 7)), place, seed=3)


def zeros(weights):
    return {name: tensor == 0 for name, tensor in weights.items() if name.endswith("weight")}


def share(weights):
    every = torch.cat([zero.flatten() for zero in zeros(weights).values()])
    return float(every.double().mean())


def test_every_round_leaves_exactly_its_share_and_what_was_pruned_stays_so(newborn, place):
    pruning = MagnitudePruning(sparsity=0.9, onset=3, rounds=3, every=5)
    adult = an.rear(newborn, place, REARING, [pruning])
    total = sum(zero.numel() for zero in zeros(adult.weights).values())
    before = None
    for age, done in ((1, 1), (2, 2), (3, 3)):
        weights = adult.at(age).weights
        assert share(weights) == round((1 - 0.1 ** (done / 3)) * total) / total
        now = zeros(weights)
        for name, zero in (before or {}).items():
            assert (now[name] | ~zero).all(), "zero once is zero for good"
        before = now
    assert not any((tensor == 0).any() for name, tensor in adult.weights.items() if name.endswith("bias"))


def test_the_weakest_go_by_an_ordinary_loop(newborn, place):
    """Plain torch, two epochs in one batch each, pruned after the first update, with a mask of its own."""
    everything = len(place.train)
    rearing = an.Rearing(epochs=2, batch=everything, optimizer=an.rearing.SGD(lr=0.1))
    for scope in ("network", "layer"):
        adult = an.rear(newborn, place, rearing, [MagnitudePruning(sparsity=0.6, onset=1, scope=scope)])
        model = newborn.model().train()
        order = torch.optim.SGD(model.parameters(), lr=0.1)
        x, targets = place.present(place.train.images), place.train.targets
        weights = [parameter for name, parameter in model.named_parameters() if name.endswith("weight")]
        groups = [weights] if scope == "network" else [[weight] for weight in weights]
        masks = {}
        for update in range(2):
            order.zero_grad()
            nn.functional.cross_entropy(model(x), targets).backward()
            order.step()
            for group in groups if update == 0 else ():
                strengths = sorted(abs(value) for weight in group for value in weight.flatten().tolist())
                cut = strengths[round(0.6 * len(strengths)) - 1]
                masks |= {weight: weight.detach().abs() <= cut for weight in group}
            for weight, mask in masks.items():
                weight.data[mask] = 0.0
        for name, parameter in model.named_parameters():
            # the batch comes in another order, and so its sums in float32
            torch.testing.assert_close(adult.weights[name], parameter.detach(), rtol=1e-4, atol=1e-6)


def test_no_sparsity_changes_nothing_and_a_window_that_is_over_lets_nothing_grow_back(newborn, place):
    free = an.rear(newborn, place, REARING)
    assert an.rear(newborn, place, REARING, [MagnitudePruning(sparsity=0.0, onset=1)]).fingerprint == free.fingerprint
    once = MagnitudePruning(sparsity=0.5, onset=2)
    ended = once.but(window={"offset": 1})
    assert an.rear(newborn, place, REARING, [ended]).fingerprint == an.rear(newborn, place, REARING, [once]).fingerprint


def test_recurrent_networks_are_pruned_too():
    mazes = an.environment("mazes", train_size=16, test_size=8, goal=1, delay=0, choice=1)
    newborn = an.Subject.naive(an.anatomy("recurrent", units=6), mazes, seed=0)
    pruning = MagnitudePruning(sparsity=0.5, onset=1)
    adult = an.rear(newborn, mazes, an.Rearing(epochs=2, batch=8), [pruning])
    total = 6 * 8 + 6 * 6 + 4 * 6
    assert share(adult.weights) == round(0.5 * total) / total


def test_what_makes_no_sense_is_refused(newborn, place):
    late = MagnitudePruning(sparsity=0.5, onset=11, rounds=2, every=5)
    with pytest.raises(SpecificationError, match="a last round before the rearing ends, at update 15; came 16"):
        an.rear(newborn, place, REARING, [late])
    adult = an.rear(newborn, place, REARING)
    with pytest.raises(SpecificationError, match="an update after the rearing begins, at 15; came 15"):
        an.rear(adult, place, REARING, [MagnitudePruning(sparsity=0.5, onset=15)])
    maps = an.Subject.naive(an.anatomy("simple_cnn"), place, seed=0)
    with pytest.raises(SpecificationError, match="a plain sequence of linear layers"):
        an.rear(maps, place, REARING, [MagnitudePruning(sparsity=0.5, onset=1)])
