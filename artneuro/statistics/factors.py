"""The factor of a test that has one: between subjects or within them."""

from collections.abc import Mapping
from typing import TypeAlias

import xarray as xr

from artneuro.errors import DesignError, Problem
from artneuro.statistics.sample import Sample
from artneuro.statistics.twins import Pairing
from artneuro.statistics.wording import listing

ALL = "all"
"""Name of the one group of a test without a factor."""

BETWEEN_DOC = "factor between subjects: a coordinate of subjects, such as arm"
WITHIN_DOC = "factor within subjects: a dim of the variable, such as clamp; arm compares twins"
ALTERNATIVE_DOC = "what is asked of the first level against the second"
PLANNED_DOC = "an effect that the study was planned for; its power and the n it needs are reported"

Factor: TypeAlias = str | None


def is_condition(record: xr.Dataset, factor: str) -> bool:
    """Tell whether a factor varies within subjects (a dim) and not between them (a coordinate of subjects)."""
    return factor in record.dims


def require_between(record: xr.Dataset, factor: str) -> None:
    """Refuse a factor between subjects that varies within them."""
    if is_condition(record, factor):
        raise DesignError(
            f"{factor!r} varies within subjects: the same network was measured at every level, so its values are not "
            f"independent. Declare `within: {factor}`."
        )


def one_factor(record: xr.Dataset, between: Factor, within: Factor, pairing: Pairing) -> tuple[Factor, Pairing]:
    """Return the factor, and the pairing that its place implies: twins stand within a block, so within pairs them."""
    if between is not None and within is not None:
        raise DesignError(f"give between ({between}) or within ({within}), not both; mixed_anova takes both")
    if between is not None:
        require_between(record, between)
        return between, pairing
    return within, pairing if within is None or is_condition(record, within) else "paired"


def factor_problems(given: Mapping[str, object]) -> list[Problem]:
    """Refuse a declaration of which not exactly one of these fields is given."""
    named = [name for name, value in given.items() if value is not None]
    if len(named) == 1:
        return []
    came = " and ".join(named) if named else "none of them"
    return [Problem("", f"one of {listing(given)}", came, "Compare the levels of one factor, or with a number.")]


def as_one_group(sample: Sample) -> Sample:
    """Return a sample whose subjects all stand in one group."""
    table, order = sample.table.assign(**{ALL: ALL}), {**sample.order, ALL: (ALL,)}
    return Sample(table, sample.notes, (*sample.conditions, ALL), order, sample.designed)
