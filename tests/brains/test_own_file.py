"""A brain from a file: npz and netCDF say the same, and what is no such file is refused by its name."""

from datetime import UTC, datetime

import numpy as np
import pytest
import xarray as xr

from artneuro.brains import OwnFile, brain
from artneuro.errors import DataError, SpecificationError

ARRAYS = {
    "trial_activity": np.arange(2 * 5 * 3, dtype=float).reshape(2, 5, 3) ** 2,
    "answers": np.arange(10).reshape(5, 2),
    "images": np.arange(5 * 4 * 4, dtype=np.uint8).reshape(5, 4, 4),
    "names": np.array(["a", "b", "c", "d", "e"]),
    "category": np.array(["x", "x", "y", "y", "y"]),
    "classes": np.array(["cat", "dog"]),
}


def test_both_kinds_of_file_say_the_same(tmp_path):
    np.savez(tmp_path / "own.npz", **ARRAYS)
    dims = {"trial_activity": ("r", "s", "u"), "answers": ("s", "c"), "images": ("s", "y", "x"), "classes": ("c",)}
    xr.Dataset({name: (dims.get(name, ("s",)), values) for name, values in ARRAYS.items()}).to_netcdf(
        tmp_path / "own.nc"
    )
    one, other = (brain("file", tmp_path, path=name) for name in ("own.npz", "own.nc"))
    xr.testing.assert_equal(one.record, other.record)
    assert one.images.tolist() == other.images.tolist()
    assert one.name == "own"
    assert one.record.activity.values.tolist() == ARRAYS["trial_activity"].mean(axis=0).tolist()
    assert one.record["class"].values.tolist() == ["cat", "dog"]


def test_other_files_are_refused_by_name(tmp_path):
    with pytest.raises(SpecificationError, match=r"path: required a file that ends in \.npz, \.nc or \.nwb"):
        OwnFile(path="own.mat")
    with pytest.raises(SpecificationError, match=r"path"):
        OwnFile(path="../own.npz")
    with pytest.raises(DataError, match=r"no such file\. Save one or more of dissimilarity"):
        OwnFile(path="own.npz").load(tmp_path)
    for name in ("bad.npz", "bad.nc"):
        (tmp_path / name).write_bytes(b"nothing")
        with pytest.raises(DataError, match=name):
            OwnFile(path=name).load(tmp_path)
    np.savez(tmp_path / "pickled.npz", activity=np.array([{}, 1, 2, 3], dtype=object))
    with pytest.raises(DataError, match="allow_pickle=False"):
        OwnFile(path="pickled.npz").load(tmp_path)
    np.savez(tmp_path / "other.npz", weights=np.eye(4))
    with pytest.raises(DataError, match="other: required at least one of"):
        OwnFile(path="other.npz").load(tmp_path)


def test_neurons_are_read_from_nwb(tmp_path):
    pynwb = pytest.importorskip("pynwb", reason="the extra `nwb` is not installed")
    session = pynwb.NWBFile("a session", "1", datetime(2026, 1, 1, tzinfo=UTC))
    session.add_trial_column(name="image", description="what was shown")
    for start, image in enumerate("abcda"):
        session.add_trial(start_time=float(start), stop_time=start + 0.5, image=image)
    session.add_unit_column(name="location", description="area")
    session.add_unit(spike_times=[0.1, 0.2, 1.1, 4.1], location="V4")
    session.add_unit(spike_times=[2.1, 3.3, 3.7], location="IT")
    with pynwb.NWBHDF5IO(str(tmp_path / "own.nwb"), "w") as io:
        io.write(session)
    found = brain("file", tmp_path, path="own.nwb", stimulus="image")
    assert found.names() == list("abcd")
    # spikes in half a second; the first stimulus was shown twice
    assert found.record.activity.values.tolist() == [[3, 0], [2, 0], [0, 2], [0, 2]]
    assert found.record.trial_activity.values[1, 0].tolist() == [2, 0]
    assert np.isnan(found.record.trial_activity.values[1, 1:]).all()
    assert found.record.unit_site.values.tolist() == ["V4", "IT"]
    with pytest.raises(DataError, match="no 'stimulus_name'. There are: start_time, stop_time, image"):
        brain("file", tmp_path, path="own.nwb")
    with pytest.raises(DataError, match="came 'rates'. There are: none"):
        brain("file", tmp_path, path="own.nwb", series="rates")
