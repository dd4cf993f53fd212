"""Shared beginnings: subjects that are treated alike up to an epoch are reared once up to there.

A deprivation of 20 and one of 40 epochs are the same for 20 epochs. Courses are therefore arranged as a tree: each
beginning is lived once, and its branches go on from where it paused. That changes no result, since one that pauses
goes on bit for bit as if it had not (`artneuro.rearing.juvenile`), and since what an intervention does never depends on
when it will end (`artneuro.rearing.intervention`).
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, final

import attrs

from artneuro.rearing.intervention import Intervention
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.rear import rear_litter, rear_up_to
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.schedule import Constant
from artneuro.rearing.timing import Window
from artneuro.subject import Subject


@final
@attrs.frozen
class Course:
    """How a subject grows up.

    Parameters
    ----------
    rearing : Rearing
        As declared.
    interventions : tuple of Intervention
        What is done to it meanwhile.
    """

    rearing: Rearing
    interventions: tuple[Intervention, ...] = ()

    def lasting(self) -> Rearing:
        """Return what of the rearing holds in every epoch."""
        return self.rearing.but(epochs=0, keep=(), schedule=Constant())

    def regime(self, epoch: int) -> tuple[float, tuple[tuple[int, Intervention], ...]]:
        """Return what is particular to an epoch: the factor on the learning rate, and what acts, with its place."""
        acting = tuple(
            (place, self._open[place]) for place, each in enumerate(self.interventions) if each.window.holds(epoch)
        )
        return self.rearing.schedule.factor(epoch, self.rearing.epochs), acting

    @cached_property
    def _open(self) -> tuple[Intervention, ...]:
        """The interventions as they are while they act: when they began, and not when they will end."""
        return tuple(each.but(window=Window(onset=each.window.onset)) for each in self.interventions)


@final
@attrs.frozen
class Beginning:
    """A stretch of life that several courses share.

    Parameters
    ----------
    course : Course
        What is lived: one of those that share it, with all ages that any of them keeps before they part.
    until : int
        Epochs of the rearing after which they part.
    members : tuple of int
        Places of the courses that share it, ascending.
    branches : tuple of Beginning
        Longer beginnings that some of the members share.
    """

    course: Course
    until: int
    members: tuple[int, ...]
    branches: tuple["Beginning", ...]

    def alone(self) -> tuple[int, ...]:
        """Return the members that go on alone from here, or are at their end."""
        shared = {member for branch in self.branches for member in branch.members}
        return tuple(member for member in self.members if member not in shared)


def beginnings(courses: Sequence[Course]) -> tuple[Beginning, ...]:
    """Return what courses of naive subjects of one anatomy and environment share, as trees.

    A course that shares nothing is in none of them.

    Examples
    --------
    >>> import artneuro as an
    >>> courses = [
    ...     Course(an.Rearing(epochs=9), (an.Dropout(rate=0.5, window=an.Window(offset=end)),)) for end in (0, 2, 4)]
    >>> [(tree.until, tree.members, tree.branches) for tree in beginnings(courses)]
    [(2, (1, 2), ())]
    """
    groups = _split(range(len(courses)), [course.lasting() for course in courses])
    return tuple(tree for group in groups for tree in _trees(courses, group, 0))


def _split(members: Sequence[int], traits: Sequence[Any]) -> list[list[int]]:
    """Return the members in groups of equal traits, each with two or more."""
    groups: list[tuple[Any, list[int]]] = []
    for member, trait in zip(members, traits, strict=True):
        for known, group in groups:
            if known == trait:
                group.append(member)
                break
        else:
            groups.append((trait, [member]))
    return [group for _, group in groups if len(group) > 1]


def _trees(courses: Sequence[Course], members: Sequence[int], lived: int) -> Iterator[Beginning]:
    """Yield the beginnings, longer than `lived`, of courses that are alike up to there."""
    going_on = [member for member in members if courses[member].rearing.epochs > lived]
    for group in _split(going_on, [courses[member].regime(lived) for member in going_on]):
        until = _parting(courses, group, lived)
        longest = max(group, key=lambda member: courses[member].rearing.epochs)
        keep = {age for member in group for age in courses[member].rearing.keep if age <= until}
        rearing = courses[longest].rearing.but(keep=tuple(sorted(keep)))
        course = attrs.evolve(courses[longest], rearing=rearing)
        yield Beginning(course, until, tuple(group), tuple(_trees(courses, group, until)))


def _parting(courses: Sequence[Course], group: Sequence[int], lived: int) -> int:
    """Return the first epoch in which not all of a group live alike."""
    end = min(courses[member].rearing.epochs for member in group)
    for epoch in range(lived + 1, end):
        first, *others = (courses[member].regime(epoch) for member in group)
        if any(other != first for other in others):
            return epoch
    return end


def rear_courses(subjects: Sequence[Subject], courses: Sequence[Course]) -> list[list[Subject]]:
    """Rear naive subjects on every course: for each course, the adults in the order of the subjects.

    Every stretch of life that courses share is lived once; results are those of rearing each on its own.
    """
    adults: dict[int, list[Subject]] = {}

    def live(tree: Beginning, young: Sequence[Subject | Juvenile]) -> None:
        paused = rear_up_to(tree.until, young, tree.course.rearing, tree.course.interventions)
        for member in tree.alone():
            adults[member] = rear_litter(paused, courses[member].rearing, courses[member].interventions)
        for branch in tree.branches:
            live(branch, paused)

    trees = beginnings(courses)
    for tree in trees:
        live(tree, subjects)
    for place, course in enumerate(courses):
        if place not in adults:
            adults[place] = rear_litter(subjects, course.rearing, course.interventions)
    return [adults[place] for place in range(len(courses))]
