import attrs
import numpy as np

import artneuro as an
from artneuro import records
from artneuro.cohort import Cohort
from artneuro.errors import DesignError
from artneuro.protocols import Protocol
from artneuro.study.executors import computing
from artneuro.study.joining import history, join
from artneuro.study.litters import Growth
from artneuro.study.plan import plan_study
from artneuro.study.store import Store
from artneuro.study.tasks import Bench, MeasurePart, RearLitter


def ignore(*told):
    return None


def done(plan, folder, without=()):
    """Do every task of a plan but those of some subjects; return the bench."""
    bench = Bench(Store(folder), None, "cpu", 1, dict(plan.environments))
    bench.store.write_json("plan.json", plan.plain())
    with computing(1):
        for planned in plan.animals.values():
            if planned.id not in without:
                RearLitter(Growth((planned,))).do(bench, ignore)
        for part in plan.parts:
            if part.subject.id not in without:
                MeasurePart(part).do(bench, ignore)
    return bench


def test_a_record_is_the_one_that_a_cohort_gives_by_hand(small_study, tmp_path):
    study = small_study()
    bench = done(plan_study(study), tmp_path)
    join(plan_study(study), bench, ignore)
    cohort = study.cohort
    by_hand = Cohort.of(
        anatomy=cohort.anatomy,
        environment=cohort.environment.load(),
        rearing=cohort.rearing,
        arms=study.arms,
        n=cohort.n,
    )
    with computing(1):
        record = study.protocols[0].protocol.run(by_hand.rear())
    joined = bench.store.records()["Census"]
    assert joined.identical(record.assign_attrs(key=joined.attrs["key"]))


def test_weights_need_not_be_in_memory_to_join_what_was_measured_on_them(small_study, tmp_path, monkeypatch):
    plan = plan_study(small_study())
    bench = done(plan, tmp_path)

    def unread(path, device):
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("artneuro.weights.read_weights", unread)
    assert not join(plan, bench, ignore)
    assert bench.store.records()["Census"].sizes["subject"] == 4


def test_histories_are_joined_without_wall_time(small_study, tmp_path):
    plan = plan_study(small_study())
    join(plan, done(plan, tmp_path), ignore)
    history = records.read(tmp_path / "records" / "History.nc")
    assert dict(history.sizes) == {"subject": 4, "epoch": 2}
    assert "wall_time" not in history
    late = history.train_loss.sel(epoch=2)
    assert np.isnan(late.sel(subject="slow-0"))  # reared for one epoch
    assert np.isfinite(late.sel(subject="fast-0"))
    assert history.train_loss.attrs["units"] == "nat"


def test_arms_that_share_subjects_have_them_under_both_names(small_study, small_cohort, tmp_path):
    plan = plan_study(small_study(cohort=small_cohort(arms={"a": [], "b": []})))
    join(plan, done(plan, tmp_path), ignore)
    record = records.read(tmp_path / "records" / "Census.nc")
    assert record.subject.values.tolist() == ["a-0", "a-1", "b-0", "b-1"]
    assert record.arm.values.tolist() == ["a", "a", "b", "b"]
    assert np.array_equal(record.accuracy[:2], record.accuracy[2:])


def test_ages_lie_along_epoch(small_study, small_cohort, tmp_path):
    cohort = small_cohort(rearing={"epochs": 2, "batch": 256, "keep": [0]}, arms={"only": []})
    plan = plan_study(
        small_study(cohort=cohort, protocols=[{"Census": {}, "ages": [0, 2]}, {"Census": {}, "as": "end"}])
    )
    join(plan, done(plan, tmp_path), ignore)
    both = Store(tmp_path).records()
    assert both["Census"].accuracy.dims == ("subject", "epoch")
    assert both["Census"].class_accuracy.dims == ("subject", "epoch", "class")
    assert both["Census"].epoch.values.tolist() == [0, 2]
    assert np.array_equal(both["Census"].accuracy.sel(epoch=2), both["end"].accuracy)


