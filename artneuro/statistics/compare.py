"""Cohorts of several runs in one test: their records, joined."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from artneuro.errors import DesignError
from artneuro.labels import COORDS, DIMS
from artneuro.statistics.copies import without_copies
from artneuro.statistics.wording import listing


def compare(runs: Mapping[str, Mapping[str, xr.Dataset]]) -> dict[str, xr.Dataset]:
    """Join the records of several runs, so that every analysis and figure can take them as one cohort.

    Subjects of equal seed in different runs are paired like arms of one run: they are twins where anatomy and code were
    the same, and a valid (if useless) pairing where they were not; ``pairing: independent`` pairs nothing. One animal
    is counted once: see `artneuro.statistics.copies`.

    Parameters
    ----------
    runs : mapping of name to records
        Two or more. Records that all of them have are joined, the others left out.

    Returns
    -------
    dict of name to Dataset
        Along `subject`: coordinate `arm` is "run/arm", `run` the run, `arm_in_run` the arm there. Variables that some
        run lacks, or whose dims have other levels there, are left out, and named with the reason in the attribute
        ``not_comparable``; subjects that were excluded stay named in ``excluded``. The attribute ``cautions``, one a
        line, is what every test must say: cautions of the runs, and who is left out as a copy.

    Raises
    ------
    DesignError
        Where there are fewer than two runs, no record that all have, or all subjects are those of one run.

    Examples
    --------
    >>> def record(arm, auc):
    ...     return xr.Dataset({"auc": ("subject", auc)}, {"subject": [f"{arm}-0", f"{arm}-1"],
    ...                       "arm": ("subject", [arm, arm]), "seed": ("subject", [0, 1])})
    >>> runs = {name: {"LesionStudy": record("clean", [0.8, 0.9])} for name in ("sgd", "adam")}
    >>> compare(runs)["LesionStudy"].arm.values.tolist()
    ['sgd/clean', 'sgd/clean', 'adam/clean', 'adam/clean']
    """
    if len(runs) < 2:
        raise DesignError(f"a comparison takes two runs or more; came {len(runs)}: {listing(runs)}")
    names = [name for name in next(iter(runs.values())) if all(name in records for records in runs.values())]
    if not names:
        had = "; ".join(f"{run}: {listing(records)}" for run, records in runs.items())
        raise DesignError(f"the runs have no record in common ({had}), so there is nothing to compare")
    return {name: _joined({run: records[name] for run, records in runs.items()}) for name in names}


def _joined(records: Mapping[str, xr.Dataset]) -> xr.Dataset:
    parts = {run: _named(record, run) for run, record in records.items()}
    reasons: dict[str, str] = {}
    kept: list[str] = []
    for name in dict.fromkeys(str(name) for part in parts.values() for name in part.data_vars):
        reason = _difference(parts, name)
        if reason:
            reasons[name] = reason
        else:
            kept.append(name)
    if not kept:
        raise DesignError(f"the runs have no variable that can be compared: {_told(reasons)}")
    own, notes = without_copies(records, kept)
    joined = xr.concat(
        [_named(part[kept], run) for run, part in own.items()],
        dim="subject",
        join="exact",
        coords="minimal",
        compat="equals",
        combine_attrs="override",  # meaning and unit of a variable are those of the first run
    )
    excluded = [
        f"{run}/{entry}"
        for run, record in records.items()
        for entry in record.attrs.get("excluded", "").split(", ")
        if entry
    ]
    cautions = [
        f"{run}: {caution}"
        for run, record in records.items()
        for caution in record.attrs.get("cautions", "").split("\n")
        if caution
    ]
    # title and provenance are each run's own
    joined.attrs = {
        "excluded": ", ".join(excluded),
        "cautions": "\n".join([*notes, *cautions]),
        "not_comparable": _told(reasons),
    }
    return joined


def _named(record: xr.Dataset, run: str) -> xr.Dataset:
    """Return a record whose subjects and arms carry the name of their run."""
    arms = record["arm"].values if "arm" in record.coords else np.full(record.sizes["subject"], "all")
    coords = {
        "subject": [f"{run}/{subject}" for subject in record["subject"].values],
        "arm": [f"{run}/{arm}" for arm in arms],
        "run": [run] * len(arms),
        "arm_in_run": list(map(str, arms)),
    }
    for name, values in coords.items():
        label = DIMS[name] if name in DIMS else COORDS[name]
        attributes = {"long_name": label.long_name, "units": label.units}
        record = record.assign_coords({name: ("subject", values, attributes)})
    return record


def _difference(parts: Mapping[str, xr.Dataset], name: str) -> str:
    """Return why a variable cannot be joined; nothing where it can."""
    lacking = [run for run, part in parts.items() if name not in part]
    if lacking:
        return f"not in {' and '.join(lacking)}"
    variables = [part[name] for part in parts.values()]
    first = variables[0]
    for other in variables[1:]:
        if other.dims != first.dims:
            return f"dims {' and '.join(map(str, first.dims))} in one, {' and '.join(map(str, other.dims))} in another"
        for coord in {*first.coords, *other.coords}:
            if coord not in first.coords or coord not in other.coords:
                return f"{coord} in one run only"
            if "subject" not in first[coord].dims and not first[coord].equals(other[coord]):
                return f"other levels of {coord}"
        for dim in first.dims:
            if dim != "subject" and first.sizes[dim] != other.sizes[dim]:
                return f"{first.sizes[dim]} and {other.sizes[dim]} along {dim}"
    return ""


def _told(reasons: Mapping[str, str]) -> str:
    return "; ".join(f"{name} ({reason})" for name, reason in reasons.items())
