"""Interactions by the test that the pairing of the cells asks for."""

import numpy as np
import pytest

from artneuro.statistics import anova, mixed_anova, rm_anova
from artneuro.statistics.interaction import judge_interaction


def judged(record, factors, pairing="auto"):
    return judge_interaction(record, "auc", factors, pairing, {}, ())[0]


def test_arms_of_twins_and_a_condition(crossed):
    record = crossed(interaction=0.05)
    row = rm_anova(record, dv="auc", within=["arm", "clamp"]).table.iloc[2]
    assert judged(record, ("arm", "clamp")).p == row["p"]
    assert judged(record, ("clamp", "arm")).p == pytest.approx(row["p"])


def test_arms_of_strangers_and_a_condition(crossed):
    record = crossed(interaction=0.05)
    row = mixed_anova(record, dv="auc", between="arm", within="clamp").table.iloc[2]
    found = judged(record, ("clamp", "arm"), "independent")
    assert (found.p, found.n) == (row["p"], 16)
    assert "arm between subjects" in found.sentence


def test_two_factors_between_subjects(strangers):
    rng = np.random.default_rng(0)
    record = strangers({"a": rng.normal(0, 1, 10), "b": rng.normal(1, 1, 10)})
    record = record.assign_coords(dose=("subject", list("xy") * 10))
    record["auc"][(record.arm == "b").values & (record.dose == "y").values] += 3
    found = judged(record, ("arm", "dose"))
    row = anova(record, dv="auc", between=["arm", "dose"]).table.iloc[2]
    assert (found.p, found.verdict) == (row["p"], "supported")
