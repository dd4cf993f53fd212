"""Cohorts of several runs as one."""

import json

import numpy as np
import pytest
import xarray as xr

from artneuro.errors import DesignError
from artneuro.labels import check_schema
from artneuro.statistics import Anova, TTest, compare

LABEL = {"long_name": "x", "units": "1"}


def run(values, arms=("clean", "half"), units=4, excluded="", extra=False):
    n = len(values) // len(arms)
    record = xr.Dataset(
        {
            "auc": ("subject", np.asarray(values, dtype=float), LABEL),
            "importance": (("subject", "unit"), np.ones((len(values), units)), LABEL),
        },
        {
            "subject": ("subject", [f"{arm}-{seed}" for arm in arms for seed in range(n)], LABEL),
            "arm": ("subject", [arm for arm in arms for _ in range(n)], LABEL),
            "seed": ("subject", [seed for _ in arms for seed in range(n)], LABEL),
            "unit_index": ("unit", range(units), LABEL),
        },
        {"excluded": excluded, "provenance": "{}"},
    )
    return {"LesionStudy": record.assign(extra=record.auc) if extra else record, "History": record[["auc"]]}


A, B = [0.9, 0.8, 0.85, 0.5, 0.45, 0.4], [0.7, 0.65, 0.6, 0.3, 0.2, 0.25]


def test_arms_carry_the_name_of_their_run():
    records = compare({"sgd": run(A), "adam": run(B)})
    record = records["LesionStudy"]
    assert set(records) == {"LesionStudy", "History"}
    assert record.sizes["subject"] == 12
    assert list(dict.fromkeys(record.arm.values)) == ["sgd/clean", "sgd/half", "adam/clean", "adam/half"]
    assert record.subject.values[0] == "sgd/clean-0"
    assert record.run.values.tolist() == ["sgd"] * 6 + ["adam"] * 6
    assert record.arm_in_run.values.tolist() == (["clean"] * 3 + ["half"] * 3) * 2
    assert record.auc.values.tolist() == A + B
    check_schema(record)
    assert "provenance" not in record.attrs  # it would be that of one run


def test_runs_are_paired_by_seed_in_a_test():
    records = compare({"sgd": run(A), "adam": run(B)})
    of_clean = {"arm": ("sgd/clean", "adam/clean")}
    result = TTest(of="LesionStudy.auc", between="arm", where=of_clean).run(records)
    assert result.table["how"].iloc[0] == "paired by seed (twins)"
    assert result.table["difference"].iloc[0] == pytest.approx(0.2)


def test_run_and_arm_are_two_factors():
    table = (
        Anova(of="LesionStudy.auc", between=("run", "arm_in_run")).run(compare({"sgd": run(A), "adam": run(B)})).table
    )
    assert table["source"].tolist() == ["run", "arm_in_run", "run * arm_in_run"]


def test_what_differs_between_runs_is_left_out_and_named():
    record = compare({"sgd": run(A, units=4, extra=True), "adam": run(B, units=6)})["LesionStudy"]
    assert set(record.data_vars) == {"auc"}
    assert "importance (other levels of unit_index)" in record.attrs["not_comparable"]
    assert "extra (not in adam)" in record.attrs["not_comparable"]


def test_a_question_about_what_differs_says_why():
    records = compare({"sgd": run(A, units=4), "adam": run(B, units=6)})
    with pytest.raises(DesignError, match=r"importance \(other levels of unit_index\)"):
        TTest(of="LesionStudy.importance", against=0.0, average=("unit",)).run(records)


def test_excluded_subjects_stay_named_with_their_run():
    record = compare({"sgd": run(A, excluded="half-3 (epoch 7)"), "adam": run(B)})["LesionStudy"]
    assert record.attrs["excluded"] == "sgd/half-3 (epoch 7)"


def test_one_run_and_runs_without_a_common_record_are_refused():
    with pytest.raises(DesignError, match="two runs or more; came 1: sgd"):
        compare({"sgd": run(A)})
    with pytest.raises(DesignError, match=r"no record in common \(sgd: LesionStudy; adam: History\)"):
        compare({"sgd": {"LesionStudy": run(A)["LesionStudy"]}, "adam": {"History": run(B)["History"]}})


def test_an_animal_counts_once_and_every_test_says_so():
    def known(values, animals):
        return {
            name: record.assign_attrs(
                provenance=json.dumps({"weights": dict(zip(record.subject.values, animals, strict=True))})
            )
            for name, record in run(values).items()
        }

    first, second = known(A, "abcdef"), known([*A[:2], *B[2:]], "abuvwx")
    record = compare({"sgd": first, "adam": second})["LesionStudy"]
    assert record.sizes["subject"] == 10
    assert "adam/clean-0" not in record.subject.values
    result = Anova(of="LesionStudy.auc", between="arm", where={"arm": ("sgd/half", "adam/half")}).run(
        {"LesionStudy": record}
    )
    assert "Counted once, because weights and values are equal: adam/clean-0 is sgd/clean-0" in " ".join(result.notes)


def test_cautions_of_runs_are_kept_with_their_names():
    careful = {name: record.assign_attrs(cautions="one\ntwo") for name, record in run(A).items()}
    assert compare({"sgd": careful, "adam": run(B)})["History"].attrs["cautions"] == "sgd: one\nsgd: two"
