"""Labels of a claim -> cells of the design -> contrasts."""

from collections.abc import Sequence
from typing import Any

import xarray as xr

from artneuro.errors import DesignError, Problem
from artneuro.registry import suggestion
from artneuro.selection import Where
from artneuro.statistics.claim import Differ, Order, Same, Side, labels
from artneuro.statistics.factors import ALL, as_one_group
from artneuro.statistics.judgement import Contrasts
from artneuro.statistics.sample import Sample, draw
from artneuro.statistics.twins import Cell, Compared, Pairing, compare_cells
from artneuro.statistics.wording import level, listing

MEAN = "mean"
"""The mean of all subjects, where no level is called so."""

Comparison = Order | Same | Differ


def is_mean(claim: Comparison, levels: Sequence[str]) -> bool:
    """Tell whether a claim is about the mean of all subjects, and not about levels of a factor."""
    return labels(claim) == (MEAN,) and MEAN not in levels


def parts_of(label: str, factors: Sequence[str]) -> Cell:
    """Return the level of each factor that a label names.

    Examples
    --------
    >>> parts_of("turnover:on", ["arm", "clamp"]), parts_of("a:b", ["arm"])
    (('turnover', 'on'), ('a:b',))
    """
    parts = tuple(label.split(":")) if len(factors) > 1 else (label,)
    if len(parts) != len(factors):
        raise DesignError(str(part_problem(label, factors)))
    return parts


def part_problem(label: str, factors: Sequence[str]) -> Problem:
    """Return the problem that a label does not name a level of every factor."""
    return Problem("claim", f"a level of each of {listing(factors)}, as in a:b", repr(label))


def contrasts_of(
    record: xr.Dataset,
    dv: str,
    claim: Comparison,
    factors: Sequence[str],
    pairing: Pairing,
    where: Where,
    average: Sequence[str],
) -> tuple[Sample, Contrasts]:
    """Return the rows that a claim is about, and what turns its sides into contrasts of them.

    Raises
    ------
    DesignError
        Where a label is no level of its factor, or nothing is left.
    """
    known = {factor: _levels(record, factor) for factor in factors}
    if is_mean(claim, [text for levels in known.values() for text in levels]):
        whole = as_one_group(draw(record, [dv], where=where, average=average))
        return whole, lambda side: compare_cells(whole, dv, [ALL], {(ALL,): side.levels[MEAN]})
    cells = {label: parts_of(label, factors) for label in labels(claim)}
    for place, factor in enumerate(factors):
        for cell in cells.values():
            if cell[place] not in known[factor]:
                lost = f" Left out of the record: {record.attrs['excluded']}." if record.attrs.get("excluded") else ""
                raise DesignError(
                    f"{factor} has no level {cell[place]!r}. {suggestion(cell[place], list(known[factor]))}{lost}"
                )
    # other levels have no part in the claim: what is missing of them is no loss to it
    named = {
        factor: tuple(dict.fromkeys(known[factor][cell[place]] for cell in cells.values()))
        for place, factor in enumerate(factors)
        if factor not in where
    }
    sample = draw(record, [dv], factors, where={**where, **named}, average=average)

    def contrast(side: Side) -> Compared:
        weights = {cells[label]: weight for label, weight in side.levels.items()}
        return compare_cells(sample, dv, factors, weights, pairing)

    return sample, contrast


def _levels(record: xr.Dataset, factor: str) -> dict[str, Any]:
    """Return the levels of a factor in a record: as text, and as they are."""
    if factor not in record.coords:
        raise DesignError(
            f"{factor!r} has no levels in the record. {suggestion(factor, list(map(str, record.coords)))}"
        )
    return {level(value): value for value in record[factor].values.ravel().tolist()}
