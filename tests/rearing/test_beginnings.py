"""What courses share is lived once, and changes no result."""

import attrs
import pytest
import torch

from artneuro.rearing import (
    Constant,
    Cosine,
    Dropout,
    EarlyStop,
    Exponential,
    LabelCorruption,
    Rearing,
    Window,
)
from artneuro.rearing import beginnings as module
from artneuro.rearing.beginnings import Course, beginnings, rear_courses
from artneuro.rearing.rear import rear_litter

REARING = Rearing(epochs=6, batch=16, schedule=Exponential(gamma=0.5))


def deprived(onset, offset, epochs=6, **changes):
    dose = Dropout(rate=0.5, window=Window(onset=onset, offset=offset))
    return Course(attrs.evolve(REARING, epochs=epochs, **changes), (dose,))


def shape(trees):
    return [(tree.until, tree.members, shape(tree.branches)) for tree in trees]


def test_removals_share_what_lies_before_them():
    courses = [Course(REARING), *(deprived(0, end, epochs=6 + end) for end in (1, 3, 5))]
    assert shape(beginnings(courses)) == [(1, (1, 2, 3), [(3, (2, 3), [])])]


def test_onsets_share_the_clean_beginning():
    courses = [Course(REARING), deprived(2, 4), deprived(3, 5), deprived(5, 6)]
    assert shape(beginnings(courses)) == [(2, (0, 1, 2, 3), [(3, (0, 2, 3), [(5, (0, 3), [])])])]


def test_the_same_course_twice_is_lived_once():
    tree = beginnings([Course(REARING), Course(REARING)])[0]
    assert (tree.until, tree.alone(), tree.branches) == (6, (0, 1), ())


def test_a_shorter_rearing_ends_within_a_longer():
    assert shape(beginnings([Course(REARING), Course(attrs.evolve(REARING, epochs=9))])) == [(6, (0, 1), [])]


@pytest.mark.parametrize(
    "other",
    [
        Course(attrs.evolve(REARING, batch=8)),
        Course(attrs.evolve(REARING, schedule=Constant())),  # the same factor in the first epoch alone
        deprived(0, None),
        Course(REARING, (LabelCorruption(fraction=0.5), Dropout(rate=0.5, window=Window(onset=3)))),
    ],
)
def test_courses_that_differ_from_the_beginning_share_nothing(other):
    shared = [tree.until for tree in beginnings([Course(REARING), other])]
    assert shared == ([1] if other.rearing.schedule == Constant() else [])


def test_schedules_that_know_their_end_part_at_once():
    cosines = [Course(attrs.evolve(REARING, schedule=Cosine(), epochs=epochs)) for epochs in (4, 8)]
    assert [tree.until for tree in beginnings(cosines)] == [1]


def test_place_is_part_of_what_acts():
    late = Dropout(rate=0.5, window=Window(onset=1))
    first, second = Course(REARING, (late,)), Course(REARING, (EarlyStop(patience=9, window=Window(onset=1)), late))
    assert [tree.until for tree in beginnings([first, second])] == [1]


def test_ages_that_any_keeps_are_kept():
    courses = [deprived(0, 4, keep=(1, 5)), deprived(0, None, keep=(0, 2))]
    assert beginnings(courses)[0].course.rearing.keep == (0, 1, 2)


@pytest.mark.parametrize("anatomy", [("mlp", {"widths": (8,)}), ("tran_cnn", {"channels": (4,), "widths": (8,)})])
def test_results_are_those_of_rearing_each_alone(naive, anatomy, monkeypatch):
    name, parameters = anatomy
    newborn = naive(name, seeds=(0, 1), **parameters)
    courses = [
        Course(attrs.evolve(REARING, keep=(1, 2))),
        deprived(0, 1, epochs=7),
        deprived(0, 3, epochs=9, keep=(0, 2)),
        deprived(2, 4),
        Course(attrs.evolve(REARING, batch=8)),
    ]
    lived = []

    def counted(rearing_function, epochs_of):
        def call(*arguments):
            lived.append(epochs_of(*arguments))
            return rearing_function(*arguments)

        return call

    began = lambda young: getattr(young[0], "lived", 0)  # noqa: E731
    ends = counted(module.rear_litter, lambda young, rearing, _: rearing.epochs - began(young))
    pauses = counted(module.rear_up_to, lambda until, young, *_: until - began(young))
    monkeypatch.setattr(module, "rear_litter", ends)
    monkeypatch.setattr(module, "rear_up_to", pauses)
    together = rear_courses(newborn, courses)
    assert sum(course.rearing.epochs for course in courses) == 34
    assert sum(lived) == 34 - 2 - 1  # two clean epochs and one with noise are shared by two courses each
    for course, adults in zip(courses, together, strict=True):
        for one, other in zip(adults, rear_litter(newborn, course.rearing, course.interventions), strict=True):
            assert one.fingerprint == other.fingerprint
            assert sorted(one.ages) == sorted(other.ages)
            for age, weights in one.ages.items():
                assert all(torch.equal(tensor, other.ages[age][name]) for name, tensor in weights.items())
            assert one.history.drop_vars("wall_time").identical(other.history.drop_vars("wall_time"))
