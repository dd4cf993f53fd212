"""What does turnover cost? The rearing of twins with it against the same rearing without, and what a zero dose changes.

    ARTNEURO_DATA=... python tests/benchmarks/bench_turnover.py

Twenty `tran_cnn`s on 10,000 stimuli of CIFAR-10, 8 of the 250 units of `hidden2` turned over. The study has batches of
four and an event every 640 updates; the batch here is larger and the frequency rescaled, so that an event comes after
as many stimuli. (The studies in `protocols/` turn units over far more often: `--batch 32 --every 2`.) Sides take turns;
the figures are medians, in processor time, which other work on the machine stretches less than the time on the wall,
given beside it. `events` is the share of a side's processor time that went by between update and next stimuli, where
units are turned over: on a busy machine, whose ratios scatter by several per cent, the surer figure. The last lines
compare, bit for bit, the weights of a zero dose with those of no turnover, and those of one subject reared alone with
those that it had in the litter.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

import attrs
import torch

from artneuro.anatomy import anatomy
from artneuro.environment import environment
from artneuro.environment.environment import Environment, Stimuli
from artneuro.rearing import Adam, Freeze, Intervention, Rearing, Turnover, Window
from artneuro.rearing.litter import Litter
from artneuro.rearing.rear import rear_litter
from artneuro.subject import Subject

STIMULI_AN_EVENT = 640 * 4


def excerpt(place: Environment, train: int, test: int) -> Environment:
    """The first stimuli of a place."""

    def first(stimuli: Stimuli, count: int) -> Stimuli:
        return Stimuli(stimuli.images[:count], stimuli.targets[:count], stimuli.index[:count])

    return attrs.evolve(place, train=first(place.train, train), test=first(place.test, test))


class Watch:
    """Adds up the processor time of a method of every litter."""

    def __init__(self, name: str) -> None:
        self.seconds: list[float] = []
        method = getattr(Litter, name)

        def watched(litter: Litter) -> None:
            began = time.thread_time()
            method(litter)
            self.seconds.append(time.thread_time() - began)

        setattr(Litter, name, watched)


def timed(
    subjects: list[Subject], rearing: Rearing, what: list[Intervention], watch: Watch
) -> tuple[list[Subject], tuple[float, float, float]]:
    """The adults; processor time and time on the wall, in seconds; and the share of events."""
    watch.seconds.clear()
    began, wall = time.process_time(), time.perf_counter()
    adults = rear_litter(subjects, rearing, what)
    processor = time.process_time() - began
    return adults, (processor, time.perf_counter() - wall, sum(watch.seconds) / processor)


def equal(some: list[Subject], others: list[Subject]) -> bool:
    """Whether all have the same weights, to the last bit."""
    pairs = zip(some, others, strict=True)
    return all(torch.equal(one.weights[name], other.weights[name]) for one, other in pairs for name in one.weights)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-root", type=Path, default=Path(os.environ.get("ARTNEURO_DATA", "data")))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--stimuli", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--every", type=int, help="updates from event to event; as in the published study, if left out")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sides", type=int, default=6, help="the first so many sides, at least three")
    given = parser.parse_args()
    place = excerpt(environment("cifar10", given.data_root), given.stimuli, given.stimuli // 5)
    subjects = [Subject.naive(anatomy("tran_cnn"), place, seed) for seed in range(given.seeds)]
    rearing = Rearing(epochs=given.epochs, batch=given.batch, optimizer=Adam(lr=2e-4))
    every = given.every or max(1, STIMULI_AN_EVENT // given.batch)
    paper = Turnover(site="hidden2", count=8, every=every)
    sides: dict[str, list[Intervention]] = {
        "none": [],
        "zero dose": [paper.but(count=0)],
        f"8 units every {every} updates": [paper],
        "the same, newborns excitable": [paper.but(excitability=1.3)],
        "the same, by activity": [paper.but(choice="activity")],
        "published code: every update": [paper.but(every=1, window=Window(offset=1)), Freeze(sites=["hidden2"])],
    }
    sides = {name: what for place, (name, what) in enumerate(sides.items()) if place < given.sides}
    watch = Watch("restructure")
    spent: dict[str, list[tuple[float, float, float]]] = {name: [] for name in sides}
    adults: dict[str, list[Subject]] = {}
    for _ in range(given.repeats):
        for name, what in sides.items():
            adults[name], times = timed(subjects, rearing, what, watch)
            spent[name].append(times)
            print(f"{name}: {times[0]:.1f} s of processor, {times[1]:.1f} s, events {times[2]:.2%}", flush=True)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; {given.seeds} x {given.stimuli} stimuli")
    print(f"{'':34s} {'processor':>10s} {'wall':>8s} {'events':>8s} {'ratio':>8s}   {'of each turn':>15s}")
    for name, each in spent.items():
        ratios = [own[0] / none[0] for own, none in zip(each, spent["none"], strict=True)]
        processor, wall, share = (statistics.median(along) for along in zip(*each, strict=True))
        print(
            f"{name:34s} {processor:10.2f} {wall:8.2f} {share:8.2%} {statistics.median(ratios):8.3f}"
            f"   {min(ratios):6.3f} - {max(ratios):6.3f}"
        )
    print("zero dose is no turnover, bit for bit:", equal(adults["zero dose"], adults["none"]))
    alone = rear_litter(subjects[-1:], rearing, [paper])
    print("alone as in the litter, bit for bit:", equal(alone, adults[f"8 units every {every} updates"][-1:]))


if __name__ == "__main__":
    main()
