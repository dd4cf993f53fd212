"""Recordings to and from the assemblies of Brain-Score: presentations by neuroids, as a plain xarray.DataArray.

What Brain-Score asks of an assembly, https://www.brain-score.org/tutorials: the dims ``presentation`` and ``neuroid``,
perhaps ``time_bin``, and the coordinates ``stimulus_id``, text, and ``neuroid_id``. Its own classes are subclasses of
DataArray and gather all coordinates of a dim into one index; here both are only made on the way out, and never kept.
"""

import json
from typing import Any

import numpy as np
import xarray as xr

from artneuro.bridges.described import NOTE, columns, labelled, named_stimuli, note_of, numbered, plane_of
from artneuro.errors import RecordError

DIMS = {"stimulus": "presentation", "unit": "neuroid"}
SITES = ("region", "layer")
"""What Brain-Score calls the place that a neuroid is in: of a brain, of a model."""


def to_brain_score(recording: xr.Dataset, of: str = "activity") -> xr.DataArray:
    """Turn a recording into an assembly.

    ``NeuroidAssembly(assembly)`` of Brain-Score takes what comes back; this needs nothing of theirs.

    Parameters
    ----------
    recording : Dataset
        Of one subject at one age, such as `artneuro.record` gives.
    of : str
        The variable, along ``stimulus`` and ``unit``.

    Returns
    -------
    DataArray
        Along ``presentation`` and ``neuroid``, with all coordinates of a dim as the levels of one index. Added are
        ``stimulus_id`` (the name of the stimulus, or its position, as text), ``neuroid_id`` (site and number) and
        ``layer`` (the site). Meanings, units and attributes are the attribute ``artneuro``, a line of JSON.

    Raises
    ------
    RecordError
        Where the variable is not there or has further dims.

    Examples
    --------
    >>> import artneuro as an
    >>> digits = an.environment("digits", train_size=100, test_size=20)
    >>> recording = an.record(an.Subject.naive(an.anatomy("mlp", widths=(6,)), digits, seed=0), digits.test)
    >>> assembly = to_brain_score(recording)
    >>> dict(assembly.sizes), list(assembly.indexes["neuroid"].names[:2]), assembly.neuroid_id.values[0].item()
    ({'presentation': 20, 'neuroid': 6}, ['neuroid_id', 'layer'], 'hidden1.0')
    >>> from_brain_score(assembly).identical(recording)
    True
    """
    activity = plane_of(recording, of)
    stimuli, units = columns(activity, "stimulus"), columns(activity, "unit")
    names = stimuli.get("stimulus_name", stimuli.get("stimulus", np.arange(activity.sizes["stimulus"])))
    ids: dict[str, Any] = {"stimulus_id": ("presentation", np.array([str(name) for name in names]))}
    sites = units.get("unit_site", np.full(activity.sizes["unit"], "unit"))
    numbers = units.get("unit_index", np.arange(activity.sizes["unit"]))
    named = np.array([f"{site}.{number}" for site, number in zip(sites, numbers, strict=True)])
    ids |= {"neuroid_id": ("neuroid", named), "layer": ("neuroid", sites)}
    told = [("presentation", stimuli), ("neuroid", units)]
    coords = ids | {name: (dim, column) for dim, known in told for name, column in known.items()}
    added = [name for name in ids if name not in stimuli and name not in units]
    attributes = {NOTE: json.dumps(json.loads(note_of(recording[[of]], of)) | {"added": added}, sort_keys=True)}
    assembly = xr.DataArray(activity.values, coords, dims=("presentation", "neuroid"), attrs=attributes)
    index = {dim: [name for name, coord in assembly.coords.items() if coord.dims == (dim,)] for dim in DIMS.values()}
    return assembly.set_index(index)


def from_brain_score(assembly: xr.DataArray) -> xr.Dataset:
    """Turn an assembly into a recording, the inverse of `to_brain_score`.

    Parameters
    ----------
    assembly : DataArray
        An assembly of Brain-Score, or a plain DataArray like one, along ``presentation`` and ``neuroid``; a single
        ``time_bin`` is dropped. Coordinates of a dim may be an index or stand by themselves.

    Returns
    -------
    Dataset
        ``activity`` (stimulus, unit). ``stimulus_id`` becomes ``stimulus_name``; stimuli are numbered in the order in
        which they first come, so presentations of one stimulus share a number, as crossnobis needs it. ``region``, or
        else ``layer``, also becomes ``unit_site``, and units are numbered within it. All others keep their names.

    Raises
    ------
    RecordError
        For other dims, several time bins, or a coordinate that cannot stand in a record.
    """
    plain = xr.DataArray(assembly)
    if "time_bin" in plain.dims:
        if plain.sizes["time_bin"] != 1:
            came = f"{plain.sizes['time_bin']} of them"
            raise RecordError(f"time_bin: required a single one; came {came}. Choose one, or average over them, first.")
        plain = plain.isel(time_bin=0, drop=True)
    if set(plain.dims) != {"presentation", "neuroid"}:
        came = ", ".join(map(str, plain.dims))
        raise RecordError(f"required the dims presentation and neuroid; came {came}. Is it an assembly of Brain-Score?")
    plain = plain.reset_index([dim for dim in DIMS.values() if dim in plain.indexes]).transpose(
        "presentation", "neuroid"
    )
    stimuli, units = (columns(plain, dim) for dim in DIMS.values())
    for column, dim, name in ((stimuli, "presentation", "stimulus_id"), (units, "neuroid", "neuroid_id")):
        if dim in column:  # an index of one level has taken the name of its dim
            column.setdefault(name, column.pop(dim))
    note = plain.attrs.get(NOTE)
    for name in json.loads(note)["added"] if note else []:
        stimuli.pop(name, None)
        units.pop(name, None)
    site = next((units[name] for name in SITES if name in units), None)
    if site is not None and "unit_site" not in units:
        names = [str(name) for name in site]
        units |= {"unit_site": np.array(names), "unit_index": _within(names)}
    along = {"stimulus": named_stimuli(stimuli, "stimulus_id"), "unit": units}
    return labelled(plain.values, str(plain.name or "activity"), ("stimulus", "unit"), along, note)


def _within(sites: list[str]) -> np.ndarray[Any, Any]:
    """Return the number of each unit within its site."""
    site = numbered(sites)
    found = np.empty(len(site), dtype=np.int64)
    for one in np.unique(site):
        found[site == one] = np.arange((site == one).sum())
    return found
