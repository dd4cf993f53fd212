"""Variables of one or several records -> one record, which is what a test reads."""

from collections.abc import Hashable, Iterable, Mapping

import xarray as xr

from artneuro.errors import DesignError, SpecificationError
from artneuro.selection import addressed
from artneuro.statistics.wording import listing


def gather(
    records: Mapping[str, xr.Dataset], addresses: Iterable[str], aligned: Mapping[str, str] | None = None
) -> xr.Dataset:
    """Return one record that holds the variables at `addresses`, each under its address.

    With `aligned`, a dim of one variable is read as a dim of another: ``{"epoch": "onset"}`` puts what was measured at
    an age beside what begins at that age. A variable that has the dim to be read as keeps its own.

    Only subjects and levels that all of the records have are kept; subjects that some record lacks are added to the
    attribute ``excluded``. The attribute ``cautions``, which every test repeats in its notes, holds those of all.

    Raises
    ------
    SpecificationError
        Where a record or a variable does not exist.
    DesignError
        Where variables cannot stand in one table, or differ between runs that are compared.

    Examples
    --------
    >>> lesions = xr.Dataset({"auc": ("subject", [0.8, 0.6])}, {"subject": ["clean-0", "clean-1"]})
    >>> history = xr.Dataset({"test_loss": ("subject", [0.1])}, {"subject": ["clean-0"]})
    >>> both = gather({"LesionStudy": lesions, "History": history}, ["LesionStudy.auc", "History.test_loss"])
    >>> both["LesionStudy.auc"].values, both.attrs["excluded"]
    (array([0.8]), 'clean-1 (not in History)')
    """
    parts: dict[str, xr.DataArray] = {}
    excluded: list[str] = []
    cautions: list[str] = []
    present: dict[str, set[str]] = {}
    for address in dict.fromkeys(addresses):
        record = address.partition(".")[0]
        source, name = _found(records, address)
        parts[address] = source[name].rename(renamed(source[name].dims, aligned or {}))
        excluded += [entry for entry in source.attrs.get("excluded", "").split(", ") if entry]
        cautions += source.attrs.get("cautions", "").splitlines()
        if "subject" in source.coords:
            present[record] = {str(subject) for subject in source["subject"].values}
    named_already = {entry.split(" (")[0] for entry in excluded}
    for subject in sorted(set().union(*present.values()) - named_already):
        lacking = [record for record, subjects in present.items() if subject not in subjects]
        if lacking:
            excluded.append(f"{subject} (not in {' and '.join(lacking)})")
    named = [part.rename(address) for address, part in parts.items()]
    try:
        # the same subject has the same arm and seed in every record of a run: the first stands for all
        joined = xr.merge(named, join="inner", compat="override", combine_attrs="drop")
    except ValueError as error:
        raise DesignError(f"{listing(parts)} cannot stand in one table: {error}") from error
    return joined.assign_attrs(excluded=", ".join(dict.fromkeys(excluded)), cautions="\n".join(dict.fromkeys(cautions)))


def renamed(dims: Iterable[Hashable], aligned: Mapping[str, str]) -> dict[Hashable, Hashable]:
    """Return which dims of a variable are read as others."""
    present = set(dims)
    return {dim: to for dim, to in aligned.items() if dim in present and to not in present}


def _found(records: Mapping[str, xr.Dataset], address: str) -> tuple[xr.Dataset, str]:
    try:
        return addressed(records, address)
    except SpecificationError as error:
        record, _, name = address.partition(".")
        reasons = records[record].attrs.get("not_comparable", "") if record in records else ""
        if f"{name} (" in reasons:
            raise DesignError(f"{address} cannot be compared between these runs: {reasons}") from error
        raise
