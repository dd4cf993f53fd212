"""Selection: the addressed variable, the named part, one value a subject."""

import numpy as np
import pytest
import xarray as xr

from artneuro.errors import SpecificationError
from artneuro.selection import select, variable, within_subject


@pytest.fixture
def data() -> xr.DataArray:
    """Each value says where it lies: 1000 subject + 100 clamp + 10 fraction + repeat."""
    subject, clamp, fraction, repeat = np.ogrid[0:4, 0:2, 0:3, 0:2]
    return xr.DataArray(
        1000.0 * subject + 100 * clamp + 10 * fraction + repeat,
        coords={
            "subject": ["a-0", "a-1", "b-0", "b-1"],
            "arm": ("subject", ["a", "a", "b", "b"]),
            "seed": ("subject", [0, 1, 0, 1]),
            "clamp": ["zero", "mean"],
            "fraction": [0.0, 3 * 0.05, 1.0],
        },
        dims=("subject", "clamp", "fraction", "repeat"),
        name="accuracy",
    )


def test_an_address_names_a_variable(data: xr.DataArray) -> None:
    found = variable({"LesionStudy": data.to_dataset()}, "LesionStudy.accuracy")
    xr.testing.assert_identical(found, data)


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("LesionStudi.accuracy", r'Did you mean "LesionStudy\.accuracy"'),
        ("LesionStudy.acuracy", 'Did you mean "accuracy"'),
        ("LesionStudy", r"Record\.variable.*LesionStudy\.VARIABLE"),
    ],
)
def test_a_wrong_address_is_answered_with_the_nearest(data: xr.DataArray, address: str, advice: str) -> None:
    with pytest.raises(SpecificationError, match=advice):
        variable({"LesionStudy": data.to_dataset()}, address)


def test_one_value_drops_the_dim_and_a_list_keeps_it(data: xr.DataArray) -> None:
    one = select(data, {"clamp": "mean"})
    assert one.dims == ("subject", "fraction", "repeat")
    assert "clamp" not in one.coords
    assert float(one.min()) == 100
    kept = select(data, {"clamp": ("mean",)})
    assert kept.dims == data.dims
    np.testing.assert_array_equal(kept.clamp, ["mean"])


def test_a_list_gives_the_order(data: xr.DataArray) -> None:
    turned = select(data, {"arm": ("b", "a"), "fraction": (1.0, 0.0)})
    np.testing.assert_array_equal(turned.subject, ["b-0", "b-1", "a-0", "a-1"])
    np.testing.assert_array_equal(turned[:, 0, :, 0], [[2020, 2000], [3020, 3000], [20, 0], [1020, 1000]])


def test_one_arm_selects_its_subjects_and_keeps_the_dim(data: xr.DataArray) -> None:
    arm = select(data, {"arm": "b"})
    np.testing.assert_array_equal(arm.subject, ["b-0", "b-1"])
    np.testing.assert_array_equal(select(data, {"seed": 1}).subject, ["a-1", "b-1"])


def test_numbers_are_found_up_to_rounding(data: xr.DataArray) -> None:
    assert 3 * 0.05 != 0.15
    assert float(select(data, {"fraction": 0.15})[0, 0, 0]) == 10


def test_a_number_finds_the_label_that_is_written_the_same() -> None:
    accuracy = xr.DataArray([0.5, 0.7], {"class": ["3", "4"]}, ("class",))
    assert float(select(accuracy, {"class": 4.0})) == 0.7


def test_last_is_each_subjects_own_last_value() -> None:
    nan = np.nan
    loss = xr.DataArray(
        [[3.0, 2.0, 1.0], [3.0, 2.5, nan], [nan, nan, nan]],
        coords={"subject": ["a", "b", "c"], "epoch": [1, 2, 3]},
        dims=("subject", "epoch"),
        name="loss",
    )
    np.testing.assert_array_equal(select(loss, {"epoch": "last"}), [1.0, 2.5, nan])
    np.testing.assert_array_equal(select(loss[:, ::-1], {"epoch": "first"}), [1.0, 2.5, nan])
    # along further dims the last epoch is the subject's, not the site's
    sites = xr.concat([loss, loss.where(loss.epoch < 2)], "site")
    np.testing.assert_array_equal(select(sites, {"epoch": "last"}).sel(subject="b"), [2.5, nan])
    one = loss.isel(subject=1, drop=True)
    assert float(select(one, {"epoch": "last"})) == 2.5


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"clam": "zero"}, 'Did you mean "clamp"'),
        (
            {"repeat": 0},
            "required the name of a dim or coordinate with values; came 'repeat'",
        ),  # it has no labels to name
        ({"clamp": "noise"}, r"where\.clamp: required values that are there \(\['zero', 'mean'\]\); came \['noise'\]"),
        ({"clamp": ("zero", "noise")}, r"came \['noise'\]"),
        ({"fraction": "zero"}, r"where\.fraction"),
        ({"arm": ()}, r"where\.arm"),
        ({"arm": "last"}, "`first` and `last` are for dims"),
    ],
)
def test_what_is_not_there_is_refused(data: xr.DataArray, where: dict[str, object], message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        select(data, where)  # type: ignore[arg-type]


def test_within_a_subject_everything_is_averaged_but_what_is_kept(data: xr.DataArray) -> None:
    curve = within_subject(data, keep=("fraction",))
    assert curve.dims == ("subject", "fraction")
    np.testing.assert_allclose(curve[1], [1050.5, 1060.5, 1070.5])
    np.testing.assert_array_equal(curve.arm, data.arm)
    xr.testing.assert_identical(within_subject(data, data.dims), data)


def test_a_repeat_that_is_not_there_does_not_count(data: xr.DataArray) -> None:
    gap = data.copy()
    gap[0, 0, 0, 1] = np.nan
    assert float(within_subject(gap, ("clamp", "fraction"))[0, 0, 0]) == 0.0
    gap[0, 0, 0, :] = np.nan
    assert np.isnan(float(within_subject(gap, ("clamp", "fraction"))[0, 0, 0]))


def test_a_dim_without_values_is_answered_with_what_lies_along_it() -> None:
    units = xr.DataArray(np.zeros(2), {"unit_index": ("unit", [4, 7])}, "unit", "activity")
    with pytest.raises(SpecificationError, match="unit has no values of its own here; choose by .* unit_index"):
        select(units, {"unit": 0})
