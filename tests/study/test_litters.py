from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artneuro.study.litters import Growth, cut
from artneuro.study.planned import PlannedBeginning

MANY = 10**6
REARING = SimpleNamespace(epochs=9)


def litters_of(everyone, workers, most, shared=()):
    return [growth.litter for growth in cut(everyone, shared, workers, most)]


def subjects(sizes):
    return [
        SimpleNamespace(id=f"{arm}-{seed}", seed=seed, upbringing=SimpleNamespace(key=arm, rearing=REARING))
        for arm, size in enumerate(sizes)
        for seed in range(size)
    ]


def largest(sizes, most=MANY):
    return dict.fromkeys(range(len(sizes)), most)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=6),
    st.integers(1, 20),
    st.integers(1, 12),
)
def test_every_subject_is_in_one_litter_of_its_own_upbringing_that_fits(sizes, workers, most):
    everyone = subjects(sizes)
    litters = litters_of(everyone, workers, largest(sizes, most))
    assert [subject.id for litter in litters for subject in litter] == [subject.id for subject in everyone]
    assert all(len({subject.upbringing.key for subject in litter}) == 1 for litter in litters)
    assert all(1 <= len(litter) <= most for litter in litters)


@pytest.mark.parametrize(
    ("arms", "workers", "litters"),
    [(1, 1, 1), (3, 1, 3), (1, 2, 2), (2, 2, 2), (3, 2, 6), (4, 2, 4), (2, 4, 4), (1, 16, 10)],
)
def test_litters_fill_the_workers_in_equal_rounds(arms, workers, litters):
    sizes = [10] * arms
    assert len(litters_of(subjects(sizes), workers, largest(sizes))) == litters


def test_pieces_are_of_about_one_size():
    assert [len(litter) for litter in litters_of(subjects([10]), 1, {0: 4})] == [3, 4, 3]


def test_nothing_to_rear_is_no_litter():
    assert cut([], (), 4, {}) == []


def beginning(until, members, before=0, branches=()):
    return PlannedBeginning(SimpleNamespace(key=f"b{until}"), until, before, members, branches)


def test_shared_beginnings_are_lived_once_and_then_branch():
    inner = beginning(5, (1, 2), before=2)
    tree = beginning(2, (0, 1, 2), branches=(inner,))
    first, second, loner = cut(subjects([4, 4, 4, 1]), [tree], 2, dict.fromkeys(range(4), 2))
    assert [planned.seed for planned in first.litter] == [0, 1]
    assert [planned.seed for planned in second.litter] == [2, 3]
    assert (first.before, first.until, first.epochs) == (None, tree, 2)
    branch, end = first.then
    assert (branch.before, branch.until, branch.epochs) == (tree, inner, 3)
    assert [planned.id for planned in end.litter] == ["0-0", "0-1"]
    assert [(leaf.litter[0].id, leaf.before, leaf.epochs) for leaf in branch.then] == [
        ("1-0", inner, 4),
        ("2-0", inner, 4),
    ]
    assert (loner.litter[0].id, loner.until, loner.then) == ("3-0", None, ())
    assert sum(growth.epochs * len(growth.litter) for growth in first.walk()) == 2 * (2 + 3 + 4 + 4 + 7)


def test_a_beginning_is_lived_by_those_who_still_need_it():
    tree = beginning(2, (0, 1))
    missing = [planned for planned in subjects([3, 3]) if planned.id in ("0-1", "1-1", "1-2")]  # of 1-0 nothing
    (growth,) = cut(missing, [tree], 1, dict.fromkeys(range(2), MANY))
    assert [planned.seed for planned in growth.litter] == [1, 2]
    assert [[planned.id for planned in leaf.litter] for leaf in growth.then] == [["0-1"], ["1-1", "1-2"]]
    assert cut([], [tree], 1, {}) == []


def test_one_alone_does_not_pause():
    inner = beginning(5, (0, 1), before=2)
    tree = beginning(2, (0, 1, 2), branches=(inner,))
    (growth,) = cut([planned for planned in subjects([2, 2, 2]) if planned.id[0] == "1"], [tree], 1, {1: MANY})
    assert (growth.before, growth.until, growth.then) == (inner, None, ())


def test_halves_hold_everyone_in_order_with_what_goes_on():
    litter = tuple(subjects([5]))
    growth = Growth(litter, None, beginning(2, (0,)), (Growth(litter, beginning(2, (0,))),))
    first, second = growth.halves()
    assert first.litter + second.litter == litter
    assert first.litter
    assert second.litter
    assert first.then[0].litter + second.then[0].litter == litter
