"""Twin studies in a study: planned with what they share, lived once, resumed in the middle, equal to by hand."""

import json

import pytest
import xarray as xr

import artneuro as an
from artneuro.cohort import Cohort
from artneuro.rearing.rear import rear_litter
from artneuro.study.events import Finished, Remark
from artneuro.study.execution import run_study
from artneuro.study.plan import plan_study
from artneuro.study.store import Store

REMOVALS = {"deficits": {"flip": {"VerticalFlip": {}}}, "removals": [0, 1, 3]}


@pytest.fixture
def study(small_study, small_cohort):
    def declare(**changes):
        arms = {"slow": {"rearing": {"epochs": 2, "batch": 256, "optimizer": {"sgd": {"lr": 0.01}}}}, "fast": []}
        return small_study(cohort=small_cohort(arms=arms), protocols=[{"DeprivationStudy": {**REMOVALS, **changes}}])

    return declare


@pytest.fixture
def record(study, tmp_path):
    return an.read(run_study(study(), tmp_path / "undisturbed") / "records" / "DeprivationStudy.nc")


def test_the_plan_tells_what_sharing_saves(study):
    plan = plan_study(study())
    assert plan.epochs() == (2 * 2 * (2 + 3 + 5 - 1), 2 * 2 * (2 + 3 + 5))
    assert len(plan.subjects) == 4
    assert len(plan.animals) == 12  # the baseline and the removal at birth are the subject itself
    assert [(beginning.until, len(beginning.members)) for beginning in plan.beginnings] == [(1, 2), (1, 2)]
    assert "flip until 3" in json.dumps(plan.plain()["twins"])


def test_the_record_is_that_of_the_same_study_by_hand(study, record):
    declared = study()
    arms, cohort = declared.arms, declared.cohort
    by_hand = declared.protocols[0].protocol.run(
        Cohort.of(anatomy=cohort.anatomy, environment=cohort.environment.load(), rearing=cohort.rearing, arms=arms, n=2)
    )
    xr.testing.assert_identical(by_hand.assign_attrs(excluded="", key=record.attrs["key"]), record)


def test_twins_are_what_they_would_be_if_reared_alone(study, tmp_path):
    plan = plan_study(study())
    folder = run_study(study(), tmp_path)
    for planned in plan.twins:
        environment = plan.environments[planned.upbringing.environment]
        naive = planned.upbringing.naive(planned.seed, planned.arm, environment)
        alone = rear_litter([naive], planned.upbringing.rearing, planned.upbringing.interventions)[0]
        saved = Store(folder).find_subject(planned.key, environment)
        assert saved.fingerprint == alone.fingerprint
        assert saved.history.drop_vars("wall_time").identical(alone.history.drop_vars("wall_time"))
    assert not (folder / "beginnings").exists()


def test_killed_half_way_it_goes_on_within_the_shared_beginning(study, record, tmp_path, tasks_done):
    class KilledError(BaseException):
        pass

    def kill_after_a_beginning(event):
        if isinstance(event, Finished) and "up to epoch" in event.task:
            raise KilledError

    folder = tmp_path / "killed"
    with pytest.raises(KilledError):
        run_study(study(), folder, listen=kill_after_a_beginning)
    paused = {path: path.stat().st_mtime_ns for path in (folder / "beginnings").iterdir()}
    assert len(paused) == 2
    heard = []

    def check(event):
        heard.append(event)
        for path, written in paused.items():
            assert not path.exists() or path.stat().st_mtime_ns == written  # never lived again

    run_study(study(), folder, listen=check)
    assert not [event for event in heard if isinstance(event, Remark)]
    xr.testing.assert_identical(an.read(folder / "records" / "DeprivationStudy.nc"), record)


def test_killed_within_a_shared_beginning_it_goes_on_from_the_last_stretch(study, tmp_path, monkeypatch):
    """Stretches of one epoch, killed after two of the three that two deprivations share: none is lived again."""
    monkeypatch.setattr("artneuro.study.plan.STRETCH", 1)
    declared = study(removals=[3, 5], clean=1)

    class KilledError(BaseException):
        pass

    def kill_in_the_second_stretch(event):
        if isinstance(event, Finished) and "up to epoch 2" in event.task:
            raise KilledError

    def check(event):
        for path, written in lived.items():
            assert not path.exists() or path.stat().st_mtime_ns == written, "lived again"

    with pytest.raises(KilledError):
        run_study(declared, tmp_path / "killed", listen=kill_in_the_second_stretch)
    lived = {path: path.stat().st_mtime_ns for path in (tmp_path / "killed" / "beginnings").iterdir()}
    assert len(lived) >= 2 * 2, "two stretches of two subjects"
    run_study(declared, tmp_path / "killed", listen=check)
    run_study(declared, tmp_path / "whole")
    monkeypatch.undo()
    run_study(declared, tmp_path / "at once")
    killed, whole, at_once = (
        an.read(tmp_path / run / "records" / "DeprivationStudy.nc") for run in ("killed", "whole", "at once")
    )
    xr.testing.assert_identical(killed, whole)
    xr.testing.assert_identical(at_once, whole)


def test_a_damaged_beginning_costs_time_and_nothing_else(study, record, tmp_path):
    heard = []

    def damage_beginnings(event):
        heard.append(event)
        if isinstance(event, Finished) and "up to epoch" in event.task:
            for path in (folder / "beginnings").iterdir():
                path.write_bytes(path.read_bytes()[:50])

    folder = tmp_path / "damaged"
    run_study(study(), folder, listen=damage_beginnings)
    remarks = [event.text for event in heard if isinstance(event, Remark)]
    assert remarks
    assert all("beginnings" in remark and "reared from birth" in remark for remark in remarks)
    xr.testing.assert_identical(an.read(folder / "records" / "DeprivationStudy.nc"), record)


def test_a_removal_more_rears_that_twin_alone(study, tmp_path, tasks_done):
    run_study(study(), tmp_path)
    before = len(tasks_done(tmp_path))
    run_study(study(removals=[0, 1, 2, 3]), tmp_path)
    new = tasks_done(tmp_path)[before:]
    assert [task for task in new if task.startswith("rear")] == [
        f"rear {arm}-0 (flip until 2) to {arm}-1 (flip until 2) (2 subjects)" for arm in ("slow", "fast")
    ]


def test_two_workers_give_the_same_record(study, record, tmp_path):
    folder = run_study(study(), tmp_path / "two", workers=2)
    xr.testing.assert_identical(an.read(folder / "records" / "DeprivationStudy.nc"), record)


def test_a_deficit_that_cannot_be_is_refused_before_anything_is_written(study, tmp_path):
    with pytest.raises(an.ArtneuroError, match=r"protocols\[0\]\.DeprivationStudy\.deficits\.blur\.Blur\.size"):
        run_study(study(deficits={"blur": {"Blur": {"size": 64}}}), tmp_path / "never")
    assert not (tmp_path / "never").exists()
