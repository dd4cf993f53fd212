"""What does a round of swaps cost, against the published search, which computes the whole wiring cost for every trial?

    python tests/benchmarks/bench_swaps.py

Liu, Gan and Tegmark 2023 (arXiv 2305.08746) let the `top` units of each layer with the largest sum of absolute weights
look for a better place, one after the other: every place is tried by swapping rows and columns of the weights, the cost
of all connections is computed anew, distances included, and the best is kept. That is written here as their notes
describe it. Both sides do the same round on the same random network, in double precision, and must end with the same
places and cost; they take turns, and figures are medians of processor time, on one thread.
"""

import argparse
import statistics
import time

import torch
from torch import Tensor

from artneuro.anatomy import MLP, Embedded, Embedding, Lattice, Ring
from artneuro.anatomy.embedding import Space
from artneuro.rearing import Swap

NETWORKS = {
    "modular addition": ((1, 1, 64), (50, 50), 59, Embedding(extent=2.0, depth=0.5), 30),
    "MNIST": (
        (1, 28, 28),
        (100, 100),
        10,
        Embedding(
            layers={
                "input": Lattice(sides=(28, 28)),
                "hidden1": Lattice(sides=(10, 10)),
                "hidden2": Lattice(sides=(10, 10)),
                "output": Ring(radius=0.25),
            },
            extent=2.0,
            depth=0.5,
            fixed=("input",),
        ),
        30,
    ),
}


def whole_cost(weights: list[Tensor], at: list[Tensor], extent: float, depth: float) -> Tensor:
    """The cost of all connections, distances computed anew."""
    total = torch.zeros((), dtype=torch.float64)
    for weight, source, target in zip(weights, at[:-1], at[1:], strict=True):
        apart = (target.unsqueeze(1) - source.unsqueeze(0)).abs().sum(-1)
        total = total + (weight.abs() * (extent * apart + depth)).sum()
    return total


def exchanged(weights: list[Tensor], layer: int, one: int, other: int) -> list[Tensor]:
    """The weights with two units of a layer in each other's places."""
    found = list(weights)
    if layer > 0:
        found[layer - 1] = found[layer - 1].clone()
        found[layer - 1][[one, other]] = found[layer - 1][[other, one]]
    if layer < len(weights):
        found[layer] = found[layer].clone()
        found[layer][:, [one, other]] = found[layer][:, [other, one]]
    return found


def published(weights: list[Tensor], at: list[Tensor], embedding: Embedding, layers: list[str], top: int) -> Tensor:
    """A round of swaps as published; returns the cost in the end."""
    for number, name in enumerate(layers):
        if name in embedding.fixed:
            continue
        units = len(at[number])
        score = torch.zeros(units, dtype=torch.float64)
        if number > 0:
            score = score + weights[number - 1].abs().sum(1)
        if number < len(weights):
            score = score + weights[number].abs().sum(0)
        movers = score.argsort(descending=True, stable=True)[:top].tolist()
        where = list(range(units))  # the place of each unit that is to move
        for unit in movers:
            place = where[unit]
            costs = [
                float(whole_cost(exchanged(weights, number, place, other), at, embedding.extent, embedding.depth))
                for other in range(units)
            ]
            best = min(range(units), key=costs.__getitem__)
            if costs[best] < costs[place] - 1e-9:
                weights = exchanged(weights, number, place, best)
                moved = where.index(best)
                where[unit], where[moved] = best, place
    return whole_cost(weights, at, embedding.extent, embedding.depth)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, one thread, a round of swaps, medians of {given.turns} turns")
    print(f"{'':18s} {'published':>10s} {'artneuro':>10s} {'ratio':>7s}   cost apart")
    for name, (shape, widths, classes, embedding, top) in NETWORKS.items():
        torch.manual_seed(0)
        anatomy = Embedded(of=MLP(widths=widths), embedding=embedding)
        model = anatomy.build(shape, classes)
        space = Space.of(anatomy, model)
        weights = {key: weight.detach().double() for key, weight in model.named_parameters()}
        layers = list(space.circuit.layers)
        at = [embedding.places(space.circuit)[layer] for layer in layers]
        matrices = [weights[projection.name] for projection in space.circuit.projections]
        theirs, ours, apart = [], [], 0.0
        for _ in range(given.turns):
            began = time.process_time()
            expected = published(list(matrices), at, embedding, layers, top)
            theirs.append(time.process_time() - began)
            places = {layer: torch.arange(units) for layer, units in space.circuit.layers.items()}
            began = time.process_time()
            Swap(top=top).improve(space, weights, places)
            ours.append(time.process_time() - began)
            apart = abs(float(space.cost(weights, places) / expected) - 1)
        one, other = statistics.median(theirs), statistics.median(ours)
        print(f"{name:18s} {one:8.2f} s {other * 1e3:7.1f} ms {one / other:7.0f}   {apart:.0e}", flush=True)


if __name__ == "__main__":
    main()
