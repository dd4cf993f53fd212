"""Labelled records -> one row a subject and condition: the only shape that tests see."""

from collections.abc import Mapping, Sequence

import pandas as pd
import xarray as xr

from artneuro.errors import DesignError
from artneuro.registry import suggestion
from artneuro.selection import Where, select
from artneuro.statistics.wording import level, listing

MEASUREMENTS: Mapping[str, str] = {
    "unit": "the units of one network share its weights and its history, so they are one observation, not many",
    "stimulus": "every network sees the same stimuli, so responses to them repeat one observation a network",
    "other": "each network is part of many pairs, so pairs are not independent, nor is a mean over a subject's pairs",
    "repeat": "repeats measure the same network again; more of them make its value more exact, not the sample larger",
}
"""Dims along which one subject is measured again and again, and why that makes no animals of them."""

IDENTITY = ("subject", "arm", "seed")
"""Columns that come first, where the record has them."""


def tidy(
    record: xr.Dataset,
    variables: str | Sequence[str],
    by: str | Sequence[str] = (),
    *,
    where: Where | None = None,
    average: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Return one row a subject and condition.

    Parameters
    ----------
    record : Dataset
        With a dim `subject`; arm, seed and other coordinates of subjects become columns.
    variables : str or sequence of str
        The variables to tabulate, one column each.
    by : str or sequence of str
        Dims whose levels are conditions that each subject was measured in (clamp, fraction, epoch, site, ...).
    where : mapping, optional
        What to select first, see `artneuro.selection.select`.
    average : str or sequence of str
        Dims to average over within each subject. Nothing is averaged unless it is named here.

    Returns
    -------
    DataFrame
        Columns: subject, arm, seed, other coordinates of subjects, `by`, `variables`. A missing value stays NaN, and
        an average over a missing value is missing.

    Raises
    ------
    SpecificationError
        Where `where` names what is not there.
    DesignError
        Where a dim is neither selected, a condition nor averaged; where units, stimuli or repeats are asked for as
        conditions, which would count them as animals; where a variable is no number or lacks a dim of `by`.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"accuracy": (("subject", "repeat"), [[0.5, 0.7], [0.8, 1.0]])},
    ...     {"subject": ["clean-0", "half-0"], "arm": ("subject", ["clean", "half"])})
    >>> print(tidy(record, "accuracy", average="repeat").to_string(index=False))
    subject   arm  accuracy
    clean-0 clean       0.6
     half-0  half       0.9
    """
    names, by, average = _names(variables), _names(by), _names(average)
    for name in names:
        if name not in record.data_vars:
            raise DesignError(
                f"the record has no variable {name!r}. {suggestion(name, list(map(str, record.data_vars)))}"
            )
    if "subject" not in record.dims:
        raise DesignError("the record has no dim 'subject': statistics need one value a subject, several subjects")
    for dim in by:
        if dim in MEASUREMENTS:
            raise DesignError(
                f"{dim!r} cannot be a condition: {MEASUREMENTS[dim]}. The subject is the animal. "
                f"Average over it (`average: {dim}`), or test a measure that has one value a subject."
            )
    data = xr.Dataset(_selected([record[name] for name in names], where or {}))
    dims = [str(dim) for dim in data.dims if dim != "subject"]
    of_subjects = [str(name) for name, along in data.coords.items() if along.dims == ("subject",) and name != "subject"]
    for dim in average:
        if dim not in dims:
            raise DesignError(f"{listing(names)} has no dim {dim!r} to average over. {suggestion(dim, dims)}")
    for dim in by:
        if dim not in (*dims, *of_subjects):
            advice = suggestion(dim, [*dims, *of_subjects])
            raise DesignError(f"{listing(names)} has no dim {dim!r}, nor is it a property of subjects. {advice}")
    conditions = [dim for dim in by if dim in dims]
    columns = {name: _column(data[name], conditions, average) for name in names}
    subjects = [name for name, along in data.coords.items() if along.dims == ("subject",)]
    frame = xr.Dataset(columns).to_dataframe(dim_order=["subject", *conditions]).reset_index()
    first = [name for name in IDENTITY if name in frame]
    others = [str(name) for name in subjects if name not in IDENTITY]
    return frame[[*first, *others, *conditions, *names]]


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _selected(variables: Sequence[xr.DataArray], where: Where) -> dict[str, xr.DataArray]:
    """Return what `where` keeps of each variable; a key holds for the variables that know it, and one must."""
    for key in where:
        if not any(key in variable.coords for variable in variables):
            select(variables[0], {key: where[key]})  # raises, and names the keys that are there
    return {
        str(variable.name): select(variable, {key: wanted for key, wanted in where.items() if key in variable.coords})
        for variable in variables
    }


def _column(variable: xr.DataArray, conditions: Sequence[str], average: Sequence[str]) -> xr.DataArray:
    """Return a variable with dims (subject, *conditions) and nothing else."""
    if variable.dtype.kind not in "iuf":
        raise DesignError(f"{variable.name} is no number ({variable.dtype}), so it cannot be tested")
    lacking = [dim for dim in conditions if dim not in variable.dims]
    if lacking:
        raise DesignError(f"{variable.name} does not vary along {listing(lacking)}, so it has no value a condition")
    # missing values are never skipped: the mean over what happens to be there is the mean of something else
    variable = variable.mean([dim for dim in average if dim in variable.dims], skipna=False)
    kept = {"subject", *conditions}
    # a dim of one level distinguishes nothing
    variable = variable.squeeze([dim for dim in variable.dims if dim not in kept and variable.sizes[dim] == 1])
    left = [str(dim) for dim in variable.dims if dim not in kept]
    if left:
        raise DesignError(" ".join(_left_over(variable, dim) for dim in left))
    return variable.drop_vars([name for name, along in variable.coords.items() if not along.dims])


def _left_over(variable: xr.DataArray, dim: str) -> str:
    """Say what to do with a dim that would give a subject several rows."""
    levels = [level(value) for value in variable[dim].values]
    if dim in MEASUREMENTS:
        return (
            f"{variable.name} has {len(levels)} values along {dim!r} in each subject: {MEASUREMENTS[dim]}. "
            f"Average over them (`average: {dim}`), or test a measure that has one value a subject."
        )
    return (
        f"{variable.name} varies along {dim!r} ({listing(levels)}). Choose one (`where: {{{dim}: {levels[0]}}}`), "
        f"make it a factor within subjects, or average over it (`average: {dim}`)."
    )
