"""Variables of several records meet by subject; who is missing in one of them is named."""

import pytest
import xarray as xr

from artneuro.errors import DesignError, SpecificationError
from artneuro.statistics import gather


@pytest.fixture
def records():
    subjects = ["clean-0", "clean-1", "clean-2"]
    lesions = xr.Dataset(
        {"auc": (("subject", "epoch"), [[1.0, 2.0], [3.0, 4.0]])}, {"subject": subjects[:2], "epoch": [5, 10]}
    )
    history = xr.Dataset(
        {"test_loss": (("subject", "epoch"), [[0.0] * 10, [1.0] * 10, [2.0] * 10])},
        {"subject": subjects, "epoch": range(1, 11)},
    )
    return {"LesionStudy": lesions.assign_attrs(excluded="clean-2 (epoch 3)"), "History": history}


def test_records_meet_by_subject_and_level(records):
    both = gather(records, ["LesionStudy.auc", "History.test_loss"])
    assert both.sizes == {"subject": 2, "epoch": 2}
    assert both["History.test_loss"].values.tolist() == [[0, 0], [1, 1]]
    assert both.attrs["excluded"] == "clean-2 (epoch 3)"


def test_subjects_that_one_record_lacks_are_named(records):
    records["LesionStudy"].attrs["excluded"] = ""
    both = gather(records, ["LesionStudy.auc", "History.test_loss"])
    assert both.attrs["excluded"] == "clean-2 (not in LesionStudy)"


def test_what_is_not_there_is_refused(records):
    with pytest.raises(SpecificationError, match=r'Did you mean "auc"'):
        gather(records, ["LesionStudy.auk"])
    with pytest.raises(SpecificationError, match=r'Did you mean "LesionStudy.auc"'):
        gather(records, ["LesionStudie.auc"])


def test_a_variable_that_runs_do_not_share_says_why(records):
    records["LesionStudy"] = records["LesionStudy"].assign_attrs(not_comparable="importance (other levels of unit)")
    with pytest.raises(
        DesignError, match=r"cannot be compared between these runs: importance \(other levels of unit\)"
    ):
        gather(records, ["LesionStudy.importance"])


def test_dims_that_do_not_fit_are_refused(records):
    records["LesionStudy"]["selectivity"] = (("subject", "unit"), [[1.0, 2.0], [3.0, 4.0]])
    records["History"]["gradient"] = (("subject", "unit"), [[1.0] * 3] * 3)
    with pytest.raises(DesignError, match="cannot stand in one table"):
        gather(records, ["LesionStudy.selectivity", "History.gradient"])


def test_what_records_caution_against_is_told_once_by_every_test(records):
    told = {name: record.assign_attrs(cautions=f"Of all.\nOf {name}.") for name, record in records.items()}
    both = gather(told, ["LesionStudy.auc", "History.test_loss"])
    assert both.attrs["cautions"] == "Of all.\nOf LesionStudy.\nOf History."
