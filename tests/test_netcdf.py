import hashlib

import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from artneuro import netcdf
from artneuro.errors import RecordError

KINDS = st.sampled_from(["i1", "i8", "u2", "f4", "f8", "U5"])
LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)


@st.composite
def datasets(draw):
    """Of up to three dims, one without values, with coordinates along dims, beside dims and of no dim."""
    sizes = {name: draw(st.integers(0, 3)) for name in ("a", "b", "c")[: draw(st.integers(0, 3))]}
    variables = {}
    for place in range(draw(st.integers(0, 4))):
        dims = draw(st.permutations(sorted(sizes)))[: len(sizes) - place % 2]
        kind = np.dtype(draw(KINDS))
        values = draw(
            arrays.arrays(kind, tuple(sizes[dim] for dim in dims), elements=LETTERS if kind.kind == "U" else None)
        )
        attrs = draw(st.sampled_from([{}, {"units": "1", "most": 3, "limits": np.array([0.5, 2.0])}]))
        variables[f"x{place}"] = (tuple(dims), values, attrs)
    coords = {name for name in variables if draw(st.booleans())}
    beside = {name: variables.pop(name) for name in sorted(coords)}
    along = {name: (name, np.arange(size) * 1.5) for name, size in sizes.items() if draw(st.booleans())}
    return xr.Dataset(variables, {**along, **beside}, {"title": "any"})


@given(data=datasets())
def test_what_is_read_is_what_was_written_and_what_xarray_reads(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "a.nc"
    netcdf.write(data, path)
    found = netcdf.read(path)
    assert found.identical(data)
    assert {name: found[name].dtype.kind for name in found.variables} == {
        name: data[name].dtype.kind for name in data.variables
    }
    with xr.open_dataset(path, decode_times=False) as plainly:
        assert plainly.load().identical(data)


@given(data=datasets())
def test_files_that_xarray_wrote_are_read_as_xarray_reads_them(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "a.nc"
    data.to_netcdf(path, engine="netcdf4")
    assert netcdf.read(path).identical(xr.load_dataset(path, decode_times=False))


def test_equal_datasets_give_equal_bytes_and_what_is_large_is_compressed(tmp_path):
    few = xr.Dataset({"x": ("a", np.zeros(8))})
    many = xr.Dataset({"x": ("a", np.zeros(100_000))})
    digests = []
    for name in ("one.nc", "two.nc"):
        netcdf.write(many, tmp_path / name)
        digests.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    assert (tmp_path / "one.nc").stat().st_size < many.nbytes / 10
    netcdf.write(few, tmp_path / "few.nc")
    for name, compressed in (("few.nc", False), ("one.nc", True)):
        with netCDF4.Dataset(tmp_path / name) as file:
            assert file["x"].filters()["zlib"] is compressed


def test_packed_values_are_refused(tmp_path):
    data = xr.Dataset({"x": ("a", [0.5, 1.0])})
    data.to_netcdf(tmp_path / "a.nc", encoding={"x": {"dtype": "i2", "scale_factor": 0.5, "_FillValue": -1}})
    with pytest.raises(RecordError, match=r"'x' are packed \(scale_factor\)"):
        netcdf.read(tmp_path / "a.nc")


def test_one_long_text_that_many_values_stand_for_is_refused(tmp_path):
    """A megabyte of a file that would fill a gigabyte of memory."""
    h5py = pytest.importorskip("h5py", reason="only h5py tells where a text's reference lies")
    path = tmp_path / "a.nc"
    netcdf.write(xr.Dataset({"text": ("row", ["a" * 1_000_000, *(["b"] * 999)])}), path)
    with h5py.File(path) as file:
        place = file["text"].id.get_offset()
    raw = path.read_bytes()
    path.write_bytes(raw[:place] + raw[place : place + 16] * 1000 + raw[place + 16_000 :])
    with pytest.raises(RecordError, match="the values of 'text' are more text than the file has bytes"):
        netcdf.read(path)


def test_a_table_of_text_larger_than_its_file_is_refused(tmp_path):
    """Of a text that was never written, nothing is in the file, and in memory eight bytes or more."""
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("row", 64)
        file.createDimension("column", 560_000)
        file.createVariable("text", str, ("row", "column"))
    assert path.stat().st_size < 100_000
    with pytest.raises(RecordError, match="its header declares 573440000 bytes of values"):
        netcdf.read(path)


def test_pieces_larger_than_all_there_is_are_refused(tmp_path):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("row", None)
        held = file.createVariable("x", "f8", ("row",), compression="zlib", chunksizes=[2**24], fill_value=0.0)
        held[:1] = 1.0
    assert path.stat().st_size < 300_000
    with pytest.raises(RecordError, match="its header has 'x' in pieces of 134217728 bytes"):
        netcdf.read(path)


def test_whatever_byte_of_a_sealed_file_is_another_it_is_refused_unopened(tmp_path, monkeypatch):
    """HDF5 reads some damaged files for ever."""
    path, data = tmp_path / "a.nc", xr.Dataset({"x": ("a", np.arange(3.0))}, attrs={"title": "any"})
    netcdf.write(data, path)
    netcdf.seal(path)
    raw = path.read_bytes()
    with xr.open_dataset(path) as plainly:
        assert plainly.load().identical(data)

    def opened(*_):
        raise AssertionError("HDF5 has seen it")

    monkeypatch.setattr(netCDF4, "Dataset", opened)
    end = raw.rindex(netcdf.MARK)
    for place in [*range(end), *range(end + len(netcdf.MARK), len(raw))]:
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        with pytest.raises(RecordError, match="its bytes are not those that were written"):
            netcdf.read(path)
    monkeypatch.undo()
    path.write_bytes(raw.replace(netcdf.MARK, b"artneurO"))  # of the mark: nothing is damaged
    assert netcdf.read(path).identical(data)
