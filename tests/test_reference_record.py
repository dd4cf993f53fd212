"""The small record in `data/reference`: what users may try things on stays readable, and says what it said."""

from pathlib import Path

import numpy as np
import xarray as xr

import artneuro as an
from artneuro.labels import check_schema

PATH = Path(__file__).parents[1] / "data" / "reference" / "lesions.nc"


def test_it_opens_with_plain_xarray_and_keeps_to_the_schema():
    with xr.open_dataset(PATH) as record:
        check_schema(record)
        assert dict(record.sizes) == {
            "subject": 18,
            "site": 1,
            "order": 1,
            "clamp": 1,
            "repeat": 3,
            "fraction": 11,
            "unit": 64,
        }
        assert an.provenance(record)["protocol"]["LesionStudy"]["repeats"] == 3


def test_its_numbers_are_consistent():
    record = an.read(PATH)
    intact = record.accuracy.sel(fraction=0).isel(site=0, order=0, clamp=0, repeat=0)
    np.testing.assert_array_equal(intact, record.train_accuracy)  # no lesion, on the stimuli it was trained on
    np.testing.assert_allclose(record.normalised_accuracy.sel(fraction=0), 1, atol=1e-12)
    area = record.normalised_accuracy.mean("repeat").integrate("fraction")
    np.testing.assert_allclose(area, record.auc, atol=1e-12)


def test_it_answers_the_question_of_the_quickstart():
    record = an.read(PATH)
    result = an.statistics.anova(record, dv="auc", between="arm", posthoc="tukey")
    assert result.sentences[0].startswith("auc by arm: F(2, 15) = ")
    means = record.auc.groupby("arm").mean()
    assert means.sel(arm="clean") > means.sel(arm="half") > means.sel(arm="random")
