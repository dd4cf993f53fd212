"""The two codings span one space; tests of terms follow from the second."""

import numpy as np
import pandas as pd
import pytest

from artneuro.statistics.coding import code

TABLE = pd.DataFrame(
    [(arm, clamp, dose) for arm in "abc" for clamp in "xy" for dose in (0.0, 1.0, 3.0)],
    columns=["arm", "clamp", "dose"],
)
LEVELS = {"arm": ["a", "b", "c"], "clamp": ["x", "y"]}


def test_columns_and_terms_of_everything_with_everything():
    coded = code(TABLE, ["arm", "clamp", "dose"], LEVELS, interactions=True)
    assert coded.names[:5] == ("intercept", "arm b", "arm c", "clamp y", "dose")
    assert "arm c * clamp y * dose" in coded.names
    assert {term: len(columns) for term, columns in coded.terms.items()} == {
        "arm": 2,
        "clamp": 1,
        "dose": 1,
        "arm * clamp": 2,
        "arm * dose": 2,
        "clamp * dose": 1,
        "arm * clamp * dose": 2,
    }
    assert sorted(column for columns in coded.terms.values() for column in columns) == list(range(1, 12))


def test_both_codings_span_the_same_space():
    coded = code(TABLE, ["arm", "clamp", "dose"], LEVELS, interactions=True)
    together = np.column_stack([coded.treatment, coded.deviation])
    assert np.linalg.matrix_rank(together) == np.linalg.matrix_rank(coded.treatment) == 12


def test_deviations_of_a_balanced_factor_sum_to_nothing():
    coded = code(TABLE, ["arm", "clamp"], LEVELS, interactions=True)
    assert coded.deviation[:, 1:].sum(axis=0) == pytest.approx(0)


def test_the_order_of_levels_decides_what_the_others_are_compared_with():
    coded = code(TABLE, ["arm"], {"arm": ["c", "a", "b"]}, interactions=False)
    assert coded.names == ("intercept", "arm a", "arm b")
    assert coded.treatment[TABLE["arm"] == "c", 1:].sum() == 0
