import os

import attrs
import pytest

from artneuro.errors import DataError, RecordError
from artneuro.study import tasks
from artneuro.study.litters import Growth
from artneuro.study.plan import plan_study
from artneuro.study.store import Store
from artneuro.study.tasks import Bench, MeasurePart, RearLitter


@pytest.fixture
def plan(small_study):
    return plan_study(small_study())


@pytest.fixture
def bench(plan, tmp_path):
    return Bench(Store(tmp_path), None, "cpu", 1, dict(plan.environments))


def ignore(epoch, epochs):
    return None


def test_a_litter_leaves_whole_subjects(plan, bench):
    litter = RearLitter(Growth(plan.subjects[:2]))
    told = []
    assert litter.name == "rear slow-0 to slow-1 (2 subjects)"
    assert litter.do(bench, lambda *epochs: told.append(epochs)) == ()
    assert told[-1] == (1, 1)
    for planned in litter.growth.litter:
        subject = bench.subject(planned)
        assert subject is not None
        assert (subject.id, subject.age) == (planned.id, 1)


@pytest.mark.parametrize(("worth", "per_subject", "per_part"), [(0.0, 6, 2), (60.0, 0, 0)])
def test_only_what_took_long_waits_for_the_disk(plan, bench, monkeypatch, worth, per_subject, per_part):
    """A file and its folder are flushed; a subject has three files, a part one."""
    flushed = []
    monkeypatch.setattr(tasks, "WORTH_FLUSHING", worth)
    monkeypatch.setattr(os, "fsync", flushed.append)
    RearLitter(Growth(plan.subjects[:2])).do(bench, ignore)
    assert len(flushed) == 2 * per_subject
    flushed.clear()
    MeasurePart(plan.parts[0]).do(bench, ignore)
    assert len(flushed) == per_part
    assert bench.part(plan.parts[0], [bench.reared(plan.subjects[0])]) is not None


def test_a_litter_that_took_long_waits_for_the_disk_however_many_it_is(plan, bench, monkeypatch):
    flushed = []
    monkeypatch.setattr(tasks, "WORTH_FLUSHING", 60.0)
    monkeypatch.setattr(tasks, "MOST_LOST", 0.0)
    monkeypatch.setattr(os, "fsync", flushed.append)
    RearLitter(Growth(plan.subjects[:2])).do(bench, ignore)
    assert len(flushed) == 2 * 6


def test_a_part_at_a_tracked_age_waits_for_the_disk_since_its_weights_go(small_study, tmp_path, monkeypatch):
    plan = plan_study(small_study(protocols=[{"Census": {"noise": 0.5}, "ages": {"every": 1}}]))
    bench = Bench(Store(tmp_path), None, "cpu", 1, dict(plan.environments))
    monkeypatch.setattr(tasks, "WORTH_FLUSHING", 60.0)
    RearLitter(Growth(plan.subjects[-1:])).do(bench, ignore)
    flushed, parts = [], plan.parts_of(plan.subjects[-1].key)
    monkeypatch.setattr(os, "fsync", flushed.append)
    assert {part.tracked for part in parts} == {True}
    MeasurePart(parts[0]).do(bench, ignore)
    assert len(flushed) == 2


def test_arms_are_of_one_kind_and_counted_by_their_epochs(plan):
    slow, fast = RearLitter(Growth(plan.subjects[:2])), RearLitter(Growth(plan.subjects[2:]))
    assert slow.kind == fast.kind
    assert (slow.count, fast.count) == (2 * 1, 2 * 2)
    assert (MeasurePart(plan.parts[0]).kind, MeasurePart(plan.parts[0]).count) == ("Census", 1)


def test_a_shared_subject_is_a_member_of_the_arm_that_asks(plan, bench):
    RearLitter(Growth(plan.subjects[:1])).do(bench, ignore)
    twin = bench.subject(attrs.evolve(plan.subjects[0], arm="other"))
    assert twin is not None
    assert twin.id == "other-0"


def test_what_a_damaged_subject_left_is_replaced(plan, bench):
    task = RearLitter(Growth(plan.subjects[:1]))
    (bench.store.subject(plan.subjects[0].key)).mkdir(parents=True)
    (bench.store.subject(plan.subjects[0].key) / "weights-9.safetensors").write_text("of another time")
    task.do(bench, ignore)
    names = {path.name for path in bench.store.subject(plan.subjects[0].key).iterdir()}
    assert names == {"subject.json", "history.nc", "weights-1.safetensors"}


def test_who_comes_late_leaves_a_sound_subject_as_it_is_and_replaces_a_damaged_one(plan, bench):
    task, folder = RearLitter(Growth(plan.subjects[:1])), bench.store.subject(plan.subjects[0].key)
    task.do(bench, ignore)
    history = (folder / "history.nc").read_bytes()
    task.do(bench, ignore)
    assert (folder / "history.nc").read_bytes() == history  # also the wall time in it
    (folder / "weights-1.safetensors").write_bytes(b"")
    task.do(bench, ignore)
    assert bench.subject(plan.subjects[0]) is not None


def test_a_part_is_what_the_protocol_measures(plan, bench):
    RearLitter(Growth(plan.subjects[:1])).do(bench, ignore)
    part = plan.parts[0]
    task = MeasurePart(part)
    assert task.name == "Census of slow-0"
    task.do(bench, ignore)
    subject = bench.subject(part.subject)
    assert subject is not None
    found = bench.store.find_part(part.key, subject.fingerprint)
    assert found is not None
    assert found.drop_attrs(deep=False).identical(part.protocol.measure(subject).drop_attrs(deep=False))


def test_a_part_of_a_subject_that_is_gone_is_refused(plan, bench):
    with pytest.raises(RecordError, match="the subject is gone"):
        MeasurePart(plan.parts[0]).do(bench, ignore)


def test_a_part_at_an_age_whose_weights_are_gone_is_refused(plan, bench):
    RearLitter(Growth(plan.subjects[:1])).do(bench, ignore)
    with pytest.raises(RecordError, match="weights-7.safetensors: the weights of that age are gone. Run again"):
        MeasurePart(attrs.evolve(plan.parts[0], age=7)).do(bench, ignore)


def test_stimuli_that_changed_under_the_plan_are_refused(plan, tmp_path):
    bench = Bench(Store(tmp_path), None, "cpu", 1)
    upbringing = attrs.evolve(plan.subjects[0].upbringing, environment="0123456789abcdef")
    with pytest.raises(DataError, match="the stimuli have changed since the plan was made"):
        bench.environment(upbringing)


def test_stimuli_are_loaded_once(plan, tmp_path):
    bench = Bench(Store(tmp_path), None, "cpu", 1)
    upbringing = plan.subjects[0].upbringing
    assert bench.environment(upbringing) is bench.environment(upbringing)
