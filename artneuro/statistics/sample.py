"""Sample: the complete rows that a test uses, and in words every row that it does not."""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any, final

import attrs
import numpy as np
import pandas as pd
import xarray as xr

from artneuro.errors import DesignError
from artneuro.selection import Where
from artneuro.statistics.tidy import tidy
from artneuro.statistics.wording import level, listing


@final
@attrs.frozen(eq=False)
class Sample:
    """What a test uses.

    Parameters
    ----------
    table : DataFrame
        One row a subject and condition, without missing values; factors are text, in the order of the design.
    notes : tuple of str
        What was left out, and why.
    conditions : tuple of str
        The factors that vary within a subject (dims); the others vary between subjects.
    order : mapping of factor to levels
        The order of the design, which rows that are left out must not change: it gives differences their sign.
    designed : DataFrame
        Factors and seed of every subject of the design, lost ones included: what was paired stays paired.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    conditions: tuple[str, ...]
    order: Mapping[str, tuple[Any, ...]]
    designed: pd.DataFrame

    def levels(self, factor: str) -> list[Any]:
        """Return the levels of a factor that have a value, in the order of the design."""
        present = set(self.table[factor])
        return [one for one in self.order[factor] if one in present]

    def groups(self, dv: str, factor: str) -> dict[str, np.ndarray[Any, Any]]:
        """Return the values of each level of a factor.

        Raises
        ------
        DesignError
            Where there are fewer than two levels, a level has fewer than two subjects, or nothing varies.
        """
        levels = self.levels(factor)
        if len(levels) < 2:
            raise DesignError(
                f"{factor} has one level left ({listing(levels)}), so there is nothing to compare. {self.losses}"
            )
        groups = {one: self.table.loc[self.table[factor] == one, dv].to_numpy(float) for one in levels}
        for one, values in groups.items():
            require_two(len(values), f"{factor} {one}", self)
        require_spread(groups, dv)
        return groups

    def seeds(self, between: Sequence[str]) -> dict[tuple[str, ...], set[int]]:
        """Return the seeds that the design has in each group: level, or levels, of factors between subjects."""
        seeds: dict[tuple[str, ...], set[int]] = {}
        if "seed" in self.designed:
            for *group, seed in self.designed[[*between, "seed"]].dropna().itertuples(index=False, name=None):
                seeds.setdefault(tuple(map(str, group)), set()).add(int(seed))
        return seeds

    @property
    def losses(self) -> str:
        """What was left out, as one text to end a refusal with."""
        return " ".join(self.notes)


def draw(
    record: xr.Dataset,
    variables: Sequence[str],
    factors: Sequence[str] = (),
    *,
    where: Where | None = None,
    average: Sequence[str] = (),
    pooling: bool = False,
    numeric: Sequence[str] = (),
) -> Sample:
    """Return the complete rows of a record.

    Parameters
    ----------
    variables : sequence of str
        What is tested; a row is complete where all of them are finite.
    factors : sequence of str
        What rows differ in: coordinates of subjects (arm) or dims (clamp).
    pooling : bool
        Whether subjects of several arms may stand in one group; twins would then be counted as strangers, so it is
        refused unless a test says in its notes that it does so.
    numeric : sequence of str
        Factors that stay numbers; the others become text.

    Raises
    ------
    DesignError
        From `tidy`; where nothing is left; where several arms would be pooled.
    """
    table = tidy(record, variables, factors, where=where, average=average)
    excluded = _excluded(record, where or {})
    notes = [f"Not in the record (diverged in the epoch named, or as said): {listing(excluded)}."] if excluded else []
    notes += [caution for caution in record.attrs.get("cautions", "").split("\n") if caution]
    conditions = tuple(factor for factor in factors if factor in record.dims)
    text = [factor for factor in factors if factor not in numeric]
    table = table.assign(**{factor: [level(value) for value in table[factor]] for factor in text})
    designed = _designed(table, [factor for factor in factors if factor not in conditions], excluded)
    if "diverged" in table:
        lost = table[table["diverged"] >= 0]
        if len(lost):
            ages = dict(zip(lost["subject"], lost["diverged"], strict=True))
            names = listing(f"{subject} (epoch {int(age)})" for subject, age in ages.items())
            notes.append(f"Left out, because their loss diverged: {names}.")
        table = table[table["diverged"] < 0]
    order = {factor: tuple(dict.fromkeys(table[factor])) for factor in factors}
    finite = np.isfinite(table[list(variables)].to_numpy(float)).all(axis=1)
    if not finite.all():
        rows = table[~finite]
        names = listing(_row_name(row, conditions) for _, row in rows.iterrows())
        notes.append(f"Left out, because {listing(variables)} is missing or infinite there: {names}.")
    sample = Sample(table[finite].reset_index(drop=True), tuple(notes), conditions, order, designed)
    if not len(sample.table):
        raise DesignError(f"{listing(variables)}: no subject has a value. {sample.losses}")
    if not pooling:
        _refuse_pooling(sample, factors)
    return sample


_ENTRY = re.compile(r"(?P<arm>.+)-(?P<seed>\d+) \(")


def _excluded(record: xr.Dataset, where: Where) -> list[str]:
    """Return the subjects that the record itself is without, of the arms that are tested."""
    entries = [entry for entry in record.attrs.get("excluded", "").split(", ") if entry]
    asked = where.get("arm")
    if asked is None:
        return entries
    arms = asked if isinstance(asked, tuple | list) else (asked,)
    return [entry for entry in entries if (match := _ENTRY.match(entry)) is None or match["arm"] in arms]


def _designed(table: pd.DataFrame, between: Sequence[str], excluded: Sequence[str]) -> pd.DataFrame:
    """Return factors between subjects and seed of every subject; of the excluded, arm and seed are known."""
    known = table[[*between, *(name for name in ("seed",) if name in table)]].drop_duplicates()
    if "arm" not in between:
        return known
    lost = [(match["arm"], int(match["seed"])) for entry in excluded if (match := _ENTRY.match(entry))]
    return pd.concat([known, pd.DataFrame(lost, columns=["arm", "seed"])], ignore_index=True) if lost else known


def _row_name(row: "pd.Series[Any]", conditions: Sequence[str]) -> str:
    within = ", ".join(f"{condition} {row[condition]}" for condition in conditions)
    return f"{row['subject']} ({within})" if within else str(row["subject"])


def _refuse_pooling(sample: Sample, factors: Sequence[str]) -> None:
    if "arm" not in sample.table:
        return
    between = [factor for factor in factors if factor not in sample.conditions]
    groups = [sample.table] if not between else [rows for _, rows in sample.table.groupby(between, sort=False)]
    for rows in groups:
        arms = list(dict.fromkeys(rows["arm"]))
        if len(arms) > 1:
            raise DesignError(
                f"subjects of {len(arms)} arms ({listing(arms)}) would stand in one group, and twins in them count "
                f"as strangers. Choose one (`where: {{arm: {arms[0]}}}`) or make arm a factor."
            )


def require_two(n: int, group: str, sample: Sample) -> None:
    """Refuse a group of fewer than two subjects: it has no spread to measure a difference against."""
    if n < 2:
        raise DesignError(
            f"{group} has {n} subject{'s' * (n != 1)}; a test needs at least 2 in each group. Rear more (`cohort: n`). "
            f"{sample.losses}".strip()
        )


def require_spread(groups: Mapping[str, np.ndarray[Any, Any]], what: str, size: float = 0.0) -> None:
    """Refuse groups none of which varies: no test can weigh a difference against nothing.

    Parameters
    ----------
    size : float
        Size of the numbers that the values were computed from, where they are differences.
    """
    size = max(size, *(float(np.abs(values).max()) for values in groups.values()), 1e-300)
    # relative to the size of the numbers, rounding alone makes spreads of about 1e-16; a thousand times that is noise
    if all(np.ptp(values) <= 1e-13 * size for values in groups.values()):
        constant = listing(f"{one}: {float(values[0]):.6g}" for one, values in groups.items())
        raise DesignError(
            f"{what} is constant within every group ({constant}), so there is no spread to weigh a difference against. "
            "Compare the numbers themselves, or check that the protocol measured what it should."
        )


def blocks(sample: Sample, dv: str, factors: Sequence[str], by: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return complete blocks, shaped (block, level or pair of levels), and in words those that are not complete.

    Parameters
    ----------
    by : str
        What makes a block: "subject" (the same subject in every level) or "seed" (twins).
    """
    keys = list(factors)
    twice = sample.table.duplicated([by, *keys])
    if twice.any():
        row = sample.table[twice].iloc[0]
        where = ", ".join(f"{key} {row[key]}" for key in keys)
        raise DesignError(f"{by} {row[by]} has more than one value in {where}; a block holds one value a level")
    wide = sample.table.pivot(index=by, columns=keys if len(keys) > 1 else keys[0], values=dv)
    present = set(sample.table[keys].itertuples(index=False, name=None))
    grid = [cell for cell in itertools.product(*(sample.levels(key) for key in keys)) if cell in present]
    wide = wide[grid if len(keys) > 1 else [cell[0] for cell in grid]]
    complete = wide.notna().all(axis=1)
    notes: tuple[str, ...] = ()
    if not complete.all():
        names = listing(
            f"{by} {block} (nothing in {listing(_cell(cell) for cell in wide.columns[row.isna()])})"
            for block, row in wide[~complete].iterrows()
        )
        notes = (f"Left out, because not every level of {listing(keys)} has a value: {names}.",)
    return wide[complete], notes


def _cell(cell: Any) -> str:
    return " ".join(map(str, cell)) if isinstance(cell, tuple) else str(cell)
