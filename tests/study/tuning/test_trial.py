import math

import numpy as np
import pytest
import xarray as xr

from artneuro.labels import check_schema
from artneuro.rearing.rear import rear_litter
from artneuro.study.executors import attempt
from artneuro.study.store import Store
from artneuro.study.tasks import Bench
from artneuro.study.tuning.space import search_space
from artneuro.study.tuning.trial import Judge, RearTrial, read_trial
from artneuro.study.upbringing import Computing, Upbringing
from artneuro.subject import Subject

LENIENT = (math.inf,) * 9
LOSS = Judge("validation_loss", rising=False, best=False)


@pytest.fixture
def trial(declare, tmp_path):
    """A function that rears a trial: of the limits of its judge, changes of the cohort, and the learning rate."""

    def reared(limits=(), cohort=None, rate=0.1, judge=LOSS):
        space = search_space(declare(cohort, subjects=2))
        design = space.trial({"cohort.rearing.optimizer.sgd.lr": rate}).cohort
        environment = design.environment.load()
        newborn = Subject.naive(design.anatomy, environment, 0)
        (arm,) = design.arms.values()
        upbringing = Upbringing.of(newborn, design.rearing, arm.interventions, Computing())
        judge = Judge(judge.objective, judge.rising, judge.best, tuple(limits))
        task = RearTrial(7, "key", "control", upbringing, (50, 51), judge)
        store = Store(tmp_path / "run")
        store.folder.mkdir(exist_ok=True)
        told = []
        outcome = attempt(task, Bench(store, None, "cpu", 1), lambda *epochs: told.append(epochs))
        assert not outcome.error, outcome.trace
        return read_trial(store, "key"), told, upbringing, environment, outcome

    return reared


def test_its_history_is_that_of_rearing_with_the_stimuli_held_out_for_test_stimuli(trial):
    grown, told, upbringing, environment, _ = trial()
    check_schema(grown)
    assert grown.attrs["state"] == "complete"
    assert grown["seed"].values.tolist() == [50, 51]
    assert told == [(1, 3), (2, 3), (3, 3)]
    alone = [
        rear_litter([upbringing.naive(seed, "control", environment)], upbringing.rearing)[0].history
        for seed in (50, 51)
    ]
    for name, original in (("validation_loss", "test_loss"), ("validation_accuracy", "test_accuracy")):
        np.testing.assert_array_equal(grown[name], [history[original] for history in alone])
    np.testing.assert_array_equal(grown["train_loss"], [history["train_loss"] for history in alone])
    assert not {"test_loss", "test_accuracy", "wall_time"} & set(grown.variables)
    assert "held out" in grown["validation_loss"].attrs["long_name"]


def test_to_be_watched_epoch_by_epoch_changes_no_bit(trial):
    xr.testing.assert_identical(trial(LENIENT)[0], trial()[0])


def test_worse_than_the_limit_it_ends_at_that_epoch(trial):
    whole, *_ = trial()
    course = LOSS.course(whole["validation_loss"].values)
    assert course[0] > course[1] > course[2]  # so the limits below are passed when they are meant to be
    limits = (math.inf, course[1] * 0.99, 0.0)
    grown, told, *_ = trial(limits)
    assert grown.attrs["state"] == "pruned"
    assert grown["epoch"].values.tolist() == [1, 2]
    assert told == [(1, 3), (2, 3)]
    np.testing.assert_array_equal(grown["validation_loss"], whole["validation_loss"][:, :2])
    assert trial((math.inf, course[1] * 1.01))[0].attrs["state"] == "complete"
    # after the last epoch there is nothing to cut short
    assert trial((math.inf, math.inf, 0.0))[0].attrs["state"] == "complete"


def test_what_is_to_rise_ends_below_the_limit(trial):
    accuracy = Judge("validation_accuracy", rising=True, best=False)
    assert trial((1.01,), judge=accuracy)[0].attrs["state"] == "pruned"
    assert trial((-0.01,), judge=accuracy)[0].attrs["state"] == "complete"


@pytest.mark.parametrize("limits", [(), LENIENT])
def test_where_a_loss_is_no_longer_finite_it_has_diverged(trial, limits):
    grown, *_ = trial(limits, rate=1e30)
    assert grown.attrs["state"] == "diverged"
    assert (grown["diverged"].values >= 0).any()


def test_what_its_subjects_cannot_learn_from_is_written_down(trial):
    # 150 stimuli less 30 held out: with batches of 17, the last one holds a single stimulus, which has no variance
    anatomy = {"mlp": {"widths": [8], "batch_norm": True}}
    grown, _, _, _, outcome = trial(cohort={"anatomy": anatomy, "rearing": {"epochs": 2, "batch": 17}})
    assert grown.attrs["state"] == "refused"
    assert "batch" in grown.attrs["reason"]
    assert outcome.remarks[0].startswith("trial 7 could not be reared: ")
    assert not grown.variables


def test_a_subject_that_stopped_early_counts_with_its_last_value():
    values = np.array([[0.5, 0.3, 0.6], [0.75, 0.4, np.nan]])
    assert LOSS.course(values) == [0.625, pytest.approx(0.35), 0.5]
    best = Judge("validation_loss", rising=False, best=True)
    assert best.course(values) == [0.625, pytest.approx(0.35), pytest.approx(0.35)]
    up = Judge("validation_accuracy", rising=True, best=True)
    assert up.course(values) == [0.625, 0.625, 0.625]


def test_a_course_ends_at_limits_alone():
    judge = Judge("validation_loss", False, False, (0.5, 0.4))
    assert [judge.ends(course) for course in ([], [0.6], [0.5], [0.6, 0.4], [0.4, 0.5], [0.1, 0.1, 0.9])] == [
        False,
        True,
        False,
        False,
        True,
        False,
    ]


def test_a_trial_that_is_not_there_is_none(tmp_path):
    assert read_trial(Store(tmp_path), "key") is None
