from collections import Counter
from math import ceil

import pytest
import torch

from artneuro.study.forecast import START, excerpt, forecast
from artneuro.study.plan import plan_study
from artneuro.study.work import Survey


def test_an_excerpt_is_spread_over_all_stimuli(small_study):
    (digits,) = plan_study(small_study()).environments.values()
    few = excerpt(digits, 130)
    assert (len(few.train), len(few.test)) == (130, round(130 / 1297 * 500))
    assert few.train.index[0] == digits.train.index[0]
    assert few.train.index[-1] == digits.train.index[-1]
    assert torch.equal(few.train.images[64], digits.train.images[digits.train.index == few.train.index[64]][0])


@pytest.fixture
def counted(small_study, small_cohort):
    cohort = small_cohort(n=3, rearing={"epochs": 40, "batch": 128, "keep": [20]}, arms={"a": [], "b": []})
    return plan_study(
        small_study(cohort=cohort, protocols=[{"Census": {}}, {"Census": {}, "as": "young", "ages": [20]}])
    )


def test_work_is_counted_once_for_arms_that_share_it(counted):
    foreseen = forecast(counted)
    upbringing = counted.subjects[0].upbringing.key
    assert set(foreseen.each) == {upbringing, "Census", "young"}
    each = foreseen.each
    assert foreseen.seconds == pytest.approx(3 * (each[upbringing] + each["Census"] + each["young"]))
    weights = 4 * (64 * 8 + 8 + 8 * 10 + 10)
    assert foreseen.disk > 3 * 2 * weights


def test_what_is_left_is_foreseen_alone(counted):
    """One subject of three is still to be reared, and has one of its two parts still to be measured."""
    one = tuple(counted.animals.values())[:1]
    foreseen = forecast(counted, left=Survey(one, (), Counter({"young": 1}), Counter()))
    assert "Census" not in foreseen.each
    assert foreseen.seconds == pytest.approx(foreseen.each[one[0].upbringing.key] + foreseen.each["young"])
    assert foreseen.disk < forecast(counted).disk / 2
    nothing = forecast(counted, left=Survey((), (), Counter(), Counter()))
    assert (nothing.seconds, nothing.disk) == (0, 0)


def test_workers_share_the_time_and_add_to_the_memory(counted):
    alone, together = forecast(counted, 1, cores=3), forecast(counted, 3, cores=3)
    assert together.memory > 2 * alone.memory
    assert together.seconds == pytest.approx(sum(together.each.values()) * 3 / 3 + START)


def test_workers_gain_no_more_than_there_are_processors_or_litters(counted):
    """A litter is reared by one worker, and then measured: that is the least, however many others there are."""
    crowded = forecast(counted, 6, cores=2)
    assert crowded.seconds == pytest.approx(sum(crowded.each.values()) * 3 / 2 + 3 * START)
    assert crowded.notes[-1] == "6 workers share 2 processors; more than these gain nothing."
    many = forecast(counted, 100, cores=100)
    rearing = max(each for name, each in many.each.items() if name not in ("Census", "young"))
    part = max(many.each["Census"], many.each["young"])
    assert many.seconds == pytest.approx(rearing + part + START)


def test_a_protocol_that_refuses_the_newborn_is_told_as_not_foreseen(small_study, monkeypatch):
    import lab

    from artneuro.errors import DesignError

    def refuse(self, subject, rng):
        raise DesignError("nothing to measure at birth")

    plan = plan_study(small_study())
    monkeypatch.setattr(lab.Census, "_measure", refuse)
    foreseen = forecast(plan)
    assert "Census" not in foreseen.each
    assert "nothing to measure at birth" in foreseen.notes[-1]


def test_a_protocol_that_asks_for_more_than_an_excerpt_is_timed_on_all_stimuli(small_study, small_cohort):
    cohort = small_cohort(environment={"digits": {"train_size": 600, "test_size": 60}})
    few, many = ({"InformationStudy": {"count": count}, "as": f"of-{count}"} for count in (100, 500))
    foreseen = forecast(plan_study(small_study(cohort=cohort, protocols=[few, many])))
    assert {"of-100", "of-500"} <= set(foreseen.each)
    assert len(foreseen.notes) == 1


def test_nothing_to_rear_takes_no_time_to_rear(small_study, small_cohort):
    rearing = {"epochs": 0, "batch": 128}
    plan = plan_study(small_study(cohort=small_cohort(rearing=rearing, arms={"newborn": []})))
    assert forecast(plan).each[plan.subjects[0].upbringing.key] == 0


