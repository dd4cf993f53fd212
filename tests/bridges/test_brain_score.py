"""The bridge to Brain-Score, whose assemblies are arrays with one index of all coordinates along each dim."""

import numpy as np
import pytest
import xarray as xr

from artneuro.bridges import from_brain_score, to_brain_score
from artneuro.errors import RecordError


@pytest.fixture
def assembly():
    """As Brain-Score's tutorial on packaging data has it, with one time bin."""
    coords = {
        "stimulus_id": ("presentation", [f"img_{name}" for name in "abcabc"]),
        "repetition": ("presentation", [0, 0, 0, 1, 1, 1]),
        "neuroid_id": ("neuroid", ["n0", "n1", "n2", "n3"]),
        "region": ("neuroid", ["V4", "IT", "V4", "IT"]),
        "time_bin_start": ("time_bin", [70]),
        "time_bin_end": ("time_bin", [170]),
    }
    values = np.arange(24.0).reshape(6, 4, 1)
    return xr.DataArray(values, coords, dims=("presentation", "neuroid", "time_bin"))


def gathered(assembly):
    """What Brain-Score's classes do when they are made."""
    along = {dim: [name for name, coord in assembly.coords.items() if coord.dims == (dim,)] for dim in assembly.dims}
    return assembly.set_index({dim: names for dim, names in along.items() if names})


def test_a_recording_goes_and_comes_back(recording):
    there = to_brain_score(recording)
    assert type(there) is xr.DataArray
    assert there.dims == ("presentation", "neuroid")
    assert there.indexes["presentation"].names == ["stimulus_id", "stimulus", "target", "temperature"]
    np.testing.assert_array_equal(there.values, recording.activity.values)
    xr.testing.assert_identical(from_brain_score(there), recording)
    xr.testing.assert_identical(from_brain_score(there.T), recording)


def test_levels_choose_as_brain_score_does(recording):
    there = to_brain_score(recording)
    assert there.sel(layer="hidden1").shape == (6, 3)
    assert there.neuroid_id.values.tolist() == ["conv1.0", "conv1.1", "hidden1.0", "hidden1.1", "hidden1.2"]
    assert there.stimulus_id.values.tolist() == ["4", "9", "2", "7", "1", "30"]
    hidden = from_brain_score(there[:, there.layer.values == "hidden1"])
    xr.testing.assert_identical(hidden, recording.isel(unit=[2, 3, 4]))


@pytest.mark.parametrize("form", [lambda assembly: assembly, gathered])
def test_an_assembly_of_a_brain_becomes_a_recording(assembly, form):
    found = from_brain_score(form(assembly))
    np.testing.assert_array_equal(found.activity.values, assembly.values[..., 0])
    assert found.stimulus.values.tolist() == [0, 1, 2, 0, 1, 2]
    assert found.stimulus_name.values.tolist() == ["img_a", "img_b", "img_c"] * 2
    assert found.repetition.values.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.unit_site.values.tolist() == ["V4", "IT", "V4", "IT"]
    assert found.unit_index.values.tolist() == [0, 0, 1, 1]
    assert found.neuroid_id.values.tolist() == ["n0", "n1", "n2", "n3"]
    again = from_brain_score(to_brain_score(found))
    xr.testing.assert_identical(again.drop_vars("neuroid_id"), found.drop_vars("neuroid_id"))


def test_a_single_coordinate_keeps_its_meaning(assembly):
    bare = assembly.isel(time_bin=0, drop=True).drop_vars(["repetition", "region"])
    assert from_brain_score(gathered(bare)).stimulus_name.values.tolist() == ["img_a", "img_b", "img_c"] * 2


def test_the_class_of_brain_score_takes_it(recording):
    assemblies = pytest.importorskip(
        "brainscore_core.supported_data_standards.brainio.assemblies", reason="brainscore-core is not installed"
    )
    theirs = assemblies.NeuroidAssembly(to_brain_score(recording))
    theirs.validate()
    xr.testing.assert_identical(from_brain_score(theirs), recording)


def test_what_cannot_cross_is_refused(recording, assembly):
    with pytest.raises(RecordError, match="time_bin: required a single one; came 2 of them. Choose one, or average"):
        from_brain_score(assembly.isel(time_bin=[0, 0]))
    with pytest.raises(RecordError, match="dims presentation and neuroid; came stimulus, unit"):
        from_brain_score(recording.activity)
    with pytest.raises(RecordError, match="came subject, stimulus, unit"):
        to_brain_score(recording.drop_vars("subject").expand_dims("subject"))
