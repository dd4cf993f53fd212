"""Which part of a record is meant: a variable by its address, a part of it by `where`, one value a subject.

Statistics and figures ask the same questions of a record; both ask them here, so that a figure shows what was tested.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import shown
from artneuro.registry import suggestion

Value = str | int | float
Where = Mapping[str, Value | tuple[Value, ...]]
"""What is kept, by dim or coordinate: one value, or a list of values in the order in which they are to come."""


def addressed(records: Mapping[str, xr.Dataset], address: str, field: str = "of") -> tuple[xr.Dataset, str]:
    """Return the record and the name of the variable that an address such as ``LesionStudy.auc`` means.

    Parameters
    ----------
    records : mapping of name to Dataset
    address : str
        ``record.variable``.
    field : str
        Where the address was declared, for the error.

    Raises
    ------
    SpecificationError
        Where there is no such record or variable; the message carries the nearest valid name.
    """
    record, _, name = address.partition(".")
    if record not in records or not name:
        valid = [f"{known}.{name or 'VARIABLE'}" for known in records]
        advice = suggestion(address, valid)
        raise SpecificationError([Problem(field, "a variable, as Record.variable", shown(address), advice)])
    found: list[str] = [str(known) for known in records[record].data_vars]
    if name not in found:
        advice = suggestion(name, found)
        raise SpecificationError([Problem(field, f"a variable of the record {record}", shown(name), advice)])
    return records[record], name


def variable(records: Mapping[str, xr.Dataset], address: str, field: str = "of") -> xr.DataArray:
    """Return the variable that an address means; raises as `addressed` does.

    Examples
    --------
    >>> history = xr.Dataset({"test_loss": ("epoch", [0.9, 0.4])})
    >>> variable({"History": history}, "History.test_loss").values
    array([0.9, 0.4])
    """
    record, name = addressed(records, address, field)
    return record[name]


def select(data: xr.DataArray, where: Where) -> xr.DataArray:
    """Return the part of a variable that `where` names.

    Parameters
    ----------
    data : DataArray
    where : mapping of dim or coordinate to value or list
        One value of a dim drops the dim; a list keeps it, in the order of the list. A coordinate along a dim (`arm`,
        `seed` along `subject`; `unit_site` along `unit`) selects along that dim and never drops it. ``first`` and
        ``last`` are the first and last place along a dim where the subject has a value: subjects that stopped early
        have their own last epoch.

    Raises
    ------
    SpecificationError
        Where a name or value is not in the data; the message lists what is.

    Examples
    --------
    >>> arms = ("subject", ["clean", "half"])
    >>> auc = xr.DataArray([[0.9, 0.8], [0.7, 0.6]], {"arm": arms, "clamp": ["zero", "mean"]}, ("subject", "clamp"))
    >>> select(auc, {"arm": ("half",), "clamp": "mean"}).values
    array([0.6])
    """
    for name, wanted in where.items():
        if name not in data.coords or data.coords[name].ndim != 1:
            valid = [str(known) for known, along in data.coords.items() if along.ndim == 1]
            came = f"{name!r} of {data.name or 'the data'}"
            along = [known for known in valid if name in data.coords[known].dims]
            advice = suggestion(name, valid)
            if along:
                advice = f"{name} has no values of its own here; choose by what lies along it: {', '.join(along)}."
            raise SpecificationError([Problem("where", "the name of a dim or coordinate with values", came, advice)])
        single = isinstance(wanted, str | int | float)
        values: Sequence[Any] = [wanted] if single else list(wanted)  # type: ignore[arg-type]
        dim = str(data.coords[name].dims[0])
        if single and wanted in ("first", "last") and not _places(data.coords[name], wanted).size:
            data = _end(data, name, dim, str(wanted))
            continue
        places = [_places(data.coords[name], value) for value in values]
        missing = [value for value, found in zip(values, places, strict=True) if not found.size]
        if missing or not places:
            had = list(dict.fromkeys(data.coords[name].values.tolist()))
            required = f"values that are there ({shown(had)})"
            raise SpecificationError([Problem(f"where.{name}", required, shown(missing or values))])
        data = data.isel({dim: places[0][0] if single and name == dim else np.concatenate(places)})
        if name not in data.dims and name == dim:
            data = data.drop_vars(dim)
    return data


def _places(coordinate: xr.DataArray, value: Any) -> np.ndarray[Any, Any]:
    """Return where a coordinate has a value; numbers are equal up to rounding (0.15 is 3 * 0.05)."""
    if coordinate.dtype.kind in "iuf":
        if isinstance(value, str):
            return np.empty(0, dtype=int)
        return np.flatnonzero(np.isclose(coordinate.values, value, rtol=1e-9, atol=1e-12))
    text = value if isinstance(value, str) else f"{value:g}"
    return np.flatnonzero(coordinate.values.astype(str) == text)


def _end(data: xr.DataArray, name: str, dim: str, end: str) -> xr.DataArray:
    """Return each subject's own first or last value along a dim."""
    if name != dim:
        required = "a value of the coordinate; `first` and `last` are for dims"
        raise SpecificationError([Problem(f"where.{name}", required, repr(end))])
    there = data.notnull().any([other for other in data.dims if other not in ("subject", dim)])
    if end == "first":
        place = there.argmax(dim)
    else:
        place = data.sizes[dim] - 1 - there.isel({dim: slice(None, None, -1)}).argmax(dim)
    return data.isel({dim: place.drop_vars(place.coords)}).drop_vars(dim)


def within_subject(data: xr.DataArray, keep: Sequence[str] = ()) -> xr.DataArray:
    """Return the mean of each subject over every dim that is not kept: repeats are averaged, subjects never.

    Values that are not there (NaN) are left out of the mean.

    Examples
    --------
    >>> data = xr.DataArray([[1.0, 3.0], [2.0, 2.0]], dims=("subject", "repeat"))
    >>> within_subject(data).values
    array([2., 2.])
    """
    over = [dim for dim in data.dims if dim != "subject" and dim not in keep]
    return data.mean(over, skipna=True, keep_attrs=True) if over else data
