from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artneuro.study.litters import cut, halves

MANY = 10**6


def subjects(sizes):
    return [
        SimpleNamespace(id=f"{arm}-{seed}", upbringing=SimpleNamespace(key=arm))
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
    litters = cut(everyone, workers, largest(sizes, most))
    assert [subject.id for litter in litters for subject in litter] == [subject.id for subject in everyone]
    assert all(len({subject.upbringing.key for subject in litter}) == 1 for litter in litters)
    assert all(1 <= len(litter) <= most for litter in litters)


@pytest.mark.parametrize(
    ("arms", "workers", "litters"),
    [(1, 1, 1), (3, 1, 3), (1, 2, 2), (2, 2, 2), (3, 2, 6), (4, 2, 4), (2, 4, 4), (1, 16, 10)],
)
def test_litters_fill_the_workers_in_equal_rounds(arms, workers, litters):
    sizes = [10] * arms
    assert len(cut(subjects(sizes), workers, largest(sizes))) == litters


def test_pieces_are_of_about_one_size():
    assert [len(litter) for litter in cut(subjects([10]), 1, {0: 4})] == [3, 4, 3]


def test_nothing_to_rear_is_no_litter():
    assert cut([], 4, {}) == []


def test_halves_hold_everyone_in_order():
    litter = tuple(subjects([5]))
    first, second = halves(litter)
    assert first + second == litter
    assert first
    assert second
