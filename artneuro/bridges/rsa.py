"""Recordings and dissimilarities to and from rsatoolbox, whose `Dataset` and `RDMs` have descriptors for coordinates.

https://rsatoolbox.readthedocs.io
"""

import json
from collections.abc import Mapping
from itertools import product
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr

from artneuro.bridges.described import NOTE, Columns, columns, labelled, named_stimuli, note_of, plane_of
from artneuro.errors import RecordError
from artneuro.extras import needed

PAIRS = ("stimulus", "other_stimulus")


def to_rsatoolbox(recording: xr.Dataset, of: str = "activity") -> Any:
    """Turn a recording into a `rsatoolbox.data.Dataset`.

    Parameters
    ----------
    recording : Dataset
        Of one subject at one age, such as `artneuro.record` gives.
    of : str
        The variable, along ``stimulus`` and ``unit``.

    Returns
    -------
    rsatoolbox.data.Dataset
        Measurements (stimulus, unit); coordinates of stimuli are observation descriptors, those of units channel
        descriptors; meanings, units and attributes are the descriptor ``artneuro``, a line of JSON.

    Raises
    ------
    RecordError
        Where the variable is not there or has further dims.
    RunError
        Where rsatoolbox is not installed.

    Examples
    --------
    >>> import artneuro as an
    >>> digits = an.environment("digits", train_size=100, test_size=20)
    >>> recording = an.record(an.Subject.naive(an.anatomy("mlp", widths=(6,)), digits, seed=0), digits.test)
    >>> data = to_rsatoolbox(recording)
    >>> data.measurements.shape, sorted(data.channel_descriptors)[0]
    ((20, 6), 'unit_channel')
    >>> from_rsatoolbox(data).identical(recording)
    True
    """
    activity = plane_of(recording, of)
    return library().data.Dataset(
        activity.values,
        descriptors={NOTE: note_of(recording[[of]], of)},
        obs_descriptors=columns(activity, "stimulus"),
        channel_descriptors=columns(activity, "unit"),
    )


def from_rsatoolbox(data: Any) -> xr.Dataset:
    """Turn a `rsatoolbox.data.Dataset` into a recording, the inverse of `to_rsatoolbox`.

    Parameters
    ----------
    data : rsatoolbox.data.Dataset
        Of any origin. An observation descriptor ``stimulus`` or ``conds`` that holds names becomes ``stimulus_name``,
        and stimuli are numbered in the order in which they first come; an observation of a stimulus that was seen
        before has the same number, as crossnobis needs it.

    Returns
    -------
    Dataset
        ``activity`` (stimulus, unit), or what it was called before, with descriptors as coordinates.

    Raises
    ------
    RecordError
        Where a descriptor cannot stand in a record, such as one that holds several values for one observation.
    """
    along = {
        "stimulus": named_stimuli(dict(data.obs_descriptors), "conds"),
        "unit": dict(data.channel_descriptors),
    }
    rest = dict(data.descriptors)
    note = rest.pop(NOTE, None)
    found = labelled(np.asarray(data.measurements), "activity", ("stimulus", "unit"), along, note)
    return found.assign_attrs(
        {str(name): value for name, value in rest.items() if isinstance(value, str | int | float)}
    )


def rdms_to_rsatoolbox(record: xr.Dataset, of: str = "dissimilarity") -> Any:
    """Turn labelled dissimilarities into `rsatoolbox.rdm.RDMs`.

    Parameters
    ----------
    record : Dataset
        With the dims ``stimulus`` and ``other_stimulus``, and any others, such as ``subject`` and ``site``: one RDM for
        each of their combinations.
    of : str
        The variable, symmetric in its two stimuli.

    Returns
    -------
    rsatoolbox.rdm.RDMs
        In the order of the other dims, the last running fastest. Their labels, and coordinates along one of them, are
        RDM descriptors; coordinates of stimuli are pattern descriptors; meanings, units and attributes are the
        descriptor ``artneuro``.

    Raises
    ------
    RecordError
        Where the variable is not there, or is not square and symmetric.
    RunError
        Where rsatoolbox is not installed.

    Examples
    --------
    >>> square = 1.0 - np.eye(4)
    >>> labels = {"long_name": "dissimilarity", "units": "1"}
    >>> record = xr.Dataset({"dissimilarity": (("site", *PAIRS), [square, 2 * square], labels)})
    >>> rdms_to_rsatoolbox(record).get_vectors()[:, :3]
    array([[1., 1., 1.],
           [2., 2., 2.]])
    """
    if of not in record or not set(PAIRS) <= set(record[of].dims):
        raise RecordError(f"required a variable {of!r} along stimulus and other_stimulus; came {_shown(record, of)}")
    others = [str(dim) for dim in record[of].dims if dim not in PAIRS]
    array = record[of].transpose(*others, *PAIRS)
    _require_pairs(array)
    sizes = [array.sizes[dim] for dim in others]
    frame = array.isel(stimulus=0, other_stimulus=0, drop=True)
    beside = [name for name, coord in frame.coords.items() if coord.dims]
    named = {dim: array[dim] for dim in others} | {str(name): frame[name] for name in beside}
    told = {name: each.broadcast_like(frame).transpose(*others).values.reshape(-1) for name, each in named.items()}
    note = json.loads(note_of(record[[of]], of)) | {"others": others, "lie": {name: named[name].dims for name in told}}
    return library().rdm.RDMs(
        array.values.reshape(prod(sizes), *array.shape[-2:]),
        dissimilarity_measure=str(array.attrs.get("metric", array.attrs["long_name"])),
        descriptors={NOTE: json.dumps(note, sort_keys=True)},
        rdm_descriptors=told,
        pattern_descriptors=columns(array, "stimulus"),
    )


