import hashlib

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from artneuro import joining, netcdf, records
from artneuro.errors import RecordError
from artneuro.labels import Label

LABELS = {"accuracy": Label("accuracy", "1", ("fraction", "class")), "auc": Label("area under the curve")}


def part(offset=0.0):
    values = {"accuracy": np.arange(6.0).reshape(3, 2) + offset, "auc": 0.5 + offset}
    return records.dataset(values, LABELS, {"fraction": [0.0, 0.5, 1.0], "class": ["cat", "dog"]}, title="part")


def joined():
    who = {"subject": ["a-0", "a-1"], "arm": ["a", "a"], "seed": [0, 1], "diverged": [-1, -1]}
    return records.with_provenance(joining.of_subjects([part(), part(1.0)], who, "both"), question="why")


def test_values_lie_under_their_labels():
    data = part()
    assert data.accuracy.dims == ("fraction", "class")
    assert data.accuracy.sel({"fraction": 0.5, "class": "dog"}) == 3
    assert data.fraction.attrs["units"] == "1"


def test_a_dim_outside_the_vocabulary_is_refused():
    with pytest.raises(RecordError, match="'colour' is not in the vocabulary"):
        records.dataset({"x": [1.0]}, {"x": Label("x", "1", ("colour",))}, {})


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
    path.write_bytes(whole[: int(whole.rindex(netcdf.MARK) * share)])
    with pytest.raises(RecordError, match=r"record\.nc"):
        records.read(path)


def test_a_record_that_lost_a_part_of_its_seal_is_whole(tmp_path):
    records.write(joined(), tmp_path / "record.nc")
    whole = (tmp_path / "record.nc").read_bytes()
    for end in range(whole.rindex(netcdf.MARK), len(whole)):
        (tmp_path / "record.nc").write_bytes(whole[:end])
        assert records.read(tmp_path / "record.nc").identical(joined())


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


def test_a_record_that_another_program_wrote_anew_is_read_unless_its_values_are_others(tmp_path):
    records.write(joined(), tmp_path / "record.nc")
    with xr.open_dataset(tmp_path / "record.nc") as opened:
        data = opened.load()
    data.to_netcdf(tmp_path / "again.nc")
    assert records.read(tmp_path / "again.nc").identical(joined())
    data.assign(auc=data.auc + 1e-9).to_netcdf(tmp_path / "other.nc")
    with pytest.raises(RecordError, match=r"other\.nc: .*values or attributes were changed after they were written"):
        records.read(tmp_path / "other.nc")
