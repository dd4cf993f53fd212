"""Doubts: values that must not be relied on, as their record says itself. No claim is decided where they take part."""

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import xarray as xr

from artneuro.labels import FLAGS
from artneuro.selection import Where, select
from artneuro.statistics.wording import level, listing


def doubts(
    records: Mapping[str, xr.Dataset],
    addresses: Iterable[str],
    where: Where,
    levels: Mapping[str, Collection[str]],
) -> str:
    """Return in a sentence which values a claim would rest on that its records flag; nothing where there are none.

    Parameters
    ----------
    addresses : iterable of str
        The variables of the claim, as Record.variable.
    where : mapping
        What is selected first.
    levels : mapping of factor to levels
        The levels that the claim names, as text; of other factors all count.

    Examples
    --------
    >>> record = xr.Dataset({
    ...     "loss": ("subject", [0.1, 0.2, 0.9], {"ancillary_variables": "under_fitted"}),
    ...     "under_fitted": ("subject", [0, 0, 1], {"long_name": "under-fitted: training accuracy below the floor"})},
    ...     {"subject": ["a-0", "b-0", "c-0"], "arm": ("subject", ["a", "b", "c"])})
    >>> doubts({"R": record}, ["R.loss"], {}, {"arm": ["a", "b"]})
    ''
    >>> doubts({"R": record}, ["R.loss"], {}, {"arm": ["a", "c"]})
    '1 of 2 values of R.loss is not to be relied on (under-fitted: training accuracy below the floor; arm c).'
    """
    found = []
    for address in addresses:
        record, _, name = address.partition(".")
        source = records[record]
        flag = source[name].attrs.get(FLAGS)
        if flag is not None:
            found.append(_doubt(address, source[flag], where, levels))
    return " ".join(filter(None, found))


def _doubt(address: str, flag: xr.DataArray, where: Where, levels: Mapping[str, Collection[str]]) -> str:
    there = {key: asked for key, asked in where.items() if key in flag.coords}
    used = select(flag, there)
    for factor, named in levels.items():
        if factor in used.coords and used[factor].ndim == 1 and named:
            kept = [level(value) in named for value in used[factor].values]
            used = used.isel({used[factor].dims[0]: np.flatnonzero(kept)})
    flagged = int((used == 1).sum())
    if not flagged:
        return ""
    places = [
        f"{factor} {listing(_levels(used, factor))}" for factor in ("arm", *map(str, used.dims)) if _tells(used, factor)
    ]
    are = "is" if flagged == 1 else "are"
    meaning = "; ".join([str(flag.attrs.get("long_name", flag.name)), *places])
    return f"{flagged} of {used.size} values of {address} {are} not to be relied on ({meaning})."


def _tells(used: xr.DataArray, factor: str) -> bool:
    return factor != "subject" and factor in used.coords and used[factor].ndim == 1


def _levels(used: xr.DataArray, factor: str) -> list[str]:
    """Return the levels of a factor at which anything is flagged."""
    along = used[factor].dims[0]
    at = (used == 1).any([dim for dim in used.dims if dim != along]).values
    return list(dict.fromkeys(level(value) for value in used[factor].values[at]))
