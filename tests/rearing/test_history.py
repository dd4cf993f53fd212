"""Histories keep to the schema."""

import pytest

from artneuro.labels import check_schema
from artneuro.rearing.history import MEASURES, history


def row(number):
    return {name: float(number) for name in MEASURES}


def test_rows_become_variables_along_age():
    data = history([row(1), row(2)], first=4, evaluated=False)
    check_schema(data)
    assert data.epoch.values.tolist() == [4, 5]
    assert set(data.data_vars) == set(MEASURES)
    assert data.test_loss.values.tolist() == [1.0, 2.0]
    assert data.updates.dtype.kind == "i"
    assert data.wall_time.attrs["units"] == "s"


def test_it_says_how_training_was_measured():
    along, after = (history([row(1)], 1, evaluated).train_loss.attrs["long_name"] for evaluated in (False, True))
    assert "as they came" in along
    assert "after the epoch" in after


@pytest.mark.parametrize("evaluated", [False, True])
def test_losses_are_in_nats_as_in_every_other_record(evaluated):
    data = history([row(1)], 1, evaluated)
    units = {name: data[name].attrs["units"] for name in data.data_vars}
    assert units == {
        **{"train_loss": "nat", "test_loss": "nat", "train_accuracy": "1", "test_accuracy": "1"},
        **{"learning_rate": "1", "updates": "update", "wall_time": "s"},
    }


def test_a_life_without_epochs_has_an_empty_history():
    assert history([], first=1, evaluated=False).sizes == {"epoch": 0}
