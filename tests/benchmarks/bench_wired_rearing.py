"""How much faster is a whole rearing with swaps than the published way, on addition modulo 59? Where does time go?

    python tests/benchmarks/bench_wired_rearing.py

Liu, Gan and Tegmark 2023 (arXiv 2305.08746): 3,481 pairs of which four fifths are learnt in one batch, vectors of 32
entries, two layers of 50 units, double precision, Adam at 0.001, the wiring cost times 0.1 in the loss, and a round of
swaps every 200 updates. The usual loop is written as one does: the wiring cost with its distances at every update,
differentiated with the loss; and the published search (`bench_swaps.py`), in which every trial computes the whole cost
anew. Published rearings have 20,000 updates and 100 rounds; here are `--updates` and as many rounds to an update, so
that nothing is scaled. Both sides begin with the same weights and must end with the same places and weights. Processor
time, on one thread, medians of turns; a litter is five twins reared together, and its time is given for one.
"""

import argparse
import statistics
import time

import torch
from bench_swaps import whole_cost
from torch import Tensor
from torch.nn import functional as F

from artneuro.anatomy import Embedded, Embedding, anatomy
from artneuro.anatomy.embedding import Space
from artneuro.environment import environment
from artneuro.rearing import Adam, Rearing, Swap, WiringPenalty
from artneuro.rearing.rear import rear_litter
from artneuro.subject import Subject

EVERY, TOP, RATE = 200, 30, 0.1
SPACE = Embedding(extent=2.0, depth=0.5)


def in_places(weights: dict[str, Tensor], space: Space, where: dict[str, Tensor]) -> list[Tensor]:
    """The matrices with rows and columns in the order of places; both tokens of a pair share the places of entries."""
    found = []
    for each in space.circuit.projections:
        rows, columns = where[each.target].argsort(), where[each.source].argsort()
        units = len(columns)
        found.append(
            weights[each.name][rows][:, torch.cat([columns + fold * units for fold in range(each.source_folds)])]
        )
    return found


def exchanged(matrices: list[Tensor], layer: int, one: int, other: int) -> list[Tensor]:
    """The matrices with two units of a layer in each other's places, in every fold."""
    found = list(matrices)
    if layer > 0:
        found[layer - 1] = found[layer - 1].clone()
        found[layer - 1][[one, other]] = found[layer - 1][[other, one]]
    if layer < len(matrices):
        folds = 2 if layer == 0 else 1
        units = matrices[layer].shape[1] // folds
        here = [fold * units + one for fold in range(folds)]
        there = [fold * units + other for fold in range(folds)]
        found[layer] = found[layer].clone()
        found[layer][:, here + there] = found[layer][:, there + here]
    return found


def published(weights: dict[str, Tensor], space: Space, where: dict[str, Tensor]) -> None:
    """A round of swaps as published: `where` is changed."""
    matrices = [matrix.abs() for matrix in in_places(weights, space, where)]
    places = SPACE.places(space.circuit)
    layers = list(space.circuit.layers)
    at = [places[layers[0]].repeat(2, 1)] + [places[layer] for layer in layers[1:]]

    def cost(tried: list[Tensor]) -> float:
        sources, total = [at[0], *at[1:-1]], 0.0
        for matrix, source, target in zip(tried, sources, at[1:], strict=True):
            total += float(whole_cost([matrix], [source, target], SPACE.extent, SPACE.depth))
        return total

    for number, name in enumerate(layers):
        units, own = len(where[name]), where[name]
        score = torch.zeros(units, dtype=torch.float64)
        if number > 0:
            score = score + matrices[number - 1].sum(1)
        if number < len(matrices):
            score = score + matrices[number].sum(0).view(-1, units).sum(0)
        for unit in score[own].argsort(descending=True, stable=True)[:TOP].tolist():
            place = int(own[unit])
            costs = [cost(exchanged(matrices, number, place, other)) for other in range(units)]
            best = min(range(units), key=costs.__getitem__)
            if costs[best] < costs[place] - 1e-9:
                matrices = exchanged(matrices, number, place, best)
                moved = int((own == best).nonzero())
                own[unit], own[moved] = best, place


