"""Which units come first."""

import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.rearing import Ranking, Rearing, Turnover, ranking_of
from artneuro.rearing.rear import rear_litter
from artneuro.rearing.turnover_once import turned_over
from artneuro.seeds import Stream


def utility(outgoing, activity, age, share=1.0):
    return activity * outgoing.abs().sum(1) * share + 0.0 * age


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("choice", ["incoming_norm", "outgoing_norm", "activity", "own"])
def test_the_units_chosen_are_the_extremes_of_the_measure(naive, few, choice, ascending):
    (subject,) = naive("mlp", widths=(8, 6))
    weights, model = subject.weights, subject.model()
    activity = model[:3](few.present(few.train.images[:40])).mean(0)  # ReLU: no sign to lose
    assert (activity >= 0).all()
    reach = weights["hidden2.weight"].abs().sum(0)
    measure = {
        "incoming_norm": weights["hidden1.weight"].abs().sum(1),
        "outgoing_norm": reach,
        "activity": activity,
        "own": activity * reach + 0.001 * 0,
    }[choice]
    wanted = measure.argsort(descending=not ascending)[:3].sort().values
    turnover = Turnover(
        site="hidden1",
        count=3,
        every=1,
        choice=ranking_of(utility) if choice == "own" else choice,
        ascending=ascending,
        stimuli=40,
    )
    after = turned_over(subject, turnover, Stream(0))
    assert (after.weights["hidden1.bias"] != weights["hidden1.bias"]).nonzero().flatten().tolist() == wanted.tolist()


def test_the_oldest_first_turns_all_over_in_turn(naive):
    treated = Turnover(site="hidden1", count=2, every=1, choice="age", ascending=False)
    (adult,) = rear_litter(naive("mlp", widths=(8,)), Rearing(epochs=1, batch=18), [treated])
    units = adult.history.event_unit.values.reshape(4, 2)
    assert sorted(units.flatten().tolist()) == list(range(8))
    youngest = treated.but(ascending=True)
    (adult,) = rear_litter(naive("mlp", widths=(8,)), Rearing(epochs=1, batch=18), [youngest])
    assert len(set(map(tuple, np.sort(adult.history.event_unit.values.reshape(4, 2)).tolist()))) == 1


def wrong(incoming):
    return incoming


def test_a_ranking_that_is_none_is_refused_by_name(naive):
    (subject,) = naive("mlp", widths=(8,))
    with pytest.raises(SpecificationError, match=r"wrong: required .* one finite number a unit, shape \(8,\)"):
        turned_over(subject, Turnover(site="hidden1", count=1, every=1, choice=ranking_of(wrong)), Stream(0))


def test_what_was_not_handed_over_or_is_no_function_is_refused():
    with pytest.raises(SpecificationError, match=r"code handed over with `ranking_of` in this session"):
        Ranking(function="nowhere:utility", source="0123456789abcdef")
    with pytest.raises(SpecificationError, match=r"function: required a function; came <class 'int'>. Hand over"):
        ranking_of(3)
    with pytest.raises(SpecificationError, match=r"what .*utility.* takes.*shape"):
        ranking_of(utility, parameters={"shape": 3})
