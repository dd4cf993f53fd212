"""Equivalence as an analysis: what it compares and how it says it."""

import numpy as np
import pytest

from artneuro.errors import DesignError, SpecificationError
from artneuro.statistics import Equivalence, equivalence
from artneuro.statistics.contrast import Contrast
from artneuro.statistics.tost import tost

RNG = np.random.default_rng(8)
CONTROL = RNG.normal(0.9, 0.05, 12)
SHAM = CONTROL + RNG.normal(0, 0.005, 12)


def test_twins_are_compared_with_twins(of_arms):
    result = equivalence(of_arms({"control": CONTROL, "sham": SHAM}), dv="auc", between="arm", margin=0.01)
    row = result.table.iloc[0]
    assert row["p"] == pytest.approx(tost(Contrast((CONTROL - SHAM,), (1.0,)), 0.01).p)
    assert (row["equivalent"], row["how"], row["n"]) == ("yes", "paired by seed (twins)", 12)
    assert result.sentences[0].startswith(
        "auc, control and sham, paired by seed (twins): equivalent within 0.01, t(11) = "
    )
    assert "Power, if the true difference is 0" in result.sentences[1]


def test_a_difference_that_was_not_found_is_no_equivalence(strangers):
    wide = {"a": RNG.normal(0.9, 0.3, 5), "b": RNG.normal(0.9, 0.3, 5)}
    result = equivalence(strangers(wide), dv="auc", between="arm", margin=0.01)
    assert result.table["equivalent"].iloc[0] == "no"
    assert "not shown to be equivalent within 0.01" in result.sentences[0]


def test_a_sham_that_changes_nothing_is_equivalent(of_arms):
    result = equivalence(of_arms({"control": CONTROL, "sham": CONTROL}), dv="auc", between="arm", margin=0.01)
    assert result.table["equivalent"].iloc[0] == "yes"
    assert result.sentences[0].endswith("difference = 0, 90% CI [0, 0], the same in every subject.")


def test_against_a_number(of_arms):
    result = equivalence(of_arms({"control": CONTROL - 0.9}), dv="auc", against=0.0, margin=0.1)
    assert (result.table["b"].iloc[0], result.table["how"].iloc[0]) == ("0", "one sample")


def test_a_margin_is_above_zero(of_arms):
    with pytest.raises(DesignError, match="above 0; came 0"):
        equivalence(of_arms({"control": CONTROL, "sham": SHAM}), dv="auc", between="arm", margin=0.0)
    with pytest.raises(SpecificationError, match=r"margin: required a number > 0"):
        Equivalence(of="R.auc", between="arm", margin=0.0)
