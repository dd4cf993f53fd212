"""What a study will take, before it runs: time, memory and disk, measured on an excerpt of its own work."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import final

import attrs
import torch

from artneuro.environment.environment import Environment, Stimuli
from artneuro.errors import ArtneuroError
from artneuro.protocols.protocol import Examination
from artneuro.rearing.rear import rear_litter
from artneuro.study.executors import computing
from artneuro.study.litters import Growth, Litter, cut
from artneuro.study.machine import processors
from artneuro.study.memory import (
    PAUSED,
    PROCESS,
    environment_bytes,
    largest_litters,
    sharing,
    subject_bytes,
    weight_bytes,
)
from artneuro.study.plan import Plan
from artneuro.study.planned import PlannedBeginning, PlannedPart, PlannedSubject
from artneuro.study.tasks import RearLitter
from artneuro.study.upbringing import Upbringing
from artneuro.study.work import Survey
from artneuro.subject import Subject

MEASURED = (256, 1024)
"""Training stimuli of the two excerpts that a protocol is timed on."""
SMALL = 20_000
"""Bytes of a subject's history and identity."""
UPDATES = (2, 6)
"""Batches of the two excerpts that rearing is timed on."""
LONG = 1.0
"""Seconds after which a measurement is long enough to rest on."""
START = 3.0
"""Seconds of processor time until a worker process can begin, most of them to load torch."""
PATIENCE = 10.0
"""Seconds after which a larger excerpt of a measurement is not waited for. Graphs take long whatever the stimuli."""


@final
@attrs.frozen
class Forecast:
    """What a study will take, or what is left of it.

    Parameters
    ----------
    seconds : float
        With all workers, until the last record is written.
    memory : int
        Bytes, of all workers together, at most.
    disk : int
        Bytes of the run folder at its fullest, without figures and report.
    each : mapping of str to float
        Seconds for one subject of an upbringing, by its key, and for one part of a record, by its name.
    notes : tuple of str
        What the forecast rests on, and what it could not tell.
    """

    seconds: float
    memory: int
    disk: int
    each: Mapping[str, float]
    notes: tuple[str, ...]


class _SeenEnoughError(Exception):
    """Ends a rearing that was only begun to be timed."""


def forecast(plan: Plan, workers: int = 1, left: Survey | None = None, cores: int | None = None) -> Forecast:
    """Forecast what a plan will take, in a few seconds, without side effects.

    A rearing of each kind (anatomy, stimuli, batch) is begun, and each protocol measures one naive subject, on two
    excerpts of the stimuli; a line through both times gives the time on all of them. That is honest to a factor of
    about two: caches, heat and other work on the machine are not foreseen.

    Parameters
    ----------
    plan : Plan
        What is asked.
    workers : int
        Worker processes.
    left : Survey, optional
        What is still to be done; by default, everything.
    cores : int, optional
        How many tasks can truly be done at once; by default as many as this machine has processors.
    """
    animals = tuple(plan.animals.values()) if left is None else left.to_rear
    parts = Counter({part.key: part.record for part in plan.parts}.values()) if left is None else left.parts
    each: dict[str, float] = {}
    sizes: dict[str, int] = {}
    notes = ["Times were measured on an excerpt of the stimuli and scaled up: expect them within a factor of two."]
    largest = largest_litters(plan, workers)
    growths = cut(animals, (), workers, largest)
    epochs: dict[tuple[str, int], float] = {}
    for growth in growths:
        upbringing, count = growth.litter[0].upbringing, len(growth.litter)
        kind = RearLitter(growth).kind, count
        if upbringing.rearing.epochs and kind not in epochs:
            try:
                epochs[kind] = _epoch_seconds(growth.litter, plan, workers) / count
            except Exception as failure:  # of the rearing, which says so itself when its turn comes
                epochs[kind] = 0.0
                notes.append(f"{growth.litter[0].arm}: rearing not foreseen, since its first updates fail ({failure}).")
        each.setdefault(upbringing.key, upbringing.rearing.epochs * epochs.get(kind, 0.0))
    for part in plan.parts:
        if part.record in sizes or not parts[part.record]:
            continue
        if part.twins:  # the histories of twins, put side by side
            each[part.record], sizes[part.record] = 0.0, len(part.twins) * SMALL
        else:
            try:
                with computing(plan.computing.threads):
                    each[part.record], sizes[part.record] = _measuring(part, plan)
            except ArtneuroError as refusal:
                sizes[part.record] = 0
                notes.append(f"{part.record}: not foreseen, since a naive subject cannot be measured ({refusal}).")
    total = sum(each[planned.upbringing.key] for planned in animals)
    shared, alone = plan.epochs()
    total *= shared / max(alone, 1)
    total += sum(count * each.get(record, 0.0) for record, count in parts.items())
    memory, disk = _memory(plan, workers, growths), _disk(plan, sizes, workers, animals, growths)
    together = min(workers, cores or processors())
    if together < workers:
        notes.append(f"{workers} workers share {together} processors; more than these gain nothing.")
    seconds = max(total / together, _longest(growths, each, parts))
    start = START * workers / together if workers > 1 and total else 0.0
    return Forecast(seconds + start, memory, disk, each, tuple(notes))


def _longest(growths: Sequence[Growth], each: Mapping[str, float], parts: Mapping[str, int]) -> float:
    """Return the seconds of the longest chain: a litter, which one worker rears, and then a part."""
    litters = (len(growth.litter) * each[growth.litter[0].upbringing.key] for growth in growths)
    return max(litters, default=0.0) + max((each.get(record, 0.0) for record in parts if parts[record]), default=0.0)