def rdms_from_rsatoolbox(rdms: Any) -> xr.Dataset:
    """Turn `rsatoolbox.rdm.RDMs` into labelled dissimilarities, the inverse of `rdms_to_rsatoolbox`.

    Parameters
    ----------
    rdms : rsatoolbox.rdm.RDMs
        Of any origin. A pattern descriptor ``stimulus`` or ``conds`` that holds names becomes ``stimulus_name``.

    Returns
    -------
    Dataset
        ``dissimilarity`` (..., stimulus, other_stimulus). The dims before are those it had before, where all their
        combinations are still there in their order; else there is one, ``rdm``.

    Raises
    ------
    RecordError
        Where a descriptor cannot stand in a record.
    """
    note = dict(rdms.descriptors).get(NOTE)
    told = _without_index(rdms.rdm_descriptors)
    of_recording = told.pop(NOTE, None)  # calc_rdm hands on what a recording said of its stimuli
    stimuli = named_stimuli(_without_index(rdms.pattern_descriptors), "conds")
    values = np.asarray(rdms.get_matrices())
    before = _as_before(told, json.loads(note), len(values)) if note else None
    others, lie = before or (["rdm"], {name: ["rdm"] for name in told})
    sizes = [len(dict.fromkeys(told[dim].tolist())) for dim in others] if before else [len(values)]
    whole = np.arange(len(values)).reshape(sizes)
    along: dict[str, dict[str, Any]] = {}
    for name, dims in lie.items():
        place = whole[tuple(slice(None) if dim in dims else 0 for dim in others)]
        along.setdefault(dims[0], {})[name] = told[name][place]
    along["stimulus"] = stimuli
    if "stimulus" in stimuli:
        along["other_stimulus"] = {"other_stimulus": stimuli["stimulus"]}
    label = {"long_name": f"dissimilarity ({rdms.dissimilarity_measure or 'unknown measure'})", "units": "1"}
    square = values.reshape(*sizes, *values.shape[-2:])
    if note is None and of_recording is not None:
        note = json.dumps({"labels": {**json.loads(str(of_recording[0]))["labels"], "dissimilarity": label}})
    return labelled(square, "dissimilarity", (*others, *PAIRS), along, note, label)


def library() -> ModuleType:
    """Return rsatoolbox.

    Raises
    ------
    RunError
        Where it is not installed.
    """
    with needed("rsatoolbox", "this bridge", "rsatoolbox"):
        import rsatoolbox  # an extra: only who crosses this bridge needs it
    found: ModuleType = rsatoolbox
    return found


def _shown(record: xr.Dataset, of: str) -> str:
    dims = ", ".join(map(str, record[of].dims)) if of in record else ""
    return f"the dims {dims}" if dims else f"the variables {', '.join(map(str, record.data_vars)) or 'none'}"


def _without_index(descriptors: Mapping[str, Any]) -> Columns:
    """Return descriptors without rsatoolbox's own running number."""
    return {str(name): np.asarray(values) for name, values in descriptors.items() if name != "index"}


def _require_pairs(array: xr.DataArray) -> None:
    """Refuse what is no dissimilarity of one set of stimuli: rsatoolbox keeps the pairs above the diagonal alone."""
    values = array.values
    if (
        values.shape[-1] != values.shape[-2]
        or not np.array_equal(array.stimulus.values, array.other_stimulus.values)
        or not np.array_equal(values, values.swapaxes(-1, -2), equal_nan=True)
        or np.diagonal(values, axis1=-2, axis2=-1).any()
    ):
        raise RecordError(
            f"{array.name}: required the same stimuli on both sides, the same value for (i, j) and (j, i), and 0 for "
            "(i, i); came something else"
        )


def _as_before(told: Columns, note: dict[str, Any], count: int) -> tuple[list[str], dict[str, list[str]]] | None:
    """Return dims before the stimuli, and where descriptors lie; None where RDMs are not all combinations any more."""
    others: list[str] = note["others"]
    lie = {name: dims for name, dims in note["lie"].items() if name in told}
    if not others:
        return (others, lie) if count == 1 else None
    rows = list(zip(*(told[dim].tolist() for dim in others), strict=True)) if set(others) <= set(told) else []
    levels = [list(dict.fromkeys(column)) for column in zip(*rows, strict=True)]
    return (others, lie) if rows and rows == list(product(*levels)) else None
