"""Tracking: subjects are visited in the middle of their rearing, at ages whose weights need not be kept for that."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import attrs

from artneuro.errors import Problem, SpecificationError
from artneuro.rearing.engine import way
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.life import Life
from artneuro.rearing.rear import Progress, rear_litter, rear_up_to
from artneuro.rearing.rearing import Rearing
from artneuro.subject import Subject

Visit = Callable[[int, Subject], Any]


def rear_tracked(
    ages: Iterable[int],
    subjects: Iterable[Subject | Juvenile],
    rearing: Rearing,
    interventions: Sequence[Intervention] = (),
    *,
    visit: Visit,
    progress: Progress | None = None,
) -> list[Subject]:
    """Rear subjects together as `rear_litter` does, and visit each of them at every one of some ages.

    Rearing pauses at each age and goes on bit for bit as if it had not, so the adults are those of `rear_litter`, and
    who is visited equals ``adult.at(age)`` of a subject that keeps that age. No more than the weights of one age are
    in memory.

    Parameters
    ----------
    ages : iterable of int
        In epochs from birth, within the rearing; its beginning and its end count.
    subjects : iterable of Subject or Juvenile
        All of one age at the beginning of the rearing. A juvenile must have the weights of those of the ages that it
        has passed.
    rearing, interventions, progress
        As for `rear`.
    visit : callable
        Called with a subject's place and the subject as it is, age by age. One that has diverged, or whose rearing
        ended earlier, is not visited any more.

    Raises
    ------
    SpecificationError
        Before anything is computed: ages outside the rearing, subjects of several ages, and what `rear` refuses.

    Examples
    --------
    >>> import artneuro as an
    >>> naive = an.Subject.naive(an.anatomy("mlp", widths=(8,)), an.environment("digits"), seed=0)
    >>> met = []
    >>> adults = rear_tracked(
    ...     (0, 2), [naive], an.Rearing(epochs=3), visit=lambda place, subject: met.append(subject.age))
    >>> met, adults[0].age, sorted(adults[0].ages)
    ([0, 2], 3, [3])
    """
    young = [each if isinstance(each, Juvenile) else Juvenile.at_beginning(each) for each in subjects]
    wanted = sorted(set(ages))
    starts = {juvenile.origin.age for juvenile in young}
    problems = list(untrackable(wanted, starts, rearing))
    if problems:
        raise SpecificationError(problems)
    ways = [way(juvenile.origin.model(), juvenile.origin.environment.device) for juvenile in young]

    def tell(epoch: int, until: int) -> None:
        if progress is not None:
            progress(epoch, rearing.epochs)

    for age in wanted:
        # those who have not halted have all lived equally long
        if max((juvenile.origin.age + juvenile.lived for juvenile in young), default=age) < age:
            young = rear_up_to(age - min(starts), young, rearing, interventions, tell)
        for place, (juvenile, how) in enumerate(zip(young, ways, strict=True)):
            if age in juvenile.ages and juvenile.diverged < 0:
                grown = Life(juvenile, rearing, interventions).adult(how)
                visit(place, attrs.evolve(grown, ages={**grown.ages, age: juvenile.ages[age]}).at(age))
    return rear_litter(young, rearing, interventions, progress)


def untrackable(ages: Iterable[int], starts: Iterable[int], rearing: Rearing) -> Iterator[Problem]:
    """Yield why subjects cannot be visited at some ages in a rearing that they begin at the ages `starts`."""
    starts = sorted(set(starts))
    if len(starts) > 1:
        advice = "Rear those of each age by themselves."
        yield Problem("subjects", "subjects of one age", f"ages {starts}", advice)
    for start in starts[:1]:
        end = start + rearing.epochs
        ages, every = sorted(ages), rearing.evaluate_every
        outside = [age for age in ages if not start <= age <= end]
        unseen = [age for age in ages if (age - start) % every]
        if unseen:
            advice = "Evaluate more often, or measure at other ages."
            yield Problem("ages", f"ages at which subjects are evaluated, every {every} epochs", str(unseen), advice)
        if outside:
            yield Problem(
                "ages", f"ages within the rearing, {start} to {end}", str(outside), "Drop them, or rear longer."
            )
