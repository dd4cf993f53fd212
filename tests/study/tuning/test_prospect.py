import time

import pytest

from artneuro.errors import SpecificationError
from artneuro.study.tuning.execution import tune_study
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


def test_it_is_honest_within_an_order_of_magnitude(declare, tmp_path):
    cohort = {"rearing": {"epochs": 20, "batch": 10, "optimizer": {"sgd": {"lr": 0.1}}}}
    expected = prospect(declare(cohort, budget=3, subjects=4)).seconds
    began = time.perf_counter()
    tune_study(declare(cohort, budget=3, subjects=4), tmp_path / "run")
    took = time.perf_counter() - began
    # figure and record take seconds whatever is reared; the machine may do other things meanwhile
    assert expected < 10 * took
    assert took < 10 * expected + 10


def test_what_cannot_be_searched_is_refused(declare):
    with pytest.raises(SpecificationError, match="changes nothing"):
        prospect(declare(over={"cohort.n": [3, 4]}))
