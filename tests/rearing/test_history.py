"""Histories keep to the schema."""

import pytest

from artneuro.labels import check_schema
from artneuro.rearing.history import MEASURES, history
from artneuro.rearing.rearing import Rearing


def row(number):
    return {name: float(number) for name in MEASURES}


def test_rows_become_variables_along_age():
    data = history([row(1), row(2)], 3, Rearing(), classes=True)
    check_schema(data)
    assert data.epoch.values.tolist() == [4, 5]
    assert set(data.data_vars) == set(MEASURES)
    assert data.test_loss.values.tolist() == [1.0, 2.0]
    assert data.updates.dtype.kind == "i"
    assert data.wall_time.attrs["units"] == "s"


def test_it_says_how_training_was_measured():
    rearings = [Rearing(evaluate_train=evaluated) for evaluated in (False, True)]
    along, after = (history([row(1)], 0, rearing, True).train_loss.attrs["long_name"] for rearing in rearings)
    assert "as they came" in along
    assert "after the epoch" in after


@pytest.mark.parametrize("evaluated", [False, True])
def test_losses_are_in_nats_as_in_every_other_record(evaluated):
    data = history([row(1)], 0, Rearing(evaluate_train=evaluated), classes=True)
    units = {name: data[name].attrs["units"] for name in data.data_vars}
    assert units == {
        **{"train_loss": "nat", "test_loss": "nat", "train_accuracy": "1", "test_accuracy": "1"},
        **{"learning_rate": "1", "updates": "update", "wall_time": "s"},
    }


def test_a_life_without_epochs_has_an_empty_history():
    assert history([], 0, Rearing(), classes=True).sizes == {"epoch": 0}


def test_values_have_a_mean_square_and_no_accuracy():
    data = history([row(1), row(2)], 10, Rearing(loss="mean_square", epochs=20, evaluate_every=10), classes=False)
    check_schema(data)
    assert data.epoch.values.tolist() == [20, 30]
    assert set(data.data_vars) == {name for name in MEASURES if "accuracy" not in name}
    for name in ("train_loss", "test_loss"):
        assert data[name].attrs["units"] == "1"
        assert "mean square of what answers are off by" in data[name].attrs["long_name"]
        assert "entropy" not in data[name].attrs["long_name"]
