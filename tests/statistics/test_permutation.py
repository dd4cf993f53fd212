"""Permutation tests whose p can be counted on paper, and by the stream that was given."""

import numpy as np
import pytest
from scipy import stats

from artneuro.errors import DesignError
from artneuro.seeds import Stream
from artneuro.statistics import permutation


def test_two_groups_of_three_apart_are_one_arrangement_of_twenty_each_way(strangers):
    result = permutation(strangers({"a": [7.0, 8.0, 9.0], "b": [1.0, 2.0, 3.5]}), dv="auc", between="arm")
    row = result.table.iloc[0]
    assert (row["p"], row["draws"], row["exact"]) == (0.1, 20, "yes")
    assert row["difference"] == pytest.approx(8 - 6.5 / 3)
    assert "p = .100 (exact, 20)" in result.sentences[0]


def test_five_twins_that_all_rise_are_one_arrangement_of_thirty_two_each_way(of_arms):
    record = of_arms({"a": [1.0, 2.0, 3.0, 4.0, 5.0], "b": [0.5, 1.2, 2.9, 3.1, 4.0]})
    row = permutation(record, dv="auc", between="arm").table.iloc[0]
    assert (row["p"], row["draws"]) == (2 / 32, 32)
    one_sided = permutation(record, dv="auc", between="arm", alternative="greater").table.iloc[0]
    assert one_sided["p"] == 1 / 32


def test_one_sample_against_a_number(of_arms):
    record = of_arms({"a": [1.1, 1.2, 1.3, 1.4]})
    assert permutation(record, dv="auc", against=1.0).table["p"].iloc[0] == 2 / 16
    assert permutation(record, dv="auc", against=1.25).table["p"].iloc[0] == 1.0


def test_random_arrangements_come_from_the_stream_alone(strangers):
    rng = np.random.default_rng(0)
    record = strangers({"a": rng.normal(0.5, 1, 20), "b": rng.normal(0, 1, 20)})
    run = [permutation(record, dv="auc", between="arm", stream=Stream(seed)).table for seed in (1, 1, 2)]
    assert run[0].equals(run[1])
    assert run[0]["p"].iloc[0] != run[2]["p"].iloc[0]
    assert run[0]["exact"].iloc[0] == "no"
    welch = stats.ttest_ind(record.auc[:20], record.auc[20:], equal_var=False).pvalue
    # of 10,000 arrangements at p near .1, the standard error is 0.003; the tests themselves differ by less than 0.01
    assert run[0]["p"].iloc[0] == pytest.approx(welch, abs=0.02)


def test_the_median_is_compared_where_asked(strangers):
    record = strangers({"a": [1.0, 2.0, 30.0], "b": [0.0, 1.0, 1.5]})
    result = permutation(record, dv="auc", between="arm", middle="median")
    assert result.table["difference"].iloc[0] == 1.0
    assert "difference of medians = 1" in result.sentences[0]


def test_unit_and_zero_do_not_matter(of_arms):
    values = {"a": [1.0, 2.0, 3.5, 4.0, 5.0], "b": [0.5, 2.2, 2.9, 3.1, 4.5]}
    moved = {arm: [2 * value + 10 for value in of] for arm, of in values.items()}
    before, after = (permutation(of_arms(data), dv="auc", between="arm").table.iloc[0] for data in (values, moved))
    assert after["p"] == before["p"]
    assert after["difference"] == pytest.approx(2 * before["difference"])


def test_constant_differences_are_refused(of_arms):
    with pytest.raises(DesignError, match="constant"):
        permutation(of_arms({"a": [1.0, 2.0, 3.0], "b": [0.0, 1.0, 2.0]}), dv="auc", between="arm")
