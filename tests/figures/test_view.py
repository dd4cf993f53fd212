"""Views: one value a subject, whatever was repeated; nothing mixed, nobody lost without a word."""

import numpy as np
import pytest
import xarray as xr

from artneuro.errors import DesignError, SpecificationError
from artneuro.figures.view import name_of, view


@pytest.fixture
def record() -> xr.Dataset:
    values = np.arange(24.0).reshape(4, 3, 2)
    return xr.Dataset(
        {"accuracy": (("subject", "fraction", "repeat"), values, {"long_name": "accuracy", "units": "1"})},
        {
            "subject": ["a-0", "a-1", "b-0", "b-1"],
            "arm": ("subject", ["a", "a", "b", "b"]),
            "seed": ("subject", [0, 1, 0, 1]),
            "diverged": ("subject", [-1, -1, -1, -1]),
            "fraction": [0.0, 0.5, 1.0],
        },
        {"title": "LesionStudy", "excluded": ""},
    )


def test_repeats_are_averaged_within_a_subject_before_anything_else(record):
    seen = view(record, "accuracy", {"x": "fraction", "hue": "arm"}, {})
    assert seen.data.dims == ("subject", "fraction")
    np.testing.assert_array_equal(seen.data[0], [0.5, 2.5, 4.5])
    assert len(seen.table()) == 4 * 3  # one row a subject and fraction: repeats are no subjects
    assert seen.facts == ("n = 2 subjects an arm.", "Averaged within each subject over repeat (2).")


def test_a_dim_of_one_place_is_no_average(record):
    seen = view(record.isel(repeat=[0]), "accuracy", {"x": "fraction", "hue": "arm"}, {})
    assert seen.facts == ("n = 2 subjects an arm.",)


def test_selection_is_told(record):
    seen = view(record, "accuracy", {"hue": "arm"}, {"fraction": 0.5, "arm": ("b", "a")})
    assert seen.levels("arm") == ["b", "a"]
    assert "Shown: fraction 0.5; arm b or a." in seen.facts


def test_those_who_diverged_or_have_no_value_are_named(record):
    record = record.assign_coords(diverged=("subject", [-1, 7, -1, -1]))
    record.attrs["excluded"] = "c-1 (epoch 2), c-2 (not measured)"
    record["accuracy"][3] = np.nan
    seen = view(record, "accuracy", {"x": "fraction", "hue": "arm"}, {})
    np.testing.assert_array_equal(seen.data["subject"], ["a-0", "b-0"])
    assert "Left out: c-1 (diverged at epoch 2), c-2 (not measured), a-1 (diverged at epoch 7)." in seen.facts
    assert "Left out because they have no value: b-1." in seen.facts


def test_nobody_left_is_an_error_that_says_who_went(record):
    record = record.assign_coords(diverged=("subject", [1, 1, 1, 2]))
    with pytest.raises(DesignError, match=r"accuracy: no subject has a value.*b-1 \(diverged at epoch 2\)"):
        view(record, "accuracy", {"hue": "arm"}, {})


def test_arms_are_never_mixed(record):
    with pytest.raises(SpecificationError, match=r"hue: .*2 arms in one \(a, b\).*where: \{arm: \.\.\.\}"):
        view(record, "accuracy", {"x": "fraction", "hue": None}, {})
    assert view(record, "accuracy", {"x": "fraction"}, {"arm": "b"}).facts[0] == "n = 2 subjects of the arm b."
    assert view(record, "accuracy", {"x": "fraction"}, {}, pooled=True).data.sizes["subject"] == 4
    assert view(record, "accuracy", {"x": "fraction", "hue": "subject"}, {}).levels("subject")[3] == "b-1"


def test_unequal_arms_are_counted_apart(record):
    seen = view(record.isel(subject=[0, 1, 2]), "accuracy", {"hue": "arm"}, {})
    assert seen.facts[0] == "Subjects: a 2, b 1."


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ({"x": "fractoin", "hue": "arm"}, r'x: .*Did you mean "fraction"'),
        ({"x": "fraction", "hue": "ram"}, r'hue: .*Did you mean "arm"'),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(record, by, message):
    with pytest.raises(SpecificationError, match=message):
        view(record, "accuracy", by, {})


def test_a_variable_without_subjects_is_refused(record):
    with pytest.raises(SpecificationError, match=r"a variable with the dim subject; came accuracy with the dims fr"):
        view(record.isel(subject=0), "accuracy", {"x": "fraction"}, {})
    with pytest.raises(SpecificationError, match=r'y: .*LesionStudy.*Did you mean "accuracy"'):
        view(record, "acuracy", {"x": "fraction", "hue": "arm"}, {})


def test_over_keeps_each_place_and_warns(record):
    seen = view(record, "accuracy", {"hue": "arm"}, {"fraction": 0.5}, over=("repeat",))
    assert len(seen.table()) == 4 * 2
    assert "Each value is one repeat of one subject; values of one subject are not independent." in seen.facts
    with pytest.raises(SpecificationError, match=r'over: .*Did you mean "repeat"'):
        view(record, "accuracy", {"hue": "arm"}, {}, over=("repeats",))


def test_a_table_may_be_of_one_level(record):
    seen = view(record, "accuracy", {"x": "fraction", "hue": "arm"}, {})
    part = seen.table({"arm": "b", "fraction": 1.0, None: "all"})
    np.testing.assert_array_equal(part["value"], [16.5, 22.5])


def test_names_on_axes_carry_units(record):
    record["accuracy"].attrs["units"] = "%"
    assert name_of(record["accuracy"], "accuracy") == "Accuracy (%)"
    assert name_of(record["accuracy"], "fraction") == "Fraction lesioned"
    assert name_of(record["accuracy"], "arm") == "Arm"
    other = record.assign_coords(fraction=record.fraction.assign_attrs(long_name="fraction kept"))
    assert name_of(other["accuracy"], "fraction") == "Fraction kept"
    assert name_of(record["accuracy"].rename(repeat="mine"), "mine") == "Mine"
    record["accuracy"].attrs["long_name"] = "accuracy; missing where nothing was asked"
    assert name_of(record["accuracy"], "accuracy") == "Accuracy (%)"


def test_one_subject_by_its_name_is_still_a_subject(record):
    seen = view(record, "accuracy", {"x": "fraction"}, {"subject": "b-0"})
    np.testing.assert_array_equal(seen.data, [[12.5, 14.5, 16.5]])
    assert seen.facts[0] == "n = 1 subject of the arm b."
