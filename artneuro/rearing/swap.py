"""Swap: units change places where that makes wiring shorter. Liu, Gan and Tegmark 2023, arXiv 2305.08746."""

from collections.abc import Iterator, Mapping
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.anatomy.embedding import Reduce, Space
from artneuro.errors import Problem
from artneuro.fields import define_spec, ge, param
from artneuro.measures.placement import assigned_blocks, place_costs, swapped_blocks
from artneuro.rearing.intervention import Gained, Structural
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.timing import Clock, Window
from artneuro.rearing.tissue import Body, Tissue
from artneuro.rearing.wiring_penalty import places_of, unembedded
from artneuro.registry import register
from artneuro.seeds import Stream

Search = Literal["greedy", "assignment"]


@final
@register("Swap")
@define_spec
class Swap(Structural):
    """Every so many updates, let units change places within their layer, so that the wiring cost falls.

    A unit keeps its number, its weights and what the optimiser keeps of them: only its place changes, which is a buffer
    of the embedded network. What the network computes is the same to the last bit. By how much each round has lowered
    the wiring cost is written into the subject's history, as `swap_gain` along `swap_round`.

    The cost that falls, and that gains are told of, is ``sum |w_ij| d_ij`` over all connections, whatever a
    `WiringPenalty` beside it makes of them (squares, communicability, even layers). With ``reduce: mean`` it is the sum
    of each tensor's mean, as published for tasks whose penalty is one; connections of small tensors then count more.

    greedy
        In every layer, the `top` units with the largest sum of absolute weights in and out, one after the other, change
        places with the unit that lowers the wiring cost most, if any does: as published.
    assignment
        All units of a layer get the best places at once, the other layers staying: a linear assignment. It is never
        worse than greedy in a layer. One optimal layer after the other can still end worse than greedy does; the round
        is then greedy's. It does not exist for layers that are connected to themselves.

    Layers that lie in blocks, such as the heads of attention, first let blocks change places as wholes, and then units
    within their block; an assignment finds the best of both. Layers go from input to output; those that the embedding
    holds `fixed` are left as they are.

    Examples
    --------
    >>> import artneuro as an
    >>> space = an.anatomy("embedded", of={"mlp": {"widths": [16]}}, embedding={"fixed": ["input", "output"]})
    >>> naive = an.Subject.naive(space, an.environment("digits"), seed=0)
    >>> adult = an.rear(naive, naive.environment, an.Rearing(epochs=1), [Swap(every=5, top=4)])
    >>> places = adult.weights["places.hidden1"]
    >>> sorted(places.tolist()) == list(range(16)), places.tolist() == list(range(16))
    (True, False)
    >>> adult.history.swap_step.values.tolist(), bool((adult.history.swap_gain > 0).all())
    ([5, 10], True)
    """

    every: int = param(200, units="update", doc="updates from one to the next, counted from birth", check=ge(1))
    top: int | None = param(
        None, doc="units of each layer that may look for a better place; all, if left out", check=ge(1)
    )
    search: Search = param("greedy", doc="how places are found")
    reduce: Reduce = param("sum", doc="over the entries of a tensor, of the cost that falls; tensors are summed")
    window: Window = param(Window(), doc="when it acts")

    def problems(self) -> Iterator[Problem]:
        """Refuse a number of units for an assignment, which places them all."""
        if self.search == "assignment" and self.top is not None:
            yield Problem("top", "nothing, with `search: assignment`", str(self.top), "It places all units.")

    def misfits(self, body: Body, rearing: Rearing, begin: Clock) -> Iterator[Problem]:
        """Refuse an anatomy without places, swaps that never take place, and assignments within one layer."""
        refused = list(unembedded(body))
        yield from refused
        acts = self.window.updates(rearing, begin, len(body.environment.train))
        if acts and not any(update % self.every == 0 for update in acts):
            advice = "Let them change places more often, or rear for longer."
            required = f"a divisor of one of the updates in which it acts, {acts[0]} to {acts[-1]}"
            yield Problem("every", required, str(self.every), advice)
        if refused:
            return
        moving = [layer for layer in body.space.circuit.layers if layer not in body.space.fixed]
        if not moving:
            advice = "Hold fewer `fixed` in the embedding, or leave Swap out."
            yield Problem("", "a layer whose units may change places", "all are fixed", advice)
        if all(float(apart.max()) == float(apart.min()) for apart in body.space.distances.values()):
            advice = (
                "Where all are equally far apart, nothing is gained: give the embedding an extent, or leave it out."
            )
            yield Problem("", "places that differ in how far they are from others", "an extent of 0", advice)
        if self.search == "assignment":
            for layer in moving:
                if any(other == layer for _, other, _ in body.space.circuit.beside(layer)):
                    advice = "Where everyone's place matters to everyone's else, no assignment is linear: use greedy."
                    yield Problem("search", "greedy, where a layer is connected to itself", layer, advice)

    def restructure(self, tissue: Tissue, clock: Clock, streams: tuple[Stream, ...]) -> list[Gained]:
        """Let units change places, where it is time, and report what each subject has gained."""
        found: list[Gained] = []
        if clock.step % self.every == 0:
            for subject in range(len(streams)):
                own = {name: tensor[subject] for name, tensor in tissue.parameters.items()}
                places = places_of({name: tensor[subject] for name, tensor in tissue.buffers.items()})
                found.append(Gained(subject, self.improve(tissue.body.space, own, places)))
        return found

    def improve(self, space: Space, weights: Mapping[str, Tensor], places: Mapping[str, Tensor]) -> float:
        """Let units of one subject change places, in place, and return by how much the wiring cost has fallen.

        Parameters
        ----------
        weights : mapping of str to Tensor
            Parameters by name.
        places : mapping of str to Tensor, shape (unit,), int64
            Layer -> the number of the place of every unit; it is changed.
        """
        if self.search == "greedy":
            return self._round(space, weights, places, "greedy")
        tried = []
        searches: tuple[Search, ...] = ("assignment", "greedy")
        for search in searches:
            own = {layer: numbers.clone() for layer, numbers in places.items()}
            tried.append((self._round(space, weights, own, search), own))
        gain, best = max(tried, key=lambda one: one[0])
        for layer, numbers in best.items():
            places[layer].copy_(numbers)
        return gain

    def _round(
        self, space: Space, weights: Mapping[str, Tensor], places: Mapping[str, Tensor], search: Search
    ) -> float:
        """Go through the layers once; return by how much the cost has fallen."""
        total = 0.0
        for layer, units in space.circuit.layers.items():
            if layer in space.fixed:
                continue
            blocks = space.circuit.blocks.get(layer, 1)
            bounds = list(space.bounds(layer, weights, places, self.reduce))
            within = space.within(layer, weights, self.reduce)
            none = torch.zeros(units, units, dtype=torch.float64, device=places[layer].device)
            costs = place_costs(bounds) if bounds else none
            if search == "assignment":
                better, gain = assigned_blocks(costs, places[layer], blocks)
            else:
                strength = sum((bound.strengths.sum(1) for bound in bounds), none[0])
                if within is not None:
                    strength = strength + within.strengths.sum(1)
                movers = strength.argsort(descending=True, stable=True)[: self.top].tolist()
                better, gain = swapped_blocks(costs, places[layer], movers, blocks, within)
            places[layer].copy_(better)
            total += gain
        return total
