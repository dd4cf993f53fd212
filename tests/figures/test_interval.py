"""Intervals over subjects, against scipy's own."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from artneuro.figures.interval import interval
from artneuro.seeds import Stream


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_it_is_students(level):
    values = Stream(0).numpy().normal(size=7)
    row = interval(pd.DataFrame({"x": 0, "value": values}), ["x"], level).iloc[0]
    low, high = stats.t.interval(level, 6, values.mean(), stats.sem(values))
    # rtol: two ways of summing seven numbers
    np.testing.assert_allclose(
        row[["mean", "low", "high", "n"]].astype(float), [values.mean(), low, high, 7], rtol=1e-12
    )


def test_each_group_has_its_own_and_one_subject_has_none():
    table = pd.DataFrame({"x": [1, 1, 0], "hue": ["b", "b", "a"], "value": [1.0, 1.0, 5.0]})
    rows = interval(table, ["x", "hue"])
    assert rows["x"].tolist() == [1, 0]  # in order of appearance
    assert rows["n"].tolist() == [2, 1]
    np.testing.assert_array_equal(rows[["low", "high"]], [[1.0, 1.0], [np.nan, np.nan]])


def test_it_holds_the_mean_as_often_as_it_says():
    draws = Stream(3).numpy().normal(size=(4000, 5))
    table = pd.DataFrame({"study": np.repeat(np.arange(4000), 5), "value": draws.ravel()})
    rows = interval(table, ["study"])
    held = ((rows["low"] < 0) & (rows["high"] > 0)).mean()
    assert abs(held - 0.95) < 0.014  # four standard errors of a proportion of 0.95 in 4000
