"""Rear subjects: the one training loop. It knows the roles that interventions play, and no particular intervention."""

import math
import operator
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, TypeVar

import torch
from torch import Tensor

from artneuro.environment.environment import Environment
from artneuro.rearing.cutting import cut
from artneuro.rearing.intervention import Intervention, Penalty, Teaching
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.litter import Litter
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.side_by_side import computing_with, grow
from artneuro.rearing.timing import Clock
from artneuro.subject import Subject

Progress = Callable[[int, int], Any]
Rows = tuple[Mapping[str, float], ...]
"""What was measured of a subject in each epoch."""
Watch = Callable[[Sequence[Rows]], bool]
Litters = list[tuple[Litter, list[int]]]
Grown = TypeVar("Grown", Subject, Juvenile, Rows)


def rear(
    subject: Subject,
    environment: Environment,
    rearing: Rearing,
    interventions: Sequence[Intervention] = (),
    progress: Progress | None = None,
) -> Subject:
    """Rear one subject, naive or adult, and return it grown up; the one given stays as it is.

    Parameters
    ----------
    subject : Subject
        Where it begins. Its clock goes on: order of stimuli, windows of interventions and ages count from its birth.
        The optimiser and the schedule begin anew. So where both have no memory (SGD without momentum, constant),
        rearing 2 epochs and then 3 gives the weights of rearing 5, bit for bit; otherwise it does not.
    environment : Environment
        Where it grows up.
    rearing : Rearing
        How.
    interventions : sequence of Intervention
        What is done to it meanwhile.
    progress : callable, optional
        Called with (epoch, epochs) as each epoch ends.

    Returns
    -------
    Subject
        With its history (`artneuro.rearing.history.MEASURES`, along `epoch`), and the weights of the ages asked for
        and of the last. Where its loss became non-finite it has diverged: `diverged` is the epoch after which that was
        found, its weights are those of the evaluation before.

    Raises
    ------
    SpecificationError
        Before anything is computed: an unknown site, a lesion of units that do not exist, a batch that the anatomy
        cannot learn from, a loss that does not fit the targets, a subject that has diverged.

    Examples
    --------
    >>> import artneuro as an
    >>> digits = an.environment("digits")
    >>> naive = an.Subject.naive(an.anatomy("mlp", widths=(32,)), digits, seed=0)
    >>> adult = an.rear(naive, digits, an.Rearing(epochs=2, batch=64))
    >>> adult.age, bool(adult.history.test_accuracy[-1] > 0.8)
    (2, True)
    """
    return rear_litter([subject.living_in(environment)], rearing, interventions, progress)[0]


def rear_litter(
    subjects: Iterable[Subject | Juvenile],
    rearing: Rearing,
    interventions: Sequence[Intervention] = (),
    progress: Progress | None = None,
) -> list[Subject]:
    """Rear subjects together, each in its own environment; the result of each is the same as if it were alone.

    Parameters and errors are those of `rear`. The subjects come back in the order given. A juvenile goes on with the
    rearing in the middle of which it is; up to there it must have been the same.
    """
    litters = _grown(subjects, rearing, interventions, progress, None)
    return _in_order((places, litter.adults()) for litter, places in litters)


def rear_up_to(
    until: int,
    subjects: Iterable[Subject | Juvenile],
    rearing: Rearing,
    interventions: Sequence[Intervention] = (),
    progress: Progress | None = None,
) -> list[Juvenile]:
    """Rear subjects together as `rear_litter` does, and pause after `until` epochs of the rearing.

    Examples
    --------
    >>> import artneuro as an
    >>> from artneuro.rearing.rear import rear_litter, rear_up_to
    >>> naive = an.Subject.naive(an.anatomy("mlp", widths=(8,)), an.environment("digits"), seed=0)
    >>> whole = an.Rearing(epochs=2, schedule=an.rearing.Cosine())
    >>> paused = rear_up_to(1, [naive], whole)
    >>> rear_litter(paused, whole)[0].fingerprint == rear_litter([naive], whole)[0].fingerprint
    True
    """
    litters = _grown(subjects, rearing, interventions, progress, until)
    return _in_order((places, litter.juveniles()) for litter, places in litters)


def rear_watched(
    watch: Watch,
    subjects: Iterable[Subject | Juvenile],
    rearing: Rearing,
    interventions: Sequence[Intervention] = (),
    progress: Progress | None = None,
) -> list[Rows]:
    """Rear subjects together as `rear_litter` does, for as long as whoever watches them wants; return their histories.

    Parameters
    ----------
    watch : callable
        Called as each epoch ends after which subjects are evaluated, with the rows of every subject up to there, in the
        order given (fewer of one that has stopped). Where it returns true, rearing ends.

    Returns
    -------
    list of tuple of mapping
        The rows of every subject, up to the end of that epoch.

    Examples
    --------
    >>> import artneuro as an
    >>> from artneuro.rearing.rear import rear_watched
    >>> naive = an.Subject.naive(an.anatomy("mlp", widths=(8,)), an.environment("digits"), seed=0)
    >>> len(rear_watched(lambda lived: len(lived[0]) == 2, [naive], an.Rearing(epochs=9))[0])
    2
    """
    seen: list[Rows] = []

    def watching(litters: Litters, told: int) -> bool:
        rows, between = divmod(told, rearing.evaluate_every)
        if between:
            return False
        seen[:] = _in_order((places, [tuple(life.rows[:rows]) for life in one.lives]) for one, places in litters)
        return watch(tuple(seen))

    _grown(subjects, rearing, interventions, progress, None, watching)
    return seen


