"""Interaction: whether the effect of one factor depends on another; the test follows from what pairs the cells."""

from collections.abc import Sequence

import pandas as pd
import xarray as xr

from artneuro.errors import DesignError
from artneuro.selection import Where
from artneuro.statistics import f_table
from artneuro.statistics.anova import anova
from artneuro.statistics.judgement import NEVER_CONTRADICTED, Judgement
from artneuro.statistics.mixed_anova import mixed_table
from artneuro.statistics.rm_anova import within_table
from artneuro.statistics.sample import draw
from artneuro.statistics.twins import Pairing, paired_by_seed, single
from artneuro.statistics.verdict import ALPHA, decide


def judge_interaction(
    record: xr.Dataset,
    dv: str,
    factors: tuple[str, str],
    pairing: Pairing,
    where: Where,
    average: Sequence[str],
) -> tuple[Judgement, tuple[str, ...]]:
    """Judge an interaction: within blocks where both factors are conditions or arms of twins, mixed, or between."""
    sample = draw(record, [dv], list(factors), where=where, average=average)
    between = [factor for factor in factors if factor not in sample.conditions]
    if not between or (
        len(between) == 1 and paired_by_seed(sample, between, single(sample.levels(between[0])), pairing)
    ):
        table, checks, n, how, notes = within_table(sample, dv, factors)
    elif len(between) == 1:
        (inner,) = sample.conditions
        table, checks, notes = mixed_table(sample, dv, between[0], inner)
        n, how = int(sample.table["subject"].nunique()), f", {between[0]} between subjects"
    else:
        result = anova(record, dv=dv, between=list(factors), where=where, average=average)
        table, checks, notes = result.table, result.tables["assumptions"], result.notes
        n, how = len(sample.table), ", both between subjects"
    row = _interaction(table)
    p = f_table.corrected(row, checks)[2]
    judged = Judgement(
        verdict=decide(p < ALPHA, False),
        effect=float(row["partial_eta_squared"]),
        effect_name=f_table.ETA,
        low=float(row["eta_low"]),
        high=float(row["eta_high"]),
        p=p,
        n=n,
        power=float(row["power"]),
        sentence=f"{f_table.sentence(dv, row, checks, how).removesuffix('.')}, n = {n}.",
        notes=(*notes, *NEVER_CONTRADICTED),
    )
    return judged, sample.notes


def _interaction(table: pd.DataFrame) -> "pd.Series[float]":
    rows = table[table["source"].str.contains(" * ", regex=False)]
    if len(rows) != 1:
        raise DesignError(f"the table of effects has {len(rows)} interactions, not one: {list(table['source'])}")
    return rows.iloc[0]
