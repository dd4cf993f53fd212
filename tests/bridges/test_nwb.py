"""The bridge to NWB: files that are written, opened with pynwb alone and read again, and files of brains."""

from datetime import UTC, datetime

import numpy as np
import pytest
import xarray as xr

from artneuro.bridges import read_nwb, write_nwb
from artneuro.errors import RecordError

pynwb = pytest.importorskip("pynwb", reason="the extra `nwb` is not installed")


@pytest.fixture
def spikes(tmp_path):
    """A session of two neurons: four trials of a second, two stimuli; and a series of responses, one a trial."""
    session = pynwb.NWBFile("a session", "1", datetime(2020, 1, 1, tzinfo=UTC))
    session.add_trial_column("image", "what was shown")
    for start, image in zip((0.0, 2.0, 4.0, 6.0), ("cat", "dog", "cat", "dog"), strict=True):
        session.add_trial(start_time=start, stop_time=start + 1.0, image=image)
    session.add_unit_column("location", "area")
    # the first: 3 spikes in the first trial, one of them early; 1 in the third, 1 between trials. The second: none
    session.add_unit(spike_times=[0.05, 0.2, 0.9, 1.5, 4.5], location="V4")
    session.add_unit(spike_times=[100.0], location="IT")
    responses = np.arange(8.0).reshape(4, 2)
    session.add_acquisition(
        pynwb.TimeSeries(name="responses", data=responses, unit="V", timestamps=[0.0, 2.0, 4.0, 6.0])
    )
    session.add_acquisition(pynwb.TimeSeries(name="running", data=np.zeros(9), unit="m/s", rate=1.0))
    path = tmp_path / "brain.nwb"
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(session)
    return path


def test_a_recording_goes_and_comes_back(recording, tmp_path):
    write_nwb(recording, tmp_path / "it.nwb")
    xr.testing.assert_identical(read_nwb(tmp_path / "it.nwb"), recording)
    assert [path.name for path in tmp_path.iterdir()] == ["it.nwb"]


def test_whoever_knows_nwb_finds_everything(recording, tmp_path):
    write_nwb(recording, tmp_path / "it.nwb", began=datetime(2026, 5, 4, tzinfo=UTC))
    assert pynwb.validate(path=str(tmp_path / "it.nwb")) == []
    with pynwb.NWBHDF5IO(str(tmp_path / "it.nwb"), "r") as io:
        session = io.read()
        series = session.processing["artneuro"]["activity"]
        np.testing.assert_array_equal(series.data[:], recording.activity.values)
        assert series.unit == "mV"
        assert session.units["unit_site"][:].tolist() == recording.unit_site.values.tolist()
        assert session.trials["target"][:].tolist() == recording.target.values.tolist()
        assert "degC" in session.trials["temperature"].description
        assert session.subject.subject_id == "clean-3"
        assert "f00d" in session.subject.description
        assert session.session_start_time.year == 2026


def test_spikes_are_counted_in_trials(spikes):
    found = read_nwb(spikes, stimulus="image")
    assert found.activity.values.tolist() == [[3, 0], [0, 0], [1, 0], [0, 0]]
    assert found.activity.attrs == {"long_name": "spikes per second", "units": "s-1"}
    assert found.unit_site.values.tolist() == ["V4", "IT"]
    assert found.stimulus_name.values.tolist() == ["cat", "dog", "cat", "dog"]
    assert found.stimulus.values.tolist() == [0, 1, 0, 1]
    assert found.start_time.attrs["units"] == "s"
    late = read_nwb(spikes, window=(0.1, 0.6))
    assert late.activity.values.tolist() == [[2, 0], [0, 0], [2, 0], [0, 0]]


def test_responses_are_read_as_they_are(spikes):
    found = read_nwb(spikes, series="responses", stimulus="image")
    np.testing.assert_array_equal(found.activity.values, np.arange(8).reshape(4, 2))
    assert found.activity.attrs["units"] == "V"
    assert found.unit_site.values.tolist() == ["V4", "IT"]


def test_what_cannot_be_read_is_refused(recording, spikes, tmp_path):
    with pytest.raises(RecordError, match="there is no such file"):
        read_nwb(tmp_path / "none.nwb")
    (tmp_path / "text.nwb").write_text("not HDF5")
    with pytest.raises(RecordError, match=r"text.nwb: not a readable NWB file"):
        read_nwb(tmp_path / "text.nwb")
    with pytest.raises(RecordError, match="came 'rates'. There are: responses, running"):
        read_nwb(spikes, series="rates")
    with pytest.raises(RecordError, match="running: required one sample a trial; came 9 for 4 trials"):
        read_nwb(spikes, series="running")
    with pytest.raises(RecordError, match="window: required seconds from and up to"):
        read_nwb(spikes, window=(0.5, 0.5))
    session = pynwb.NWBFile("an empty session", "2", datetime(2020, 1, 1, tzinfo=UTC))
    with pynwb.NWBHDF5IO(str(tmp_path / "empty.nwb"), "w") as io:
        io.write(session)
    with pytest.raises(RecordError, match="required spikes of units and a table of trials"):
        read_nwb(tmp_path / "empty.nwb")
    with pytest.raises(RecordError, match="came subject, stimulus, unit"):
        write_nwb(recording.drop_vars("subject").expand_dims("subject"), tmp_path / "no.nwb")
    assert not (tmp_path / "no.nwb").exists()
