import attrs
import pytest

from artneuro.study import memory
from artneuro.study.plan import plan_study


@pytest.fixture
def plan(small_study, small_cohort):
    return plan_study(small_study(cohort=small_cohort(n=20, arms={"only": []}), protocols=[]))


def first(plan):
    upbringing = plan.subjects[0].upbringing
    return upbringing, plan.environments[upbringing.environment]


def test_weights_are_counted_to_the_byte(plan):
    assert memory.weight_bytes(*first(plan)) == 4 * (64 * 8 + 8 + 8 * 10 + 10)


def test_stimuli_are_counted_to_the_byte(plan):
    _, digits = first(plan)
    assert memory.environment_bytes(digits) == 1797 * (64 * 4 + 8)


def test_a_larger_batch_takes_more_activity(plan):
    upbringing, digits = first(plan)
    double, all_, more = (
        attrs.evolve(upbringing, rearing=attrs.evolve(upbringing.rearing, batch=batch)) for batch in (512, 1297, 9999)
    )
    assert memory.subject_bytes(all_, digits, False) == memory.subject_bytes(more, digits, False)
    units = 64 + 8 + 8 + 10  # flattened pixels, hidden layer before and after its ReLU, logits
    gained = memory.subject_bytes(double, digits, False) - memory.subject_bytes(upbringing, digits, False)
    assert gained == 256 * 4 * units * memory.PASSES


def test_litters_shrink_with_the_memory_of_the_machine(plan, monkeypatch):
    upbringing, digits = first(plan)
    each = memory.subject_bytes(upbringing, digits, False)
    fixed = memory.PROCESS + memory.environment_bytes(digits)
    monkeypatch.setattr(memory, "machine_bytes", lambda device: 2 * (fixed + 7.5 * each) / memory.SHARE)
    assert memory.largest_litters(plan, workers=2) == {upbringing.key: 7}
    monkeypatch.setattr(memory, "machine_bytes", lambda device: 0)
    assert memory.largest_litters(plan, workers=2) == {upbringing.key: 1}


def test_stacked_litters_are_no_larger_than_what_gains_by_them(plan, monkeypatch):
    monkeypatch.setattr(memory, "STACKED", 7)
    upbringing, _ = first(plan)
    assert memory.largest_litters(plan, workers=1) == {upbringing.key: 7}


def test_litters_are_no_larger_than_what_gains_by_them(plan, monkeypatch):
    monkeypatch.setattr(memory.torch, "get_num_threads", lambda: 8)
    upbringing, _ = first(plan)
    assert memory.largest_litters(plan, workers=1) == {upbringing.key: 20}
    grown = attrs.evolve(upbringing, way="plain", rearing=attrs.evolve(upbringing.rearing, threads=2))
    side_by_side = attrs.evolve(plan, subjects=tuple(attrs.evolve(each, upbringing=grown) for each in plan.subjects))
    assert memory.largest_litters(side_by_side, workers=1) == {upbringing.key: 4}
    assert memory.largest_litters(side_by_side, workers=8) == {upbringing.key: 1}
