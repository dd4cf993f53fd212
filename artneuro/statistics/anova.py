"""ANOVA between subjects: whether arms differ at all, and which of them."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, final

import pandas as pd
import xarray as xr
from scipy import stats

from artneuro.errors import DesignError
from artneuro.fields import define_spec, param, some
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics import _pingouin, assumptions, f_table
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.design import Question
from artneuro.statistics.effects import d_interval
from artneuro.statistics.factors import PLANNED_DOC, require_between
from artneuro.statistics.pairs import compare_pairs, pair_sentences
from artneuro.statistics.power import achieved_power, power_table, power_words
from artneuro.statistics.result import Result
from artneuro.statistics.rm_anova import twin_table
from artneuro.statistics.sample import Sample, draw, require_spread, require_two
from artneuro.statistics.twins import PAIRING_DOC, STRANGERS, Pairing, paired_by_seed, shared_seeds, single, twins_note
from artneuro.statistics.wording import effect, interval, listing, number, p_value

Posthoc = Literal["tukey", "games-howell"]

TWINS_TOO = (
    "The arms hold twins (equal seeds), which this test takes for strangers, as the literature does; it is then "
    "usually too careful. The repeated-measures ANOVA within twins, given beside it, uses the design."
)


def anova(
    record: xr.Dataset,
    *,
    dv: str,
    between: str | Sequence[str],
    posthoc: Posthoc | None = None,
    pairing: Pairing = "auto",
    planned: float | None = None,
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test whether the levels of one or two factors between subjects differ.

    Arms that hold twins are tested twice: between subjects, as declared and as the literature does, and, where there
    is one factor and unless ``pairing="independent"``, within twins (`rm_anova` and paired t-tests), which is the test
    that the design asks for.

    Parameters
    ----------
    record : Dataset
        With a dim `subject`.
    dv : str
        The variable.
    between : str or sequence of str
        One or two coordinates of subjects.
    posthoc : "tukey" or "games-howell", optional
        Comparison of all pairs after it (one factor): Tukey's honest differences, or without equal variances.
    pairing : "auto", "paired" or "independent"
        Whether twins are also compared within their seed.
    planned : float, optional
        Partial eta squared that the study was planned for (one factor).

    Returns
    -------
    Result
        Table "anova", one row an effect: source, ss, df1, df2, f, p, partial_eta_squared, eta_low, eta_high (90 %),
        bf10, power. Table "posthoc": a, b, mean_a, mean_b, difference, low, high (95 %, simultaneous), se, df, p,
        effect_name, effect, effect_low, effect_high. Tables "within_twins" (as `rm_anova`) and "paired" (as
        `pairwise`, Holm) where there are twins. Tables "assumptions" and "power" (one factor).

    Raises
    ------
    DesignError
        Where a group has fewer than two subjects or nothing varies.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"auc": ("subject", [0.9, 0.8, 0.85, 0.7, 0.65, 0.6])}, {"arm": ("subject", ["clean"] * 3 + ["half"] * 3)})
    >>> anova(record, dv="auc", between="arm").sentences[0].split(", partial")[0]
    'auc by arm: F(1, 4) = 24.00, p = .008'
    """
    factors = [between] if isinstance(between, str) else list(between)
    for factor in factors:
        require_between(record, factor)
    sample = draw(record, [dv], factors, where=where, average=average)
    if len(factors) == 1:
        return _one_way(sample, dv, factors[0], posthoc, pairing, planned)
    if len(factors) > 2:
        raise DesignError(
            f"{len(factors)} factors between subjects ({listing(factors)}); use mixed_model for three or more"
        )
    if posthoc:
        raise DesignError("posthoc compares the levels of one factor; declare one analysis a factor")
    return _two_way(sample, dv, factors)


def _one_way(
    sample: Sample, dv: str, factor: str, posthoc: Posthoc | None, pairing: Pairing, planned: float | None
) -> Result:
    groups = sample.groups(dv, factor)
    n, levels = len(sample.table), len(groups)
    table = f_table.with_effects(_pingouin.anova(sample.table, dv, [factor]), {factor: n})
    checks = assumptions.table(assumptions.normality(groups), assumptions.equal_variances(groups))
    smallest = min(map(len, groups.values()))
    powers = power_table(
        f_table.ETA,
        float(table["partial_eta_squared"].iloc[0]),
        planned,
        smallest,
        lambda size, n: achieved_power("anova", size, n, levels=levels),
    )
    tables = {"anova": table, "assumptions": checks, "power": powers}
    sentences: list[str] = [f_table.sentence(dv, table.iloc[0], checks)]
    notes = [*sample.notes, *assumptions.doubts(checks, f_table.REMEDIES)]
    if posthoc:
        tables["posthoc"] = posthoc_table(sample, dv, factor, posthoc)
        sentences += posthoc_sentences(dv, tables["posthoc"], posthoc)
    if paired_by_seed(sample, [factor], single(groups), pairing):
        within_twins = twin_table(sample, dv, [factor])
        pairs, left_out = compare_pairs(sample, dv, factor, "paired")
        tables |= {**within_twins.tables, "paired": pairs}
        sentences += [*within_twins.sentences, *pair_sentences(dv, pairs)]
        notes += [TWINS_TOO, *within_twins.notes, *left_out]
    elif len(shared_seeds(sample, [factor], single(groups))) >= 2:
        notes.append(STRANGERS)
    sentences.append(power_words(powers, "subjects a group"))
    return Result("anova", dv, tables, tuple(sentences), tuple(dict.fromkeys(notes)))


