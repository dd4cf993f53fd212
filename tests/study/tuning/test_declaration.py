import pytest

from artneuro.errors import SpecificationError
from artneuro.fields import build, conform
from artneuro.study.tuning.declaration import Range, Tune

HALF = {"over": {"x": {"low": 0.0, "high": 1.0}}}


@pytest.mark.parametrize(
    ("tried", "words"),
    [
        ({"low": 2, "high": 1}, r"low: required less than `high`, 1; came 2"),
        ({"low": 1, "high": 1}, r"low: required less than `high`, 1; came 1"),
        ({"low": 1}, r"high: required low and high, or choices; came nothing"),
        ({}, r"low: required low and high, or choices; came nothing"),
        ({"low": 0, "high": 1, "log": True}, r"low: required > 0 on a logarithmic scale; came 0\. Raise it"),
        ({"low": 0, "high": 1, "choices": [1, 2]}, r"choices: required either choices, or low and high; came both"),
        ({"choices": [1, 2], "log": True}, r"choices: required either choices"),
        ([1], r"choices: required at least two choices, all different; came \[1\]"),
        ([1, 2, 1], r"choices: required at least two choices, all different"),
        ("0 to 1", r"required a range, as \{low: \.\.\., high: \.\.\.\}, or a list of choices; came '0 to 1'"),
        ({"low": "0", "high": 1}, r"low: required a whole number or a number or nothing; came '0'"),
    ],
)
def test_a_range_that_is_none_is_refused(tried, words):
    with pytest.raises(SpecificationError, match=words):
        conform(tried, Range)


def test_a_list_means_choices_of_any_kind():
    choices = ["constant", {"step": {"every": 4}}, [64, 32], 1, None]
    assert conform(choices, Range) == Range(choices=choices)
    assert conform(Range(choices=choices).plain(), Range) == Range(choices=choices)
    assert Range(choices=choices).ends == tuple(choices)
    assert Range(low=1, high=4).ends == (1, 4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"over": {}}, "over: required a mapping .* not empty"),
        ({"budget": 0}, "budget: required a whole number >= 1; came 0"),
        ({"validation": 0}, "validation: .* of at least 1, or a share between 0 and 1; came 0"),
        ({"validation": 1.5}, "share between 0 and 1; came 1.5"),
        ({"objective": "test_loss"}, "objective: required one of validation_loss, validation_accuracy"),
        ({"pruning": "mean"}, "pruning: required one of median, none"),
        ({"ats_once": 2}, 'Did you mean "at_once"'),
        (
            {"over": {"a.b": [1, 2], "a.b.c": [1, 2]}},
            r"over.a.b.c: required paths that lie apart; came a path into a\.b",
        ),
        ({"over": {"a.b": [1, 2], "a.b[0]": [1, 2]}}, r"over.a.b\[0\]: required paths that lie apart"),
    ],
)
def test_a_search_that_is_none_is_refused(changes, words):
    with pytest.raises(SpecificationError, match=words):
        build(Tune, {**HALF, **changes})


def test_paths_that_only_begin_alike_lie_apart():
    assert len(build(Tune, {"over": {"a.b": [1, 2], "a.bc": [1, 2]}}).over) == 2


@pytest.mark.parametrize(
    ("tune", "words"),
    [
        ({"arm": None}, r"tune\.arm: required one of the arms clean, drop; came nothing\. Add `arm`"),
        ({"arm": "dorp"}, r'tune\.arm: required the label of an arm; came \'dorp\'\. Did you mean "drop"'),
        (
            {"arm": "drop", "first_seed": 1},
            r"tune\.first_seed: required seeds other than those of the study, 0 to 1; came 1 to 1",
        ),
    ],
)
def test_what_does_not_fit_the_study_is_refused_with_its_line(declare, tune, words):
    arms = {"arms": {"clean": [], "drop": [{"Dropout": {"rate": 0.5}}]}}
    with pytest.raises(SpecificationError, match=rf"tuned\.yaml:\d+: {words}"):
        declare(arms, **tune)


def test_seeds_beside_those_of_the_study_are_taken(declare):
    assert list(declare(first_seed=2, subjects=3).study.tune.seeds) == [2, 3, 4]
