import numpy as np
import pytest
import xarray as xr

from artneuro import records
from artneuro.labels import check_schema
from artneuro.study.tuning.record import HISTORY, tuning_record
from artneuro.study.tuning.search import Trial
from artneuro.study.tuning.space import search_space

RATE = "cohort.rearing.optimizer.sgd.lr"


def grown(values):
    """How the two subjects of a trial grew up: all measures are `values` (subject, epoch)."""
    values = np.array(values)
    about = {"long_name": "?", "units": "1"}
    return xr.Dataset(
        dict.fromkeys(HISTORY, (("subject", "epoch"), values, about)),
        {
            "subject": ("subject", ["control-8", "control-9"], about),
            "arm": ("subject", ["control"] * 2, about),
            "seed": ("subject", [8, 9], about),
            "epoch": ("epoch", np.arange(1, values.shape[1] + 1), about),
        },
    )


@pytest.fixture
def record(declare):
    over = {RATE: {"low": 0.1, "high": 0.9}, "cohort.rearing.augmentation.flip": [False, True]}
    space = search_space(declare(subjects=2, first_seed=8, budget=5, over=over))
    lived = [
        ("complete", (0.9, 0.5), grown([[1.0, 0.6], [0.8, 0.4]])),
        ("refused", (), xr.Dataset()),
        ("pruned", (0.95,), grown([[1.0], [0.9]])),
        ("diverged", (), grown([[np.nan], [0.7]])),
        ("complete", (0.7, 0.6), grown([[0.7, 0.6], [0.7, 0.6]])),
    ]
    trials = [
        Trial(
            number,
            f"k{number}",
            {RATE: 0.1 * (number + 1), "cohort.rearing.augmentation.flip": number % 2 == 1},
            *trial,
            "",
        )
        for number, trial in enumerate(lived)
    ]
    return tuning_record(space, trials)


def test_every_trial_has_its_place(record):
    nan = np.nan
    np.testing.assert_array_equal(record["objective"], [0.5, nan, nan, nan, 0.6])
    np.testing.assert_array_equal(record["reached"], [0.5, nan, 0.95, nan, 0.6])
    np.testing.assert_array_equal(record["best_objective"], [0.5] * 5)
    np.testing.assert_array_equal(record["epochs"], [2, 0, 1, 1, 2])
    assert record["state"].values.tolist() == ["complete", "refused", "pruned", "diverged", "complete"]
    np.testing.assert_array_equal(record["validation_loss"][0], [[1.0, 0.6], [0.8, 0.4]])
    np.testing.assert_array_equal(record["validation_loss"][2], [[1.0, nan], [0.9, nan]])
    assert record["validation_loss"][1].isnull().all()
    np.testing.assert_allclose(record[RATE], [0.1, 0.2, 0.3, 0.4, 0.5])
    assert record["cohort.rearing.augmentation.flip"].values.tolist() == ["false", "true", "false", "true", "false"]


def test_it_keeps_to_the_schema_and_through_netcdf(record, tmp_path):
    check_schema(record)
    records.write(record, tmp_path / "Tuning.nc")
    xr.testing.assert_identical(records.read(tmp_path / "Tuning.nc"), record)


def test_units_and_meaning_are_those_of_what_was_searched(record):
    assert record["objective"].attrs["units"] == "nat"
    assert record["objective"].attrs["long_name"] == "validation loss, mean over subjects, in the last epoch"
    assert record[RATE].attrs == {"long_name": "learning rate", "units": "1", "scale": "linear"}
    assert record["cohort.rearing.augmentation.flip"].attrs["scale"] == "choices"
    assert record["seed"].values.tolist() == [8, 9]
