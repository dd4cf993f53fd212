import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artneuro.environment.sampling import apportion, draw, split
from artneuro.seeds import Stream

NAMES = ["a", "b", "c"]
TARGETS = np.array([0] * 30 + [1] * 20 + [2] * 10)


@given(st.lists(st.integers(1, 500), min_size=1, max_size=20), st.data())
def test_shares_add_up_and_are_within_one_of_proportion(counts, data):
    total = data.draw(st.integers(0, sum(counts)))
    quotas = apportion(counts, total)
    assert sum(quotas) == total
    exact = [count * total / sum(counts) for count in counts]
    assert all(abs(quota - share) < 1 for quota, share in zip(quotas, exact, strict=True))
    assert all(quota <= count for quota, count in zip(quotas, counts, strict=True))


@pytest.mark.parametrize(
    ("counts", "total", "quotas"),
    [([5, 3, 2], 4, [2, 1, 1]), ([2, 3, 5], 4, [1, 1, 2]), ([1, 1, 1], 4, [2, 1, 1]), ([9, 1], 5, [5, 0])],
)
def test_what_is_left_over_goes_to_the_largest_remainders_and_then_to_the_first(counts, total, quotas):
    assert apportion(counts, total) == quotas


def test_draw_takes_the_quota_of_each_class_in_order():
    chosen = draw(TARGETS, [5, 0, 10], NAMES, Stream(0))
    assert np.bincount(TARGETS[chosen], minlength=3).tolist() == [5, 0, 10]
    assert (np.diff(chosen) > 0).all()


def test_a_smaller_subset_is_part_of_a_larger_one():
    small, large = (set(draw(TARGETS, [n, n, n], NAMES, Stream(1))) for n in (3, 8))
    assert small < large


def test_a_class_does_not_depend_on_the_others():
    alone = draw(np.where(TARGETS == 1, 0, -1), [7], ["b"], Stream(2))
    among = draw(TARGETS, [3, 7, 2], NAMES, Stream(2))
    assert set(alone) == set(among[TARGETS[among] == 1])


def test_another_seed_is_another_choice():
    assert draw(TARGETS, [9, 9, 9], NAMES, Stream(0)).tolist() != draw(TARGETS, [9, 9, 9], NAMES, Stream(1)).tolist()


def test_every_stimulus_is_as_likely():
    taken = np.zeros(20)
    for seed in range(400):
        taken[draw(np.zeros(20, dtype=np.int64), [5], ["a"], Stream(seed))] += 1
    # 100 of 400 expected; the binomial deviation is 8.7, and 4.5 of them is 39
    assert np.abs(taken - 100).max() < 39


@pytest.mark.parametrize("held_out", [1, 12, 59])
def test_split_is_complete_disjoint_and_stratified(held_out):
    train, test = split(TARGETS, held_out, NAMES, Stream(0))
    assert sorted([*train, *test]) == list(range(60))
    assert len(test) == held_out
    assert np.bincount(TARGETS[test], minlength=3).tolist() == apportion([30, 20, 10], held_out)
