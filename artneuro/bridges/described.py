"""What labelled data say beside their numbers, in the one form that every other tool can carry: a line of text."""

import json
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from artneuro.errors import RecordError
from artneuro.labels import COORDS, DIMS, check_schema

Columns = dict[str, NDArray[Any]]

NOTE = "artneuro"
"""Name under which other tools carry the line."""

PLANE = ("stimulus", "unit")


def plane_of(recording: xr.Dataset, of: str) -> xr.DataArray:
    """Return the variable of a recording along (stimulus, unit).

    Raises
    ------
    RecordError
        Where it is not there, or has other dims.
    """
    if of not in recording:
        raise RecordError(f"required a variable {of!r}; came {', '.join(map(str, recording.data_vars)) or 'none'}")
    if set(recording[of].dims) != set(PLANE):
        raise RecordError(
            f"{of}: required the dims stimulus and unit; came {', '.join(map(str, recording[of].dims))}. Choose one "
            "subject or age first, such as recording.isel(subject=0)."
        )
    return recording[of].transpose(*PLANE)


def columns(array: xr.DataArray, dim: str) -> Columns:
    """Return the coordinates that lie along one dim alone, by name."""
    return {str(name): coord.values for name, coord in array.coords.items() if coord.dims == (dim,)}


def note_of(data: xr.Dataset, of: str) -> str:
    """Return meanings, units, attributes and what has a single value, as one line of JSON."""
    labels = {str(name): dict(variable.attrs) for name, variable in data.variables.items()}
    single = {str(name): coord.values.item() for name, coord in data.coords.items() if not coord.dims}
    note = {"of": of, "attributes": data.attrs, "labels": labels, "single": single}
    return json.dumps(note, sort_keys=True, default=lambda value: np.asarray(value).tolist())


def labelled(
    values: NDArray[Any],
    of: str,
    dims: Sequence[str],
    along: Mapping[str, Mapping[str, Any]],
    note: str | None,
    label: Mapping[str, str] | None = None,
) -> xr.Dataset:
    """Make a dataset of what another tool holds.

    Parameters
    ----------
    values : array
        With these `dims`.
    of : str
        Name of the variable, where no note tells it.
    dims : sequence of str
    along : mapping of dim to mapping of name to values
        Coordinates along each dim. A name that the vocabulary has keeps its meaning there.
    note : str, optional
        What `note_of` wrote, where the data came from here.
    label : mapping, optional
        `long_name` and `units` of the variable, where no note tells them.

    Raises
    ------
    RecordError
        Where a coordinate cannot stand in a record.
    """
    told: dict[str, Any] = json.loads(note) if note else {}
    of, labels = told.get("of", of), told.get("labels", {})
    data = xr.Dataset(attrs=told.get("attributes", {}))
    for dim, named in along.items():
        for name, given in named.items():
            if name in dims and name != dim:
                raise RecordError(f"{name}: a coordinate along {dim} cannot be called that; give it another name first")
            data = data.assign_coords({name: (dim, _plain(name, given), labels.get(name) or _label(name))})
    for name, value in told.get("single", {}).items():
        data = data.assign_coords({name: ((), value, labels.get(name) or _label(name))})
    unknown = {"long_name": of.replace("_", " "), "units": "1"}
    data[of] = (tuple(dims), values, labels.get(of) or {**unknown, **(label or {})})
    check_schema(data)
    return data


def _plain(name: Hashable, values: Any) -> NDArray[Any]:
    """Return values that netCDF can hold: numbers or text, one for each place."""
    array = np.asarray(values)
    if array.dtype.kind == "b":
        return array.astype(np.int8)
    if array.dtype.kind in "OSUT" and array.ndim == 1:
        texts = [one.decode() if isinstance(one, bytes) else one for one in array.tolist()]
        if all(isinstance(one, str | int | float) or one is None for one in texts):
            return np.array(["" if one is None else str(one) for one in texts], dtype=np.str_)
    if array.dtype.kind in "iufU" and array.ndim == 1:
        return array
    came = f"{array.dtype} of shape {array.shape}"
    raise RecordError(f"{name}: required a number or a name for each place; came {came}. Leave it out first.")


def _label(name: Hashable) -> dict[str, str]:
    known = DIMS.get(str(name)) or COORDS.get(str(name))
    if known is None:
        return {"long_name": str(name).replace("_", " "), "units": "1"}
    return {"long_name": known.long_name, "units": known.units}


def numbered(names: Sequence[Any]) -> NDArray[np.int64]:
    """Return the number of each name, counted in the order in which they first come.

    Examples
    --------
    >>> numbered(["face", "house", "face"])
    array([0, 1, 0])
    """
    number: dict[Any, int] = {}
    return np.array([number.setdefault(name, len(number)) for name in names], dtype=np.int64)


def named_stimuli(given: Columns, name: str) -> Columns:
    """Return the columns of stimuli with their numbers, where another tool knows them by a name.

    Numbers are kept where there are some; else stimuli are numbered in the order in which they first come, and one that
    comes again has the same number.
    """
    found = dict(given)
    own = found.get("stimulus")
    if own is not None and np.asarray(own).dtype.kind in "iu":
        return found
    if own is not None:
        name = "stimulus"
    if name in found:
        found["stimulus_name"] = np.asarray([str(one) for one in found.pop(name)])
        found["stimulus"] = numbered(found["stimulus_name"].tolist())
    return found
