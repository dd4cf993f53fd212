import sys

import pytest

from artneuro.errors import RunError
from artneuro.fields import build
from artneuro.study.tuning.declaration import Tune
from artneuro.study.tuning.parameter import Parameter
from artneuro.study.tuning.sampler import Told, suggest

KINDS = {"x": Parameter(float), "n": Parameter(int), "c": Parameter(str)}


def tuning(over=None, **changes):
    return build(Tune, {"over": over or {"x": {"low": 0.0, "high": 1.0}}, "startup": 8, **changes})


def searched(tune, objective, trials=40):
    """Search a function; one that returns None has diverged."""
    told = []
    for number in range(trials):
        values = suggest(tune, KINDS, number, told)
        reached = objective(**values)
        told.append(Told(values, reached, 5, ended=True, completed=reached is not None))
    return told


def test_a_quadratic_is_searched_to_near_its_lowest_point():
    over = {"x": {"low": 1e-6, "high": 1.0, "log": True}, "n": {"low": 1, "high": 64}}
    told = searched(tuning(over), lambda x, n: (x - 0.01) ** 2 * 1e4 + ((n - 20) / 10) ** 2)
    best = min(told, key=lambda trial: trial.reached)
    # an even draw of 40 comes so near in both (a ninth of one range, a sixth of the other) with probability .5 at most
    assert 0.005 < best.values["x"] < 0.02
    assert abs(best.values["n"] - 20) <= 5
    late = sorted(trial.reached for trial in told[-10:])[4]
    early = sorted(trial.reached for trial in told[:8])[4]
    assert late < early / 4  # what it proposes late is good as a rule, not once


def test_to_raise_what_falls_is_the_same_search():
    def bowl(x):
        return (x - 0.3) ** 2

    down = searched(tuning(), bowl, 20)
    up = searched(tuning(objective="validation_accuracy"), lambda x: -bowl(x), 20)
    assert [trial.values for trial in down] == [trial.values for trial in up]


def test_who_asks_again_gets_the_same_and_another_seed_something_else():
    told = searched(tuning(), lambda x: x, 12)
    assert suggest(tuning(), KINDS, 12, told) == suggest(tuning(), KINDS, 12, told)
    assert suggest(tuning(), KINDS, 12, told) != suggest(tuning(seed=1), KINDS, 12, told)
    assert suggest(tuning(), KINDS, 12, told) != suggest(tuning(), KINDS, 13, told)


XS = [0.05 * place for place in range(20)]
LOW = XS[:8]


def proposed_low(told):
    """Of 20 proposals after trials that were the better the lower they were, how many are in the lowest third."""
    return sum(suggest(tuning(), KINDS, number, told)["x"] < 0.35 for number in range(20, 40))


def test_what_did_well_is_tried_again():
    assert proposed_low([Told({"x": x}, x, 5, ended=True, completed=True) for x in XS]) > 15


def test_where_subjects_diverged_it_tries_less():
    told = [Told({"x": x}, None if x in LOW else x, 5, ended=True, completed=x not in LOW) for x in XS]
    assert proposed_low(told) < 7  # an even draw has 7


def test_a_trial_that_was_cut_short_counts_less_than_one_that_was_completed():
    told = [Told({"x": x}, x, 2 if x in LOW else 5, ended=True, completed=x not in LOW) for x in XS]
    assert proposed_low(told) < 7


def test_a_trial_under_way_keeps_others_from_its_place():
    told = searched(tuning(), lambda x: (x - 0.5) ** 2, 20)
    alone = [suggest(tuning(), KINDS, number, told)["x"] for number in range(20, 40)]
    beside = [suggest(tuning(), KINDS, number, [*told, Told({"x": x})])["x"] for number, x in enumerate(alone, 20)]
    assert alone != beside


def test_values_are_of_the_parameters_type_and_within_the_range():
    over = {
        "x": {"low": 1, "high": 2},
        "n": {"low": 3, "high": 5},
        "c": ["constant", {"step": {"every": 2}}, [1], None],
    }
    told = searched(tuning(over), lambda x, n, c: x + n, 30)
    assert {type(trial.values["x"]) for trial in told} == {float}
    assert all(1 <= trial.values["x"] <= 2 for trial in told)
    assert {trial.values["n"] for trial in told} == {3, 4, 5}
    found = [trial.values["c"] for trial in told]
    assert all(choice in found for choice in ("constant", {"step": {"every": 2}}, [1], None))


def test_choices_that_are_equal_in_python_are_told_apart():
    over = {"c": [1, True]}
    told = [Told({"c": choice}, loss, 5, ended=True, completed=True) for choice, loss in ((1, 0.1), (True, 9.0)) * 6]
    proposed = [suggest(tuning(over), KINDS, number, told)["c"] for number in range(12, 32)]
    assert sum(choice is True for choice in proposed) < 10


def test_without_optuna_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(RunError, match=r'tuning needs Optuna .*pip install "artneuro\[tune\]"'):
        suggest(tuning(), KINDS, 0, [])