def _grown(
    subjects: Iterable[Subject | Juvenile],
    rearing: Rearing,
    interventions: Sequence[Intervention],
    progress: Progress | None,
    until: int | None,
    ends: Callable[[Litters, int], bool] | None = None,
) -> Litters:
    """Return grown litters and the places of their subjects; they grow until `ends` of them and their age is true."""
    everyone = [each if isinstance(each, Juvenile) else Juvenile.at_beginning(each) for each in subjects]
    end = rearing.epochs if until is None else until
    with computing_with(rearing.threads) as workers:
        litters = cut(everyone, rearing, tuple(interventions), workers, until)
        told = min((litter.lived for litter, _ in litters), default=0)
        with closing(grow([litter for litter, _ in litters], _epoch, workers)) as growth:
            for _ in growth:
                behind = min((litter.lived for litter, _ in litters if litter.growing), default=end)
                while told < behind:
                    told += 1
                    if progress is not None:
                        progress(told, end)
                    if ends is not None and ends(litters, told):
                        return litters
    return litters


def _in_order(litters: Iterable[tuple[list[int], list[Grown]]]) -> list[Grown]:
    """Return what has become of the subjects, in the order in which they were given."""
    found = {place: grown for places, litter in litters for place, grown in zip(places, litter, strict=True)}
    return [found[place] for place in range(len(found))]


@torch.no_grad()
def _epoch(litter: Litter, stop: threading.Event) -> None:
    """Let a litter live through one epoch."""
    began = time.monotonic()
    losses, right, counts = [], [], []
    penalties, teaching = litter.acting(Penalty), litter.acting(Teaching)
    litter.begin()
    draws, rate = litter.draws(training=True), litter.learning_rate
    for stimuli, targets in litter.feed():
        if stop.is_set():
            return
        clock = litter.clock
        drawn = draws(targets.shape[1], clock)
        lesson = litter.engine.lesson(litter.parameters, litter.buffers, stimuli, targets, draws.acting, drawn)
        gradients = lesson.gradients
        for penalty, _ in penalties:
            gradients = _penalised(penalty, litter, gradients, clock)
        for teacher, _ in teaching:
            gradients = teacher.teach(gradients, litter.parameters, clock)
        litter.learn(gradients, lesson.buffers, rate)
        litter.restructure()
        if litter.evaluated:
            losses.append(lesson.loss)
            counts.append(targets.shape[1])
            if lesson.right is not None:
                right.append(lesson.right)
    litter.complete(dict(_along(losses, right, counts)), began)


def _along(losses: list[Tensor], right: list[Tensor], counts: list[int]) -> Iterator[tuple[str, list[float]]]:
    """Yield loss and accuracy of each subject, means over the batches of an epoch, of which there may be none."""
    total = sum(counts)
    if losses:
        # summed one subject at a time: a sum over a stack is split by the size of the litter
        along = torch.stack(losses, dim=1).tolist()
        yield "loss", [math.fsum(map(operator.mul, own, counts)) / total for own in along]
    if right:
        yield "accuracy", [sum(own) / total for own in torch.stack(right, dim=1).tolist()]


def _penalised(penalty: Penalty, litter: Litter, gradients: dict[str, Tensor], clock: Clock) -> dict[str, Tensor]:
    """Return the gradients with those of a penalty added."""
    prices = penalty.prices(litter.parameters, litter.buffers, litter.body, clock)
    if prices is not None:
        # the product with a sign is exact: no kernel rounds it otherwise than another, whoever is beside
        return gradients | {
            name: torch.addcmul(gradients[name], litter.parameters[name].sign(), price)
            for name, price in prices.items()
            if name in gradients
        }
    total = {name: gradient.clone() for name, gradient in gradients.items()}
    for place in range(len(litter.lives)):
        own = {name: tensor[place].detach().requires_grad_() for name, tensor in litter.parameters.items()}
        buffers = {name: tensor[place] for name, tensor in litter.buffers.items()}
        with torch.enable_grad():
            term = penalty.penalty(own, buffers, litter.body, clock)
            found = torch.autograd.grad(term, list(own.values()), allow_unused=True)
        for name, gradient in zip(own, found, strict=True):
            if gradient is not None:
                total[name][place] += gradient
    return total