def usual(subject: Subject, updates: int) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, float]]:
    """One network as it is usually written: its weights, its places, and the time that updates and swaps took."""
    model, place = subject.model().double(), subject.environment
    space = Space.of(subject.anatomy, model)
    weights = dict(model.named_parameters())
    where = {layer: torch.arange(units) for layer, units in space.circuit.layers.items()}
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    x, y = place.present(place.train.images, dtype=torch.float64), place.train.targets
    took = {"updates": 0.0, "rounds of swaps": 0.0, "the same rounds by artneuro": 0.0}
    for update in range(1, updates + 1):
        began = time.process_time()
        optimizer.zero_grad()
        apart = SPACE.distances(space.circuit)
        loss = F.cross_entropy(model(x), y)
        for each in space.circuit.projections:
            lengths = apart[each.name][where[each.target]][:, where[each.source]]
            loss = loss + RATE * (weights[each.name].abs() * lengths.tile(1, each.source_folds)).mean()
        for name in (*space.circuit.biases, *space.circuit.tables):
            loss = loss + RATE * SPACE.depth * weights[name].abs().mean()
        loss.backward()
        optimizer.step()
        took["updates"] += time.process_time() - began
        if update % EVERY == 0:
            now = {name: weight.detach() for name, weight in weights.items()}
            ours = {layer: places.clone() for layer, places in where.items()}
            began = time.process_time()
            published(now, space, where)
            took["rounds of swaps"] += time.process_time() - began
            began = time.process_time()
            Swap(every=EVERY, top=TOP).improve(space, now, ours)
            took["the same rounds by artneuro"] += time.process_time() - began
            assert all(torch.equal(ours[layer], places) for layer, places in where.items())
    return {name: weight.detach() for name, weight in weights.items()}, where, took


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--updates", type=int, default=400)
    given = parser.parse_args()
    torch.set_num_threads(1)
    of = anatomy("token_mlp", width=32, widths=(50, 50))
    place = environment("modular_addition", p=59)
    litter = [Subject.naive(Embedded(of=of, embedding=SPACE), place, seed=seed) for seed in range(5)]
    rearing = Rearing(
        epochs=given.updates, batch=len(place.train), precision="float64", optimizer=Adam(lr=0.001),
        evaluate_every=given.updates,
    )  # fmt: skip
    taxed = WiringPenalty(phases=({"rate": RATE},), reduce="mean")
    swapping = [taxed, Swap(every=EVERY, top=TOP)]
    print(
        f"torch {torch.__version__}, one thread, {given.updates} updates, medians of {given.turns} turns, one network"
    )
    times: dict[str, list[float]] = {}
    for _ in range(given.turns):
        weights, where, took = usual(litter[0], given.updates)
        for part, seconds in took.items():
            times.setdefault(f"usual loop: {part}", []).append(seconds)
        times.setdefault("usual loop", []).append(took["updates"] + took["rounds of swaps"])
        for name, subjects, done in (
            ("artneuro, alone", litter[:1], swapping),
            ("artneuro, alone, without swaps", litter[:1], [taxed]),
            ("artneuro, in a litter", litter, swapping),
        ):
            began = time.process_time()
            adults = rear_litter(subjects, rearing, done)
            times.setdefault(name, []).append((time.process_time() - began) / len(subjects))
            if done is swapping:
                own = adults[0].weights
                same = all(torch.equal(own[f"places.{layer}"], places) for layer, places in where.items())
                apart = max(float((own[key] - weight).abs().max()) for key, weight in weights.items())
                print(f"{name}: places {'the same' if same else 'NOT the same'}, weights apart {apart:.0e}", flush=True)
    whole = statistics.median(times["usual loop"])
    for name, seconds in times.items():
        own = statistics.median(seconds)
        print(f"{name:40s} {own:8.3f} s   usual loop over it {whole / own:6.1f}")


if __name__ == "__main__":
    main()