@pytest.mark.parametrize("each_epoch", [0.003, 2.0], ids=["short", "long"])
def test_an_epoch_is_foreseen_from_excerpts_of_it(small_study, small_cohort, monkeypatch, each_epoch):
    """On a clock that tells what an epoch and an update take, the forecast can be worked out by hand."""
    now = 0.0

    def reared(naive, rearing, interventions, progress):
        nonlocal now
        for epoch in range(1, rearing.epochs + 1):
            now += each_epoch + 0.001 * ceil(len(naive[0].environment.train) / rearing.batch)
            progress(epoch, rearing.epochs)

    monkeypatch.setattr("artneuro.study.forecast.rear_litter", reared)
    monkeypatch.setattr("artneuro.study.forecast.time.perf_counter", lambda: now)
    cohort = small_cohort(n=1, rearing={"epochs": 60, "batch": 32}, arms={"only": []})
    foreseen = forecast(plan_study(small_study(cohort=cohort, protocols=[]))).seconds
    updates = 1297 / 32
    if each_epoch < 1:
        assert foreseen == pytest.approx(60 * (each_epoch + 0.001 * updates))
    else:  # the first excerpt took long: the second is not waited for, and all is scaled up from the first
        assert foreseen == pytest.approx(60 * (each_epoch + 0.002) * updates / 2)


@pytest.mark.parametrize(("constant", "seconds"), [(9.0, 9.0), (11.0, 11.0 * 1297 / 256)], ids=["long", "too-long"])
def test_what_takes_long_whatever_the_stimuli_is_not_scaled_up(small_study, monkeypatch, constant, seconds):
    """Up to a limit: beyond it, a second excerpt is not waited for."""
    import lab

    now, measure = 0.0, lab.Census._measure

    def measured(self, subject, rng):
        nonlocal now
        now += constant
        return measure(self, subject, rng)

    monkeypatch.setattr(lab.Census, "_measure", measured)
    monkeypatch.setattr("artneuro.study.forecast.time.perf_counter", lambda: now)
    assert forecast(plan_study(small_study())).each["Census"] == pytest.approx(seconds)


def test_excerpts_grow_while_they_take_no_time(small_study, small_cohort, monkeypatch):
    """A hundredth of a second that the clock is wrong is not made six times as much, by a line through small ones."""
    now, sizes = 0.0, []

    def reared(naive, rearing, interventions, progress):
        nonlocal now
        sizes.append(len(naive[0].environment.train))
        for epoch in range(1, rearing.epochs + 1):
            now += 0.01 * (sizes[-1] == 192) + 0.001 * sizes[-1] / rearing.batch
            progress(epoch, rearing.epochs)

    monkeypatch.setattr("artneuro.study.forecast.rear_litter", reared)
    monkeypatch.setattr("artneuro.study.forecast.time.perf_counter", lambda: now)
    cohort = small_cohort(n=1, rearing={"epochs": 60, "batch": 32}, arms={"only": []})
    foreseen = forecast(plan_study(small_study(cohort=cohort, protocols=[]))).seconds
    assert sizes == [64, 64, 192, 768]  # one subject alone first
    assert foreseen == pytest.approx(60 * 0.001 * 1297 / 32)


def test_a_rearing_whose_first_updates_fail_is_told_as_not_foreseen(small_study, small_cohort):
    """A rate that single precision does not hold: the run itself will say what is wrong, and of whom."""
    beyond = small_cohort(rearing={"epochs": 2, "batch": 64, "optimizer": {"sgd": {"lr": 1e308}}})
    foreseen = forecast(plan_study(small_study(cohort=beyond)))
    assert any("rearing not foreseen, since its first updates fail" in note for note in foreseen.notes)
    assert foreseen.disk > 0


def test_of_subjects_that_take_long_one_is_reared(small_study, small_cohort, monkeypatch):
    litters, now = [], 0.0

    def reared(naive, rearing, interventions, progress):
        nonlocal now
        litters.append(len(naive))
        now += 100.0
        progress(1, rearing.epochs)

    monkeypatch.setattr("artneuro.study.forecast.rear_litter", reared)
    monkeypatch.setattr("artneuro.study.forecast.time.perf_counter", lambda: now)
    cohort = small_cohort(n=3, rearing={"epochs": 2, "batch": 32}, arms={"only": []})
    foreseen = forecast(plan_study(small_study(cohort=cohort, protocols=[]))).seconds
    assert litters == [1]
    assert foreseen == pytest.approx(3 * 2 * 100 * 1297 / 64)
