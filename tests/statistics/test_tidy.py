"""One row a subject and condition; nothing else is let through, and nothing is averaged unasked."""

import numpy as np
import pytest
import xarray as xr

from artneuro.errors import DesignError, SpecificationError
from artneuro.statistics import tidy


@pytest.fixture
def record() -> xr.Dataset:
    """Two arms of two twins: accuracy (clamp, repeat, fraction), selectivity (unit), test loss."""
    accuracy = np.arange(4 * 2 * 3 * 2, dtype=float).reshape(4, 2, 3, 2)
    return xr.Dataset(
        {
            "accuracy": (("subject", "clamp", "repeat", "fraction"), accuracy),
            "selectivity": (("subject", "unit"), np.arange(20.0).reshape(4, 5)),
            "response": (("subject", "stimulus"), np.ones((4, 3))),
            "auc": (("subject", "site"), np.arange(4.0)[:, None]),
            "name": ("subject", ["a", "b", "c", "d"]),
        },
        {
            "subject": ["clean-0", "clean-1", "half-0", "half-1"],
            "arm": ("subject", ["clean", "clean", "half", "half"]),
            "seed": ("subject", [0, 1, 0, 1]),
            "clamp": ["zero", "mean"],
            "fraction": [0.0, 0.5],
            "site": ["hidden2"],
            "unit_site": ("unit", ["h1", "h1", "h2", "h2", "h2"]),
        },
    )


def test_one_row_a_subject_and_condition(record):
    table = tidy(record, "accuracy", by="clamp", where={"fraction": 0.5}, average="repeat")
    assert list(table.columns) == ["subject", "arm", "seed", "clamp", "accuracy"]
    assert len(table) == 8
    row = table[(table["subject"] == "half-0") & (table["clamp"] == "mean")].iloc[0]
    assert row["accuracy"] == record.accuracy.sel(subject="half-0", clamp="mean", fraction=0.5).mean()
    assert (row["arm"], row["seed"]) == ("half", 0)


def test_a_dim_of_one_level_is_no_condition(record):
    assert tidy(record, "auc")["auc"].tolist() == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("variable", "dim", "reason"),
    [
        ("selectivity", "unit", "share its weights and its history"),
        ("response", "stimulus", "every network sees the same stimuli"),
        ("accuracy", "repeat", "repeats measure the same network again"),
    ],
)
def test_measurements_are_refused_as_animals(record, variable, dim, reason):
    with pytest.raises(DesignError, match=rf"'{dim}' cannot be a condition: .*{reason}.*The subject is the animal"):
        tidy(record, variable, by=dim)


def test_units_that_nobody_averaged_are_refused_with_the_remedy(record):
    with pytest.raises(DesignError, match=r"5 values along 'unit'.*one observation, not many.*`average: unit`"):
        tidy(record, "selectivity")


def test_a_condition_that_nobody_chose_is_refused_with_the_remedies(record):
    with pytest.raises(DesignError, match=r"varies along 'clamp' \(zero and mean\).*`where: \{clamp: zero\}`"):
        tidy(record, "accuracy", by="fraction", average="repeat")


def test_averages_are_made_where_asked(record):
    assert tidy(record, "selectivity", average="unit")["selectivity"].tolist() == [2.0, 7.0, 12.0, 17.0]
    of_site = tidy(record, "selectivity", where={"unit_site": "h2"}, average="unit")
    assert of_site["selectivity"].tolist() == [3.0, 8.0, 13.0, 18.0]


def test_an_average_over_a_missing_value_is_missing(record):
    record["selectivity"][1, 2] = np.nan
    assert np.isnan(tidy(record, "selectivity", average="unit")["selectivity"]).tolist() == [False, True, False, False]


def test_several_variables_stand_side_by_side(record):
    table = tidy(record, ["auc", "selectivity"], where={"unit_site": "h1"}, average="unit")
    assert table[["auc", "selectivity"]].to_numpy().tolist() == [[0, 0.5], [1, 5.5], [2, 10.5], [3, 15.5]]


def test_a_variable_without_the_condition_is_refused(record):
    with pytest.raises(DesignError, match="auc does not vary along clamp"):
        tidy(record, ["accuracy", "auc"], by="clamp", where={"fraction": 0.0}, average="repeat")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"variables": "accurcy"}, "no variable 'accurcy'. Did you mean \"accuracy\""),
        ({"variables": "name"}, "name is no number"),
        ({"variables": "auc", "by": "clmp"}, "auc has no dim 'clmp'"),
        ({"variables": "auc", "by": "arms"}, 'Did you mean "arm"? Valid: arm, seed, site.'),
        ({"variables": "auc", "by": "seeds"}, 'Did you mean "seed"? Valid: arm, seed, site.'),
        ({"variables": "auc", "average": "repeat"}, "auc has no dim 'repeat' to average over. Valid: site."),
        ({"variables": "auc", "average": "arm"}, "auc has no dim 'arm' to average over. Valid: site."),
    ],
)
def test_what_is_not_there_is_named(record, call, message):
    with pytest.raises(DesignError) as error:
        tidy(record, **call)
    assert message in str(error.value)


def test_where_must_name_something(record):
    with pytest.raises(SpecificationError, match=r'Did you mean "fraction"'):
        tidy(record, "accuracy", where={"fractoin": 0.5})


def test_a_record_without_subjects_is_refused():
    with pytest.raises(DesignError, match="no dim 'subject'"):
        tidy(xr.Dataset({"auc": ("fraction", [1.0, 0.5])}), "auc")
