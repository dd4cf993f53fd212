"""Placement: what it costs a unit to be at a place, and what is gained where units change places.

The published search computes the whole wiring cost anew for every place that is tried. It need not: with all other
layers where they are, the cost of unit j at place p is one entry of a matrix product, and the gain of every swap within
the layer follows from four entries.
"""

from collections.abc import Iterable
from typing import NamedTuple, final

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

ROUNDING = 1e-12
"""Gains below this share of what a unit costs are rounding, in double precision, and move nothing."""


@final
class Bound(NamedTuple):
    """What ties the units of a layer to units whose places do not change meanwhile: their strengths and distances.

    Parameters
    ----------
    strengths : Tensor, shape (unit, other)
        How strongly they are connected: absolute weights, times what a unit of weight and length costs.
    distances : Tensor, shape (place, other)
        From every place of the layer to the place of each other unit.
    """

    strengths: Tensor
    distances: Tensor


@final
class Within(NamedTuple):
    """What ties the units of a layer to each other, as in a recurrent network.

    Parameters
    ----------
    strengths : Tensor, shape (unit, unit)
        Both directions summed, zero on the diagonal.
    distances : Tensor, shape (place, place)
        Symmetric, zero on the diagonal.
    """

    strengths: Tensor
    distances: Tensor

    def costs(self, places: Tensor) -> Tensor:
        """Return what each unit would cost at each place, all others staying: (unit, place)."""
        return self.strengths @ self.distances[places]


def place_costs(bounds: Iterable[Bound]) -> Tensor:
    """Return what each unit of a layer costs at each place, (unit, place), the other layers staying where they are.

    ``M[j, p] = sum_i |w_ji| d(p, place of i)``, over incoming and outgoing connections.

    Examples
    --------
    >>> strengths, distances = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> place_costs([Bound(strengths, distances)])
    tensor([[2., 0.],
            [0., 1.]])
    """
    return torch.stack([bound.strengths @ bound.distances.T for bound in bounds]).sum(0)


def swap_gains(costs: Tensor, places: Tensor, within: Within | None = None) -> Tensor:
    """Return how much the wiring cost falls where two units of a layer change places, for every pair: (unit, unit).

    ``gain(j, k) = M[j, pj] + M[k, pk] - M[j, pk] - M[k, pj]``, where pj is the place of j. Units that are tied to each
    other stay as far apart as they were, which the four terms count as coming closer: that is put back,
    ``- 2 s_jk d(pj, pk)``.

    Parameters
    ----------
    costs : Tensor, shape (unit, place)
        From `place_costs`; zeros where a layer is tied to itself alone.
    places : Tensor, shape (unit,), int64
        The place of each unit.
    within : Within, optional
        What ties the layer to itself.

    Examples
    --------
    >>> costs = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    >>> swap_gains(costs, torch.tensor([0, 1]))
    tensor([[0., 3.],
            [3., 0.]])
    """
    total = costs if within is None else costs + within.costs(places)
    there = total[:, places]  # (unit, unit): j at the place of k
    here = there.diagonal()
    gains = here.unsqueeze(0) + here.unsqueeze(1) - there - there.T
    if within is not None:
        gains = gains - 2 * within.strengths * within.distances[places][:, places]
    return gains


def swapped(costs: Tensor, places: Tensor, movers: Iterable[int], within: Within | None = None) -> tuple[Tensor, float]:
    """Let units, one after the other, change places with the unit that gains most; none moves where nothing is gained.

    Parameters
    ----------
    movers : iterable of int
        Numbers of the units that may look for a better place, in order.

    Returns
    -------
    places : Tensor, shape (unit,), int64
        After all of them.
    gain : float
        By how much the wiring cost has fallen.

    Examples
    --------
    >>> swapped(torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1]), [0])
    (tensor([1, 0]), 3.0)
    """
    places, total = places.clone(), 0.0
    scale = float(costs.abs().max()) + (_most(within) if within is not None else 0.0)
    for unit in movers:
        own = _gains_of(costs, places, unit, within)
        best = int(own.argmax())
        if own[best] > ROUNDING * scale:
            total += float(own[best])
            places[[unit, best]] = places[[best, unit]]
    return places, total


def _most(within: Within) -> float:
    """Return what units that are tied to each other cost at most."""
    return float(within.strengths.sum()) * float(within.distances.max())


