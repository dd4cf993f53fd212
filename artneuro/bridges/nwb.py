"""Recordings to and from NWB files (Neurodata Without Borders, https://www.nwb.org), through pynwb.

NWB knows electrodes and seconds; a network has neither. What is written is what a reader of NWB looks for: the table
``units`` with one row a unit, the table ``trials`` with one row a stimulus, and the activity as a time series with one
sample a trial. What is read may be such a file, or one of a brain: responses that are sampled once a trial, or spikes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from artneuro import files, records
from artneuro._version import __version__
from artneuro.bridges.described import Columns, columns, labelled, named_stimuli, note_of, plane_of
from artneuro.errors import RecordError
from artneuro.extras import needed

OURS = "activity"
"""Name of the time series in the files that are written here."""

_TIMES = ("start_time", "stop_time")
_TIMELINES = ("spike_times", "obs_intervals")
_SPIKES = {"long_name": "spikes per second", "units": "s-1"}


def write_nwb(
    recording: xr.Dataset,
    path: Path | str,
    of: str = "activity",
    *,
    began: datetime = datetime(1970, 1, 1, tzinfo=UTC),
) -> None:
    """Write a recording to an NWB file, whole or not at all.

    Parameters
    ----------
    recording : Dataset
        Of one subject at one age, such as `artneuro.record` gives.
    path : path
        The file, ``.nwb`` by custom.
    of : str
        The variable, along ``stimulus`` and ``unit``.
    began : datetime
        When the session began. NWB asks for it, and a recording of a network does not know it: left out, the beginning
        of 1970 says so.

    Raises
    ------
    RecordError
        Where the variable is not there or has further dims.
    RunError
        Where pynwb is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import artneuro as an
    >>> digits = an.environment("digits", train_size=100, test_size=20)
    >>> recording = an.record(an.Subject.naive(an.anatomy("mlp", widths=(6,)), digits, seed=0), digits.test)
    >>> path = Path(tempfile.mkdtemp()) / "session.nwb"
    >>> write_nwb(recording, path)
    >>> read_nwb(path).identical(recording)
    True
    """
    nwb = library()
    activity = plane_of(recording, of)
    facts = records.provenance(recording) if "provenance" in recording.attrs else {}
    session = nwb.NWBFile(
        session_description="activity of the units of an artificial neural network, one sample a stimulus",
        identifier=f"{facts.get('subject', 'recording')} {activity.attrs['long_name']}",
        session_start_time=began,
        notes=note_of(recording[[of]], of),
        source_script=f"artneuro {__version__}",
        source_script_file_name="artneuro.bridges.nwb",
    )
    if "subject" in facts:
        about = f"artificial neural network; weights {facts.get('weights', {}).get(facts['subject'], 'unknown')}"
        session.subject = nwb.file.Subject(subject_id=str(facts["subject"]), description=about)
    shown = np.arange(activity.sizes["stimulus"], dtype=float)
    meaning = {name: _meaning(coord) for name, coord in activity.coords.items()}
    numbers = {"start_time": shown, "stop_time": shown + 1} | columns(activity, "stimulus")
    meaning |= {"start_time": "number of the stimulus, not seconds", "stop_time": "that of the next one"}
    session.trials = nwb.epoch.TimeIntervals(
        name="trials", description="one row a stimulus", **_table(nwb, numbers, meaning)
    )
    units = columns(activity, "unit")
    session.units = nwb.misc.Units(
        name="units",
        description="one row a unit of the network; it has activity, and no spikes",
        **(_table(nwb, units, meaning) if units else {"id": np.arange(activity.sizes["unit"])}),
    )
    series = nwb.TimeSeries(
        name=OURS,
        description=f"{activity.attrs['long_name']}: one row a stimulus, as in trials; one column a unit, as in units",
        data=activity.values,
        unit=activity.attrs["units"],
        timestamps=shown,
    )
    processing = nwb.ProcessingModule(name="artneuro", description="recordings of artneuro", data_interfaces=[series])
    session.add_processing_module(processing)
    import h5py  # comes with pynwb, which would warn of the name of the file beside

    with files.whole(path) as beside, h5py.File(beside, "w") as file, nwb.NWBHDF5IO(file=file, mode="w") as io:
        io.write(session)


def read_nwb(
    path: Path | str,
    *,
    series: str = "",
    window: tuple[float, float] | None = None,
    stimulus: str = "stimulus_name",
    site: str = "location",
) -> xr.Dataset:
    """Read a recording from an NWB file, of a network or of a brain.

    Parameters
    ----------
    path : path
        The file. Nothing in it is executed.
    series : str
        Name of a time series (sample, unit) with one sample a trial. Left out, that of `write_nwb` is taken, or, where
        there is none, spikes are counted.
    window : pair of float, optional
        Where spikes are counted: seconds after the beginning of each trial, from and up to. The whole trial, if left
        out.
    stimulus, site : str
        Columns of the tables ``trials`` and ``units`` that tell which stimulus was shown and where a unit lies, where
        there are such.

    Returns
    -------
    Dataset
        ``activity`` (stimulus, unit): what was written; or spikes per second, one row a trial. Columns of the tables
        that hold one number or name a row are coordinates. A column `stimulus` of names becomes ``stimulus_name``, and
        stimuli are numbered in the order in which they first come; trials of one stimulus share its number.

    Raises
    ------
    RecordError
        Where the file is not there, no NWB, or holds no such series and no spikes of trials; the text names it.
    RunError
        Where pynwb is not installed.
    """
    with _opened(path) as session:
        trials = _columns(session.trials)
        units = _columns(session.units)
        found = _series(session)
        name = series or OURS
        if series and series not in found:
            raise RecordError(f"{path}: required a time series of trials; came {series!r}. There are: {_named(found)}.")
        if name in found:
            values = np.asarray(found[name].data[:])
            values = values.reshape(len(values), -1)
            label = {"long_name": found[name].description, "units": str(found[name].unit)}
            if trials and len(values) != len(next(iter(trials.values()))):
                came = f"{len(values)} for {len(next(iter(trials.values())))} trials"
                raise RecordError(f"{path}: {name}: required one sample a trial; came {came}")
            if units and values.shape[1] != len(next(iter(units.values()))):
                units = {}  # columns of it are something else
        else:
            values, label = _rates(path, session, trials, window, found), _SPIKES
        note = session.notes if name == OURS and name in found else None
    if note:
        trials = {key: column for key, column in trials.items() if key not in _TIMES}
    if site in units and "unit_site" not in units:
        units = {("unit_site" if key == site else key): column for key, column in units.items()}
    along = {"stimulus": named_stimuli(trials, stimulus), "unit": units}
    data = labelled(values, "activity", ("stimulus", "unit"), along, note, label)
    for time in set(_TIMES) & set(data.coords):
        data[time].attrs["units"] = "s"
    return data


def library() -> ModuleType:
    """Return pynwb.

    Raises
    ------
    RunError
        Where it is not installed.
    """
    with needed("nwb", "this bridge", "pynwb"):
        import pynwb  # an extra: only who crosses this bridge needs it
    found: ModuleType = pynwb
    return found


def _meaning(coord: xr.DataArray) -> str:
    return f"{coord.attrs['long_name']} ({coord.attrs['units']})"


def _table(nwb: ModuleType, given: Columns, meaning: dict[Any, str]) -> dict[str, Any]:
    """Return the rows of a table by columns; added one by one, many units take minutes."""
    cells = {
        name: column.astype(object) if column.dtype.kind == "U" else column  # HDF5 has no fixed-length Unicode
        for name, column in given.items()
    }
    held = [nwb.core.VectorData(name=name, description=meaning[name], data=column) for name, column in cells.items()]
    return {"id": np.arange(len(next(iter(given.values())))), "columns": held, "colnames": list(given)}


@contextmanager
def _opened(path: Path | str) -> Iterator[Any]:
    nwb = library()
    if not Path(path).is_file():
        raise RecordError(f"{path}: there is no such file")
    try:
        io = nwb.NWBHDF5IO(str(path), "r", load_namespaces=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(f"{path}: not a readable NWB file ({error})") from error
    with io:
        try:
            session = io.read()
        except Exception as error:  # whatever a damaged file makes hdmf stumble over
            raise RecordError(f"{path}: not a readable NWB file ({error})") from error
        yield session


def _columns(table: Any) -> Columns:
    """Return the columns of a table that hold one number or name a row."""
    if table is None:
        return {}
    plain = [each for each in table.columns if type(each).__name__ == "VectorData" and each.name not in _TIMELINES]
    found = {each.name: np.asarray(each.data[:]) for each in plain}
    return {name: values for name, values in found.items() if _one_each(values, len(table))}


def _one_each(values: NDArray[Any], rows: int) -> bool:
    """Tell whether there is one number or name for each row."""
    if values.shape != (rows,):
        return False
    return values.dtype.kind in "iufb" or all(isinstance(one, str | bytes) for one in values.tolist())


def _series(session: Any) -> dict[str, Any]:
    """Return every time series of numbers in the file, by name."""
    known = [*session.acquisition.values()]
    for module in session.processing.values():
        known += module.data_interfaces.values()
    inner = [each for held in known for each in getattr(held, "time_series", {}).values()]
    return {each.name: each for each in [*known, *inner] if hasattr(each, "timestamps") and hasattr(each, "data")}


def _rates(
    path: Path | str, session: Any, trials: Columns, window: tuple[float, float] | None, found: dict[str, Any]
) -> NDArray[np.float64]:
    """Return spikes per second (trial, unit)."""
    if session.units is None or "spike_times" not in session.units.colnames or not set(_TIMES) <= set(trials):
        raise RecordError(
            f"{path}: required spikes of units and a table of trials, or the name of a `series`; came neither. "
            f"Time series in it: {_named(found)}."
        )
    start, stop = (trials[name] for name in _TIMES)
    if window is not None:
        if not window[0] < window[1]:
            raise RecordError(f"window: required seconds from and up to; came {window}")
        start, stop = start + window[0], start + window[1]
    column = session.units["spike_times"]
    counts = []
    for unit in range(len(session.units)):
        times = np.sort(np.asarray(column[unit]))
        counts.append(np.searchsorted(times, stop) - np.searchsorted(times, start))
    rates: NDArray[np.float64] = np.stack(counts, axis=1) / (stop - start)[:, None]
    return rates


def _named(found: dict[str, Any]) -> str:
    return ", ".join(sorted(found)) or "none"
