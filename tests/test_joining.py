import numpy as np
import pytest
import xarray as xr

from artneuro import joining, records
from artneuro.errors import DesignError
from artneuro.labels import Label

LABELS = {"accuracy": Label("accuracy", "1", ("fraction", "class")), "auc": Label("area under the curve")}


def part(offset=0.0):
    values = {"accuracy": np.arange(6.0).reshape(3, 2) + offset, "auc": 0.5 + offset}
    return records.dataset(values, LABELS, {"fraction": [0.0, 0.5, 1.0], "class": ["cat", "dog"]}, title="part")


def test_subjects_are_joined_along_their_dim():
    who = {"subject": ["a-0", "a-1"], "arm": ["a", "a"], "seed": [0, 1], "diverged": [-1, -1]}
    data = joining.of_subjects([part(), part(1.0)], who)
    assert data.accuracy.dims == ("subject", "fraction", "class")
    assert data.auc.sel(subject="a-1") == 1.5
    assert data.seed.dims == ("subject",)


def test_subjects_asked_different_questions_are_not_aligned_silently():
    other = part().assign_coords(fraction=("fraction", [0.0, 0.4, 1.0], part().fraction.attrs))
    with pytest.raises(DesignError, match=r"fraction of a is \[0\.0, 0\.5, 1\.0\], of b it is \[0\.0, 0\.4, 1\.0\]"):
        joining.of_subjects([part(), other], {"subject": ["a", "b"]})


IDENTITY = {"subject": ["a-0", "b-0"], "arm": ["a", "b"], "seed": [0, 0], "diverged": [-1, -1]}
UNITS = {
    "rank": Label("rank", "1", ("repeat", "unit")),
    "norm": Label("norm", "1", ("unit",)),
    "auc": Label("area", "1", ()),
}


def of_units(count, sites):
    values = {"rank": [list(range(count))] * 2, "norm": [0.5] * count, "auc": float(count)}
    coords = {"repeat": [0, 1], "unit_site": sites, "unit_index": list(range(count))}
    return records.dataset(values, UNITS, coords)


def test_subjects_of_different_size_stand_in_one_record():
    small, large = of_units(2, ["h", "h"]), of_units(3, ["h", "h", "hidden2"])
    record = joining.of_subjects([small, large], IDENTITY)
    assert record.auc.values.tolist() == [2.0, 3.0]
    assert record["rank"].dims == ("subject", "repeat", "unit")
    assert record["rank"].values[0].tolist() == [[0, 1, -1]] * 2
    np.testing.assert_array_equal(record.norm.values, [[0.5, 0.5, np.nan], [0.5, 0.5, 0.5]])
    assert record.unit_site.dims == ("subject", "unit")
    assert record.unit_site.values.tolist() == [["h", "h", ""], ["h", "h", "hidden2"]]
    assert record.unit_index.values.tolist() == [[0, 1, -1], [0, 1, 2]]
    assert record["rank"].dtype.kind == "i"


def test_a_large_record_survives_the_disk(tmp_path):
    record = joining.of_subjects([of_units(3, ["h"] * 3), of_units(2, ["h"] * 2)], IDENTITY)
    records.write(record, tmp_path / "it.nc")
    xr.testing.assert_identical(records.read(tmp_path / "it.nc"), record)


def test_coordinates_that_all_share_stay_shared():
    record = joining.of_subjects([of_units(2, ["h", "h"])] * 2, IDENTITY)
    assert record.unit_site.dims == ("unit",)


@pytest.mark.parametrize("dim", ["class", "layer"])
def test_classes_and_layers_are_the_subjects_own(dim):
    def part(*names):
        label = Label("accuracy", "1", (dim,))
        return records.dataset({"accuracy": [1.0] * len(names)}, {"accuracy": label}, {dim: list(names)})

    record = joining.of_subjects([part("cat", "dog"), part("dog", "owl")], IDENTITY)
    assert record[dim].values.tolist() == ["cat", "dog", "owl"]
    np.testing.assert_array_equal(record.accuracy.values, [[1, 1, np.nan], [np.nan, 1, 1]])
    assert record[dim].attrs["units"] == "1"


def test_names_along_numbered_units_are_filled_up_with_none():
    def part(count):
        coords = {"unit": np.arange(count), "unit_site": np.array(["hidden"] * count)}
        return records.dataset({"x": np.ones(count)}, {"x": Label("x", dims=("unit",))}, coords)

    identities = {"subject": ["a", "b"], "arm": ["a", "b"], "seed": [0, 0], "diverged": [-1, -1]}
    joined = joining.of_subjects([part(1), part(2)], identities)
    assert joined.unit_site.values.tolist() == [["hidden", ""], ["hidden", "hidden"]]
    np.testing.assert_array_equal(joined.x, [[1.0, np.nan], [1.0, 1.0]])