def excerpt(environment: Environment, size: int) -> Environment:
    """Return an environment with `size` training stimuli and as small a share of the test stimuli, evenly spread."""

    def thinned(stimuli: Stimuli, count: int) -> Stimuli:
        chosen = torch.linspace(0, len(stimuli) - 1, count).round().long().to(stimuli.targets.device)
        return stimuli.of_numbers(chosen)

    share = size / len(environment.train)
    test = max(1, round(share * len(environment.test)))
    return attrs.evolve(environment, train=thinned(environment.train, size), test=thinned(environment.test, test))


def _scaled(
    seconds: Callable[[Environment], float], environment: Environment, low: int, high: int, patience: float
) -> float:
    """Return the seconds that something takes on all stimuli, from a line through two excerpts.

    The larger excerpt is enlarged while that takes no time to speak of: in a short time noise is much, and the line
    makes it more. It is but twice the smaller one where that took long; longer than `patience`, it is not waited for.
    """
    size = len(environment.train)
    if size <= high:
        return seconds(environment)
    short = seconds(excerpt(environment, low))
    if short > patience:
        return short * size / low
    if short > LONG:
        high = 2 * low
    while True:
        long = seconds(excerpt(environment, high))
        slope = max(0.0, long - short) / (high - low)
        if 4 * high >= size or long + 3 * high * slope > LONG:
            return long + slope * (size - high)
        high *= 4


def _epoch_seconds(litter: Litter, plan: Plan, workers: int) -> float:
    """Return the seconds of a litter's epoch: of the second, since a first does more; but one that is long will do.

    Where a few updates of one subject alone take long, all the others are taken to be as long.
    """
    upbringing = litter[0].upbringing

    def seconds(environment: Environment, litter: Litter = litter) -> float:
        naive = [upbringing.naive(planned.seed, planned.arm, environment) for planned in litter]
        ticks = [time.perf_counter()]

        def tell(epoch: int, epochs: int) -> None:
            ticks.append(time.perf_counter())
            if len(ticks) == 3 or ticks[1] - ticks[0] > LONG:
                raise _SeenEnoughError

        with suppress(_SeenEnoughError), computing(max(1, torch.get_num_threads() // workers)):
            rear_litter(naive, upbringing.rearing, upbringing.interventions, progress=tell)
        return ticks[-1] - ticks[-2]

    low, high = (updates * upbringing.rearing.batch for updates in UPDATES)
    environment = plan.environments[upbringing.environment]
    few = min(low, len(environment.train))
    alone = seconds(excerpt(environment, few), litter[:1])
    if alone > LONG:
        return alone * len(litter) * len(environment.train) / few
    return _scaled(seconds, environment, low, high, LONG)  # updates are what takes long


def _measuring(part: PlannedPart, plan: Plan) -> tuple[float, int]:
    """Return the seconds that one part takes, and the bytes that it fills."""
    upbringing, protocol = part.subject.upbringing, part.protocol
    assert isinstance(protocol, Examination)
    sizes: list[int] = []

    def naive(environment: Environment) -> Subject:
        return upbringing.naive(part.subject.seed, part.subject.arm, environment)

    def part_seconds(environment: Environment) -> float:
        subject = naive(environment)
        begun = time.perf_counter()
        sizes.append(protocol.measure(subject).nbytes)
        return time.perf_counter() - begun

    environment, low = plan.environments[upbringing.environment], MEASURED[0]
    if len(environment.train) > low and any(protocol.refusals(naive(excerpt(environment, low)))):
        return part_seconds(environment), max(sizes)  # it asks for more stimuli than an excerpt has
    return _scaled(part_seconds, environment, *MEASURED, PATIENCE), max(sizes)


def _memory(plan: Plan, workers: int, growths: Sequence[Growth]) -> int:
    """Return the bytes of all workers, each with all stimuli and the largest litter."""
    shared = sharing(plan)
    each = {
        key: subject_bytes(grown, plan.environments[grown.environment], key in shared)
        for key, grown in _upbringings(plan).items()
    }
    grown = max((len(growth.litter) * each[growth.litter[0].upbringing.key] for growth in growths), default=0)
    return workers * (PROCESS + sum(map(environment_bytes, plan.environments.values())) + grown)


def _disk(
    plan: Plan, sizes: Mapping[str, int], workers: int, animals: Sequence[PlannedSubject], growths: Sequence[Growth]
) -> int:
    """Return the bytes of weights, parts and records; a part lies on disk twice, alone and in its record.

    Besides, until a run is over, shared beginnings with the optimiser's moments; and tracked ages until they are
    measured, which is before another litter begins: of as many litters as there are workers, at most.
    """
    upbringings = _upbringings(plan)
    each = {key: weight_bytes(grown, plan.environments[grown.environment]) for key, grown in upbringings.items()}
    total = 2 * sum(sizes.get(part.record, 0) for part in plan.parts)
    for planned in animals:
        rearing = planned.upbringing.rearing
        total += len({*rearing.keep, rearing.epochs}) * each[planned.upbringing.key] + SMALL
    for beginning in _all(plan.beginnings) if animals else ():
        ages = len(beginning.upbringing.rearing.keep)
        total += plan.study.cohort.n * (ages + PAUSED) * each[beginning.members[0]]
    tracked = [(len(growth.litter), growth.litter[0].upbringing) for growth in growths]
    most = sorted(count * len(grown.tracked) * each[grown.key] for count, grown in tracked)
    return total + sum(most[-workers:])


def _all(beginnings: Iterable[PlannedBeginning]) -> Iterator[PlannedBeginning]:
    """Yield beginnings and their branches."""
    for beginning in beginnings:
        yield beginning
        yield from _all(beginning.branches)


def _upbringings(plan: Plan) -> dict[str, Upbringing]:
    return {planned.upbringing.key: planned.upbringing for planned in plan.animals.values()}