def _two_way(sample: Sample, dv: str, factors: Sequence[str]) -> Result:
    rows = sample.table.groupby(list(factors), sort=False)[dv]
    cells = {" ".join(map(str, cell)): values.to_numpy(float) for cell, values in rows}
    for factor in factors:
        sample.groups(dv, factor)  # refuses a factor of one level
    expected = math.prod(len(sample.levels(factor)) for factor in factors)
    if len(cells) < expected:
        raise DesignError(
            f"{expected - len(cells)} of the {expected} cells of {' x '.join(factors)} are empty, so their interaction "
            f"is not defined. There are {listing(cells)}. Join the factors into one, or leave the empty level out."
        )
    for cell, values in cells.items():
        require_two(len(values), f"the cell {cell}", sample)
    require_spread(cells, dv)
    n = len(sample.table)
    found = _pingouin.anova(sample.table, dv, factors)
    table = f_table.with_effects(found, dict.fromkeys(found["source"], float(n)))
    checks = assumptions.table(assumptions.normality(cells), assumptions.equal_variances(cells))
    sentences = tuple(f_table.sentence(dv, row, checks) for _, row in table.iterrows())
    twins = twins_note(sample, factors, "rm_anova")
    notes = (*sample.notes, *assumptions.doubts(checks, f_table.REMEDIES), *twins)
    return Result("anova", dv, {"anova": table, "assumptions": checks}, sentences, notes)


def posthoc_table(sample: Sample, dv: str, factor: str, method: Posthoc) -> pd.DataFrame:
    """Return all pairs of levels with simultaneous intervals (see `anova`)."""
    found = _pingouin.posthoc(sample.table, dv, factor, method)
    groups = sample.groups(dv, factor)
    rows = []
    for _, row in found.iterrows():
        a, b = groups[row["a"]], groups[row["b"]]
        # the studentised range is a range of single means; a difference of two spreads sqrt(2) more
        reach = _range_quantile(len(groups), float(row["df"])) / math.sqrt(2) * row["se"]
        df = len(a) + len(b) - 2
        sd = math.sqrt(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / df)
        scale = math.sqrt(1 / len(a) + 1 / len(b))
        d = row["difference"] / sd if sd > 0 else math.nan
        low, high = d_interval(d, scale, df) if sd > 0 else (math.nan, math.nan)
        rows.append(
            {
                "low": row["difference"] - reach,
                "high": row["difference"] + reach,
                "effect_name": "Cohen's d",
                "effect": d,
                "effect_low": low,
                "effect_high": high,
            }
        )
    joined = pd.concat([found, pd.DataFrame(rows)], axis=1)
    order = ["a", "b", "mean_a", "mean_b", "difference", "low", "high", "se", "df", "p"]
    return joined[[*order, "effect_name", "effect", "effect_low", "effect_high"]]


@lru_cache
def _range_quantile(levels: int, df: float) -> float:
    """Return the 95 % quantile of the studentised range; an integral that takes long, the same for all pairs."""
    return float(stats.studentized_range.isf(0.05, levels, df))


def posthoc_sentences(dv: str, table: pd.DataFrame, method: Posthoc) -> list[str]:
    """Return the rows of `posthoc_table` in the usual form."""
    name = {"tukey": "Tukey", "games-howell": "Games-Howell"}[method]
    return [
        f"{dv}, {row['a']} against {row['b']} ({name}): difference = {number(row['difference'])}, "
        f"{interval(row['low'], row['high'])}, {p_value(row['p'])}, "
        f"{effect(row['effect_name'], row['effect'], row['effect_low'], row['effect_high'])}."
        for _, row in table.iterrows()
    ]


@final
@register("anova")
@define_spec
class Anova(Analysis):
    """One- or two-way ANOVA between subjects; where arms hold twins, within twins as well."""

    of: str = param(doc="the variable, as Record.variable")
    between: str | tuple[str, ...] = param(doc="one or two coordinates of subjects, such as arm", check=some())
    posthoc: Posthoc | None = param(None, doc="comparison of all pairs after it (one factor)")
    pairing: Pairing = param("auto", doc=PAIRING_DOC)
    planned: float | None = param(None, doc=PLANNED_DOC)

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"between": self.between})

    def _test(self, record: xr.Dataset) -> Result:
        return anova(
            record,
            dv=self.of,
            between=self.between,
            posthoc=self.posthoc,
            pairing=self.pairing,
            planned=self.planned,
            where=self.where,
            average=self.average,
        )