def stopped(bench, planned, **changes):
    """Save a subject again with a changed end."""
    subject = bench.subject(planned)
    assert subject is not None
    attrs.evolve(subject, **changes).save(bench.store.subject(planned.key), planned.key)


def test_a_subject_that_diverged_is_left_out_and_named(small_study, tmp_path):
    plan = plan_study(small_study())
    bench = done(plan, tmp_path)
    stopped(bench, plan.subjects[2], diverged=1)
    join(plan, bench, ignore)
    record = records.read(tmp_path / "records" / "Census.nc")
    assert record.attrs["excluded"] == "fast-0 (epoch 1)"
    assert record.subject.values.tolist() == ["slow-0", "slow-1", "fast-1"]
    history = records.read(tmp_path / "records" / "History.nc")
    assert history.diverged.values.tolist() == [-1, -1, 1, -1]


def test_a_subject_that_stopped_early_has_no_number_at_later_ages(small_study, small_cohort, tmp_path):
    cohort = small_cohort(rearing={"epochs": 2, "batch": 256, "keep": [0]}, arms={"only": []})
    plan = plan_study(small_study(cohort=cohort, protocols=[{"Census": {}, "ages": [0, 2]}]))
    bench = done(plan, tmp_path)
    subject = bench.subject(plan.subjects[1])
    assert subject is not None
    stopped(bench, plan.subjects[1], ages={0: subject.ages[0]})
    join(plan, bench, ignore)
    record = records.read(tmp_path / "records" / "Census.nc")
    assert np.isfinite(record.accuracy.values).tolist() == [[True, True], [True, False]]
    assert record.attrs["excluded"] == "only-1 (not at 2: its rearing ended at 0)"


def test_what_was_not_done_is_left_out_and_named(small_study, tmp_path):
    plan = plan_study(small_study())
    bench = done(plan, tmp_path, without=("slow-1",))
    bench.store.part(plan.parts[3].key).unlink()
    join(plan, bench, ignore)
    record = records.read(tmp_path / "records" / "Census.nc")
    assert record.attrs["excluded"] == "slow-1 (not reared), fast-1 (not measured)"
    assert record.subject.values.tolist() == ["slow-0", "fast-0"]


def test_a_record_of_nobody_is_removed(small_study, tmp_path):
    plan = plan_study(small_study())
    join(plan, done(plan, tmp_path), ignore)
    bench = Bench(Store(tmp_path), None, "cpu", 1, dict(plan.environments))
    for part in plan.parts:
        bench.store.part(part.key).unlink()
    join(plan, bench, ignore)
    assert list(bench.store.records()) == ["History"]


def test_a_record_that_cannot_be_made_leaves_the_others(small_study, tmp_path, monkeypatch):
    plan = plan_study(small_study(protocols=[{"Census": {}, "as": "first"}, {"Census": {"noise": 1.0}}]))
    bench = done(plan, tmp_path)
    collect = Protocol.collect

    def picky(self, parts, subjects):
        if not self.noise:
            raise DesignError("subjects that were not asked the same")
        return collect(self, parts, subjects)

    monkeypatch.setattr(Protocol, "collect", picky)
    assert join(plan, bench, ignore) == {"record first": "subjects that were not asked the same"}
    assert sorted(path.name for path in (tmp_path / "records").iterdir()) == ["Census.nc", "History.nc"]


def test_the_history_of_a_study_has_what_all_subjects_have():
    digits = an.environment("digits", train_size=60, test_size=20)
    turnover = an.Turnover(site="hidden1", count=2, every=2)
    cohort = an.Cohort.of(
        anatomy=an.anatomy("mlp", widths=(8,)),
        environment=digits,
        rearing=an.Rearing(epochs=1, batch=20),
        arms={"control": (), "turnover": (turnover,)},
        n=1,
    ).rear()
    assert [subject.history.sizes.get("event") for subject in cohort] == [None, 2]
    assert dict(history(list(cohort)).sizes) == {"subject": 2, "epoch": 1}
