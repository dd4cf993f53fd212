"""Labels of a claim find their levels, or say what there is."""

import pytest

from artneuro.errors import DesignError
from artneuro.statistics.cells import contrasts_of, is_mean, parts_of
from artneuro.statistics.claim import parse


def test_a_label_names_a_level_of_every_factor():
    assert parts_of("turnover:on", ["arm", "clamp"]) == ("turnover", "on")
    with pytest.raises(DesignError, match=r"a level of each of arm and clamp, as in a:b; came 'turnover'"):
        parts_of("turnover", ["arm", "clamp"])


@pytest.mark.parametrize(
    ("claim", "levels", "answer"),
    [("mean > 0", [], True), ("mean > 0", ["zero", "mean"], False), ("zero > mean", [], False), ("a > 0", [], False)],
)
def test_mean_is_all_subjects_unless_a_level_is_called_so(claim, levels, answer):
    assert is_mean(parse(claim), levels) is answer


def test_only_the_levels_of_the_claim_are_drawn(of_arms):
    record = of_arms({"a": [1.0, 2.0], "b": [2.0, 3.5], "c": [5.0, 7.0]})
    sample, contrasts = contrasts_of(record, "auc", parse("a > b"), ["arm"], "auto", {}, ())
    assert sample.levels("arm") == ["a", "b"]
    assert contrasts(parse("a > b").sides[0].minus(parse("a > b").sides[1])).contrast.estimate == -1.25


def test_unknown_labels_and_factors_say_what_there_is(of_arms):
    record = of_arms({"clean": [1.0, 2.0], "half": [2.0, 3.0]})
    with pytest.raises(DesignError, match=r'arm has no level \'haf\'. Did you mean "half"'):
        contrasts_of(record, "auc", parse("clean > haf"), ["arm"], "auto", {}, ())
    with pytest.raises(DesignError, match=r"'arn' has no levels in the record. Did you mean"):
        contrasts_of(record, "auc", parse("clean > half"), ["arn"], "auto", {}, ())
