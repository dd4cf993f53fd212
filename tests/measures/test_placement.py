"""Swaps against the whole cost computed anew: equal to 1e-10 in double precision, for every pair of units."""

import itertools

import pytest
import torch

from artneuro.measures.placement import Bound, Within, assigned, place_costs, swap_gains, swapped

EXACT = 1e-10
"""Sums of a few hundred products of order one, in double precision, taken in another order."""


def layer(seed, units=7, before=5, after=4, recurrent=False):
    """A layer between two others, each place a random one in the plane."""
    draw = torch.Generator().manual_seed(seed)

    def random(*shape):
        return torch.rand(*shape, generator=draw, dtype=torch.float64)

    own, first, last = random(units, 2), random(before, 2), random(after, 2)
    into, out = random(units, before), random(after, units)
    places = torch.randperm(units, generator=draw)
    bounds = [Bound(into, torch.cdist(own, first)), Bound(out.T, torch.cdist(own, last))]
    within = None
    if recurrent:
        loops = random(units, units)
        both = loops + loops.T
        within = Within(both - both.diag().diag(), torch.cdist(own, own))

    def cost(places):
        """Every connection, one after the other."""
        total = 0.0
        for j in range(units):
            here = own[places[j]]
            total += sum(float(into[j, i] * (here - first[i]).norm()) for i in range(before))
            total += sum(float(out[i, j] * (here - last[i]).norm()) for i in range(after))
            if recurrent:
                total += sum(float(loops[j, i] * (here - own[places[i]]).norm()) for i in range(units))
        return total

    return place_costs(bounds), places, within, cost


def exchanged(places, j, k):
    places = places.clone()
    places[[j, k]] = places[[k, j]]
    return places


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_gains_are_those_of_the_whole_cost_computed_anew(seed, recurrent):
    costs, places, within, cost = layer(seed, recurrent=recurrent)
    gains, before = swap_gains(costs, places, within), cost(places)
    for j, k in itertools.product(range(len(places)), repeat=2):
        assert float(gains[j, k]) == pytest.approx(before - cost(exchanged(places, j, k)), abs=EXACT)


@pytest.mark.parametrize("recurrent", [False, True])
def test_the_search_is_the_published_one(recurrent):
    """Unit after unit, every place is tried and the whole cost computed: the best one is taken."""
    costs, places, within, cost = layer(5, recurrent=recurrent)
    expected, movers = places.clone(), [3, 0, 6, 1]
    for unit in movers:
        tried = [exchanged(expected, unit, other) for other in range(len(places))]
        expected = min(tried, key=cost)
    found, gain = swapped(costs, places, movers, within)
    assert found.tolist() == expected.tolist()
    assert gain == pytest.approx(cost(places) - cost(expected), abs=EXACT)
    assert gain > 0


def test_an_assignment_is_the_best_of_all_orders():
    costs, places, _, cost = layer(2, units=6)
    best = min(itertools.permutations(range(6)), key=lambda order: cost(torch.tensor(order)))
    found, gain = assigned(costs, places)
    assert tuple(found.tolist()) == best
    assert gain == pytest.approx(cost(places) - cost(found), abs=EXACT)


@pytest.mark.parametrize("seed", range(20))
def test_an_assignment_is_never_worse_than_the_search(seed):
    costs, places, _, cost = layer(seed, units=12)
    assert cost(assigned(costs, places)[0]) <= cost(swapped(costs, places, range(12))[0]) + EXACT


def test_where_nothing_is_gained_nothing_moves():
    costs, places, _, _ = layer(1)
    best, _ = assigned(costs, places)
    assert swapped(costs, best, range(7)) == (pytest.approx(best), 0.0)
    assert assigned(costs, best)[1] == 0.0
    alike = torch.ones(7, 7, dtype=torch.float64)
    assert swapped(alike, places, range(7))[1] == 0.0
