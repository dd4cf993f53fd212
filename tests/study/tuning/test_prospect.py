import pytest

from artneuro.errors import SpecificationError
from artneuro.study.tuning.prospect import prospect


def test_epochs_are_those_of_the_longest_trials(declare):
    epochs = {"cohort.rearing.epochs": {"low": 1, "high": 5}}
    assert prospect(declare(budget=7, subjects=2)).epochs == 7 * 2 * 3
    assert prospect(declare(over=epochs, budget=7, subjects=2)).epochs == 7 * 2 * 5


def test_time_is_shared_by_the_workers_that_have_work(declare, monkeypatch):
    from artneuro.study.forecast import Forecast

    monkeypatch.setattr("artneuro.study.tuning.prospect.forecast", lambda plan: Forecast(6.0, 0, 0, {}, ()))
    seconds = [prospect(declare(budget=10, at_once=2), workers=workers).seconds for workers in (1, 2, 4)]
    assert seconds == [60.0, 30.0, 30.0]


def test_every_trial_is_expected_to_live_as_long_as_the_longest(declare, monkeypatch):
    from artneuro.study.forecast import Forecast

    def second_an_epoch(plan):
        return Forecast(float(plan.epochs()[0]), 0, 0, {}, ())

    monkeypatch.setattr("artneuro.study.tuning.prospect.forecast", second_an_epoch)
    epochs = {"cohort.rearing.epochs": {"low": 2, "high": 5}}
    assert prospect(declare(over=epochs, budget=7, subjects=3)).seconds == 7 * 3 * 5


def test_what_cannot_be_searched_is_refused(declare):
    with pytest.raises(SpecificationError, match="changes nothing"):
        prospect(declare(over={"cohort.n": [3, 4]}))