def _gains_of(costs: Tensor, places: Tensor, unit: int, within: Within | None) -> Tensor:
    """Return the row of `swap_gains` of one unit, which needs no more than a row, a column and a diagonal of costs."""
    here = costs.gather(1, places.unsqueeze(1)).squeeze(1)
    row, column = costs[unit, places], costs[:, places[unit]]
    if within is None:
        return here[unit] + here - row - column
    apart = within.distances[places][:, places]  # from unit to unit
    here = here + (within.strengths * apart).sum(1)
    row = row + apart @ within.strengths[unit]
    column = column + within.strengths @ apart[unit]
    return here[unit] + here - row - column - 2 * within.strengths[unit] * apart[unit]


def swapped_blocks(
    costs: Tensor, places: Tensor, movers: Iterable[int], blocks: int, within: Within | None = None
) -> tuple[Tensor, float]:
    """Let blocks of units change places as wholes, and then units within their block, as `swapped` does.

    Units lie in blocks of equal size, one block after the other, and so do places: the heads of attention. A unit keeps
    its place within the block while that moves.

    Parameters
    ----------
    movers : iterable of int
        Numbers of the units that may look for a better place within their block, in order.

    Examples
    --------
    >>> costs = torch.tensor([[9.0, 9, 0, 9], [9, 9, 9, 0], [0, 9, 9, 9], [9, 0, 9, 9]])
    >>> swapped_blocks(costs, torch.arange(4), range(4), blocks=2)
    (tensor([2, 3, 0, 1]), 36.0)
    """
    if blocks == 1:
        return swapped(costs, places, movers, within)
    if within is not None:
        raise ValueError("blocks of a layer that is tied to itself")
    size = len(places) // blocks
    regions, slots, order = places[::size] // size, places % size, list(movers)
    of_blocks = costs.view(blocks, size, blocks, size)
    own = slots.view(blocks, size, 1, 1).expand(-1, -1, blocks, -1)
    regions, total = swapped(of_blocks.gather(3, own).sum((1, 3)), regions, range(blocks))
    found = torch.empty_like(places)
    for block, region in enumerate(regions.tolist()):
        units = slice(block * size, (block + 1) * size)
        own_movers = [unit - units.start for unit in order if units.start <= unit < units.stop]
        better, gain = swapped(of_blocks[block, :, region], slots[units], own_movers)
        found[units] = region * size + better
        total += gain
    return found, total


def assigned_blocks(costs: Tensor, places: Tensor, blocks: int) -> tuple[Tensor, float]:
    """Return the best places of all units that keep blocks together, and the gain: an assignment of assignments, exact.

    Examples
    --------
    >>> costs = torch.tensor([[9.0, 9, 0, 9], [9, 9, 9, 0], [0, 9, 9, 9], [9, 0, 9, 9]])
    >>> assigned_blocks(costs, torch.arange(4), blocks=2)
    (tensor([2, 3, 0, 1]), 36.0)
    """
    size = len(places) // blocks
    of_blocks, slots = costs.view(blocks, size, blocks, size), torch.arange(size).to(places)
    best = [[assigned(of_blocks[block, :, region], slots)[0] for region in range(blocks)] for block in range(blocks)]
    least = torch.stack(
        [
            torch.stack([of_blocks[b, :, r].gather(1, best[b][r].unsqueeze(1)).sum() for r in range(blocks)])
            for b in range(blocks)
        ]
    )
    regions, _ = assigned(least, torch.arange(blocks).to(places))
    found = torch.cat([int(region) * size + best[block][int(region)] for block, region in enumerate(regions)])
    here, there = (costs.gather(1, each.unsqueeze(1)).sum() for each in (places, found))
    return (found, float(here - there)) if here > there else (places, 0.0)


def assigned(costs: Tensor, places: Tensor) -> tuple[Tensor, float]:
    """Return the best places of all units of a layer at once, and the gain: a linear assignment, exact.

    It holds for layers that are not tied to themselves.

    Examples
    --------
    >>> assigned(torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1]))
    (tensor([1, 0]), 3.0)
    """
    _, best = linear_sum_assignment(costs.cpu().double().numpy())
    found = torch.from_numpy(best).to(places)
    here, there = (costs.gather(1, each.unsqueeze(1)).sum() for each in (places, found))
    gain = here - there
    return (found, float(gain)) if gain > 0 else (places, 0.0)
