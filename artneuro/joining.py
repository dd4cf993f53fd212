"""Datasets of subjects -> one record: joined along a new dim, filled up where subjects differ in what they are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from artneuro.errors import DesignError
from artneuro.labels import OWN, check_schema
from artneuro.records import coordinate


def of_subjects(parts: Iterable[xr.Dataset], identities: Mapping[str, Any], title: str = "") -> xr.Dataset:
    """Join one dataset a subject along the dim `subject`.

    Subjects may differ in what they are: along `labels.OWN` (units, classes, layers, epochs lived) one that has fewer
    than others is filled up with not-a-number (whole numbers with -1, names with ""), and coordinates that differ, such
    as the site of each unit, lie along `subject` too. What they were asked, all other dims, must be the same.

    Parameters
    ----------
    parts : iterable of Dataset
        One a subject, without a `subject` dim.
    identities : mapping
        `subject`, `arm`, `seed`, `diverged`: one value a subject, in the order of `parts`.

    Raises
    ------
    DesignError
        Where subjects were not asked the same.
    """
    labels = xr.DataArray(list(identities["subject"]), dims="subject", name="subject")
    joined = joined_along(list(parts), labels)
    joined = joined.assign_coords({name: coordinate(name, along) for name, along in identities.items()})
    joined.attrs = {"title": title} if title else {}
    check_schema(joined)
    return joined


def joined_along(parts: Sequence[xr.Dataset], labels: xr.DataArray) -> xr.Dataset:
    """Join datasets along a new dim, such as what was measured on one subject at several ages.

    Along `labels.OWN` one that has fewer entries than others is filled up; coordinates that differ lie along the new
    dim too, as in `of_subjects`.

    Parameters
    ----------
    parts : sequence of Dataset
        One for each label.
    labels : DataArray, of one dim
        The coordinate of the new dim, by which errors name a part.

    Raises
    ------
    DesignError
        Where parts differ along another dim.
    """
    whole = _filled_up(list(parts), [str(label) for label in labels.values])
    coords = {name: coord for part in whole for name, coord in part.coords.items() if name not in part.dims}
    own = [name for name in coords if any(not coords[name].equals(part[name]) for part in whole)]
    # exact: parts that differ in a coordinate were not asked the same question, and aligning would hide it
    return xr.concat(
        [part.reset_coords(own) for part in whole],
        dim=labels,
        data_vars="all",
        join="exact",
        coords="minimal",
        compat="equals",
        combine_attrs="override",
    ).set_coords(own)


def _filled_up(parts: list[xr.Dataset], subjects: Sequence[str]) -> list[xr.Dataset]:
    """Return parts of equal dims."""
    for dim in dict.fromkeys(str(dim) for part in parts for dim in part.dims):
        having = [part for part in parts if dim in part.dims]
        if dim not in having[0].indexes:
            most = max(part.sizes[dim] for part in having)
            parts = [_longer(part, {dim: most}) if dim in part.dims else part for part in parts]
            continue
        along = [part[dim].values.tolist() if dim in part.dims else None for part in parts]
        richest_first = sorted((labels for labels in along if labels is not None), key=len, reverse=True)
        labels = list(dict.fromkeys(label for labels in richest_first for label in labels))
        if dim not in OWN:
            _require_same(dim, dict(zip(subjects, along, strict=True)))
        labels = sorted(labels) if dim == "epoch" else labels
        parts = [
            part if own is None or own == labels else part.reindex({dim: labels}, fill_value=_nameless(part))
            for part, own in zip(parts, along, strict=True)
        ]
    return parts


def _require_same(dim: str, along: Mapping[str, Any]) -> None:
    first = next(iter(along))
    for subject, labels in along.items():
        if labels != along[first]:
            raise DesignError(
                f"subjects that were not asked the same cannot stand in one record: {dim} of {first} is "
                f"{along[first]}, of {subject} it is {labels}. Give their arms an entry of their own, with `arms:` and "
                "`as:`; in Python, a record of their own."
            )


def _nameless(part: xr.Dataset) -> dict[Any, str]:
    """Return what names are filled up with; xarray would turn them into objects."""
    return {name: "" for name, variable in part.variables.items() if variable.dtype.kind == "U"}


def _longer(part: xr.Dataset, sizes: dict[str, int]) -> xr.Dataset:
    """Return a dataset whose dims have grown to `sizes`, filled up with what says that nothing is there."""
    missing: dict[str, Any] = {"f": np.nan, "i": -1, "u": 0, "U": ""}
    width = {dim: (0, size - part.sizes[dim]) for dim, size in sizes.items()}
    if not any(after for _, after in width.values()):
        return part
    names = [name for name in part.variables if set(width).intersection(part[name].dims)]
    grown = {
        name: part[name].variable.pad(width, constant_values=missing[part[name].dtype.kind], keep_attrs=True)
        for name in names
    }
    rest = part.drop_vars(names)
    return rest.assign({name: grown[name] for name in names if name not in part.coords}).assign_coords(
        {name: grown[name] for name in names if name in part.coords}
    )
