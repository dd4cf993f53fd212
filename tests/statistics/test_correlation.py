"""What a correlation reports, and what it warns of."""

import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.statistics import Correlation, correlation

RNG = np.random.default_rng(2)
AUC = {"clean": RNG.normal(0.8, 0.05, 12), "half": RNG.normal(0.5, 0.05, 12)}
LOSS = {arm: 2 - values + RNG.normal(0, 0.05, 12) for arm, values in AUC.items()}


def test_one_arm_is_reported_without_a_word_of_pooling(of_arms):
    record = of_arms(AUC, loss=LOSS)
    result = correlation(record, x="auc", y="loss", where={"arm": "clean"}, planned=0.3)
    row = result.table.iloc[0]
    assert (row["n"], row["df"], row["effect_name"]) == (12, 10, "r")
    assert row["low"] < row["effect"] < row["high"] < 0
    assert result.notes == ()
    assert result.sentences[0].startswith("auc with loss over 12 subjects: r(10) = -.")
    assert "BF10 = " in result.sentences[0]
    assert result.tables["power"].set_index("effect_is").loc["planned", "needed_n"] == pytest.approx(84, abs=1)
    assert result.tables["assumptions"]["of"].tolist() == ["auc", "loss"]


def test_pooled_arms_of_twins_are_pointed_out(of_arms, strangers):
    (note,) = correlation(of_arms(AUC, loss=LOSS), x="auc", y="loss", method="spearman").notes
    assert "Subjects of 2 arms (clean and half) are pooled" in note
    assert "Twins (equal seeds) stand in it as strangers" in note
    (note,) = correlation(strangers(AUC, loss=LOSS), x="auc", y="loss", method="spearman").notes
    assert "Twins" not in note


def test_over_arms_within_twins(of_arms):
    result = correlation(of_arms(AUC, loss=LOSS), x="auc", y="loss", within="arm")
    assert result.table["effect_name"].iloc[0] == "repeated-measures r"
    assert result.table["df"].iloc[0] == 11  # 24 values, 12 seeds, one slope
    assert result.notes == ()


def test_covariates_are_named(of_arms):
    record = of_arms(AUC, loss=LOSS, norm={arm: RNG.normal(size=12) for arm in AUC})
    result = correlation(record, x="auc", y="loss", covariates=["norm"], where={"arm": "clean"})
    assert "auc with loss, norm held constant over 12 subjects: partial r(9)" in result.sentences[0]
    assert np.isnan(result.table["bf10"].iloc[0])


def test_one_sided(of_arms):
    record = of_arms(AUC, loss=LOSS)
    less, both = (
        correlation(record, x="auc", y="loss", where={"arm": "clean"}, alternative=side).table["p"].iloc[0]
        for side in ("less", "two-sided")
    )
    assert less == pytest.approx(both / 2)


def test_the_specification_refuses_ranks_and_covariates_within_subjects():
    with pytest.raises(SpecificationError, match=r"method: required pearson.*\n.*covariates: required none"):
        Correlation(x="R.a", y="R.b", within="epoch", method="spearman", covariates=("R.c",))
