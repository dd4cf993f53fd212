import hashlib

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from artneuro import records
from artneuro.errors import DesignError, RecordError
from artneuro.labels import Label

LABELS = {"accuracy": Label("accuracy", "1", ("fraction", "class")), "auc": Label("area under the curve")}


def part(offset=0.0):
    values = {"accuracy": np.arange(6.0).reshape(3, 2) + offset, "auc": 0.5 + offset}
    return records.dataset(values, LABELS, {"fraction": [0.0, 0.5, 1.0], "class": ["cat", "dog"]}, title="part")


def joined():
    who = {"subject": ["a-0", "a-1"], "arm": ["a", "a"], "seed": [0, 1], "diverged": [-1, -1]}
    return records.with_provenance(records.of_subjects([part(), part(1.0)], who, "both"), question="why")


def test_values_lie_under_their_labels():
    data = part()
    assert data.accuracy.dims == ("fraction", "class")
    assert data.accuracy.sel({"fraction": 0.5, "class": "dog"}) == 3
    assert data.fraction.attrs["units"] == "1"


def test_a_dim_outside_the_vocabulary_is_refused():
    with pytest.raises(RecordError, match="'colour' is not in the vocabulary"):
        records.dataset({"x": [1.0]}, {"x": Label("x", "1", ("colour",))}, {})


def test_subjects_are_joined_along_their_dim():
    data = joined()
    assert data.accuracy.dims == ("subject", "fraction", "class")
    assert data.auc.sel(subject="a-1") == 1.5
    assert data.seed.dims == ("subject",)


def test_subjects_asked_different_questions_are_not_aligned_silently():
    other = part().assign_coords(fraction=("fraction", [0.0, 0.4, 1.0], part().fraction.attrs))
    with pytest.raises(DesignError, match=r"fraction of a is \[0\.0, 0\.5, 1\.0\], of b it is \[0\.0, 0\.4, 1\.0\]"):
        records.of_subjects([part(), other], {"subject": ["a", "b"]})


def test_round_trip_is_identical_and_bytes_are_equal(tmp_path):
    data = joined()
    for name in ("one.nc", "two.nc"):
        records.write(data, tmp_path / name)
    assert records.read(tmp_path / "one.nc").identical(data)
    digests = {hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("one.nc", "two.nc")}
    assert len(digests) == 1


def test_a_record_opens_with_plain_xarray(tmp_path):
    records.write(joined(), tmp_path / "record.nc")
    with xr.open_dataset(tmp_path / "record.nc") as data:
        assert data.accuracy.attrs["long_name"] == "accuracy"
        assert records.provenance(data)["question"] == "why"
        assert records.provenance(data)["versions"]["torch"]


def test_provenance_is_missed_in_words():
    with pytest.raises(RecordError, match="carries no provenance"):
        records.provenance(xr.Dataset())


@given(share=st.floats(0.0, 0.999))
def test_a_truncated_record_is_named(tmp_path_factory, share):
    path = tmp_path_factory.mktemp("cut") / "record.nc"
    records.write(joined(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(RecordError, match=r"record\.nc"):
        records.read(path)


def test_a_missing_record_is_named(tmp_path):
    with pytest.raises(RecordError, match="there is no such file"):
        records.read(tmp_path / "none.nc")


def test_booleans_become_small_integers(tmp_path):
    data = records.dataset({"x": [True, False]}, {"x": Label("x", "1", ("unit",))}, {})
    assert data.x.dtype == np.int8


def test_content_key_follows_content_alone():
    assert records.content_key({"a": 1, "b": [2]}) == records.content_key({"b": [2], "a": 1})
    assert records.content_key({"a": 1}) != records.content_key({"a": 2})


def test_code_digest_ignores_prose_and_sees_code(tmp_path, monkeypatch):
    module = tmp_path / "room.py"
    monkeypatch.setattr(records, "__file__", str(tmp_path / "records.py"))
    digests = []
    for text in ('"""A."""\nx = 1\n', '"""B."""\n# remark\nx = 1\n', '"""A."""\nx = 2\n'):
        module.write_text(text)
        digests.append(records.code_digest("room"))
    assert digests[0] == digests[1] != digests[2]


def test_arrays_of_any_netcdf_file(tmp_path):
    xr.Dataset({"x": (("a", "b"), np.arange(6.0).reshape(2, 3))}, {"a": [3, 4]}).to_netcdf(tmp_path / "any.nc")
    arrays = records.arrays(tmp_path / "any.nc")
    assert sorted(arrays) == ["a", "x"]
    assert arrays["x"].tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(RecordError, match=r"none\.nc: not a readable netCDF file"):
        records.arrays(tmp_path / "none.nc")


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
    record = records.of_subjects([small, large], IDENTITY)
    assert record.auc.values.tolist() == [2.0, 3.0]
    assert record["rank"].dims == ("subject", "repeat", "unit")
    assert record["rank"].values[0].tolist() == [[0, 1, -1]] * 2
    np.testing.assert_array_equal(record.norm.values, [[0.5, 0.5, np.nan], [0.5, 0.5, 0.5]])
    assert record.unit_site.dims == ("subject", "unit")
    assert record.unit_site.values.tolist() == [["h", "h", ""], ["h", "h", "hidden2"]]
    assert record.unit_index.values.tolist() == [[0, 1, -1], [0, 1, 2]]
    assert record["rank"].dtype.kind == "i"


def test_a_large_record_survives_the_disk(tmp_path):
    record = records.of_subjects([of_units(3, ["h"] * 3), of_units(2, ["h"] * 2)], IDENTITY)
    records.write(record, tmp_path / "it.nc")
    xr.testing.assert_identical(records.read(tmp_path / "it.nc"), record)


def test_coordinates_that_all_share_stay_shared():
    record = records.of_subjects([of_units(2, ["h", "h"])] * 2, IDENTITY)
    assert record.unit_site.dims == ("unit",)


@pytest.mark.parametrize("dim", ["class", "layer"])
def test_classes_and_layers_are_the_subjects_own(dim):
    def part(*names):
        label = Label("accuracy", "1", (dim,))
        return records.dataset({"accuracy": [1.0] * len(names)}, {"accuracy": label}, {dim: list(names)})

    record = records.of_subjects([part("cat", "dog"), part("dog", "owl")], IDENTITY)
    assert record[dim].values.tolist() == ["cat", "dog", "owl"]
    np.testing.assert_array_equal(record.accuracy.values, [[1, 1, np.nan], [np.nan, 1, 1]])
    assert record[dim].attrs["units"] == "1"


def test_names_along_numbered_units_are_filled_up_with_none():
    def part(count):
        coords = {"unit": np.arange(count), "unit_site": np.array(["hidden"] * count)}
        return records.dataset({"x": np.ones(count)}, {"x": Label("x", dims=("unit",))}, coords)

    identities = {"subject": ["a", "b"], "arm": ["a", "b"], "seed": [0, 0], "diverged": [-1, -1]}
    joined = records.of_subjects([part(1), part(2)], identities)
    assert joined.unit_site.values.tolist() == [["hidden", ""], ["hidden", "hidden"]]
    np.testing.assert_array_equal(joined.x, [[1.0, np.nan], [1.0, 1.0]])
