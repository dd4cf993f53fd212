"""Repeated-measures ANOVA: whether conditions differ within subjects, or arms within twins."""

from collections.abc import Sequence
from typing import Any, final

import attrs
import numpy as np
import pandas as pd
import xarray as xr

from artneuro.errors import DesignError
from artneuro.fields import define_spec, param, some
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics import _pingouin, assumptions, f_table
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.design import Question
from artneuro.statistics.factors import PLANNED_DOC
from artneuro.statistics.pairs import CORRECTION_DOC, Correction, compare_pairs, pair_sentences
from artneuro.statistics.power import achieved_power, power_table, power_words
from artneuro.statistics.result import Result
from artneuro.statistics.sample import Sample, blocks, draw, require_spread, require_two
from artneuro.statistics.twins import paired_by_seed, single
from artneuro.statistics.wording import listing


def rm_anova(
    record: xr.Dataset,
    *,
    dv: str,
    within: str | Sequence[str],
    correction: Correction = "holm",
    planned: float | None = None,
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test whether the levels of one or two factors differ within blocks.

    A block is a subject, where the factors are conditions that each subject was measured in, or a set of twins (one
    seed), where `arm` is among them. Only complete blocks can be used; the others are named in the notes.

    Parameters
    ----------
    record : Dataset
        With a dim `subject`.
    dv : str
        The variable.
    within : str or sequence of str
        One or two factors; for more, use `mixed_model`.
    correction : str
        Of the pairwise tests that follow where there is one factor.
    planned : float, optional
        Partial eta squared that the study was planned for (one factor).

    Returns
    -------
    Result
        Table "rm_anova", one row an effect: source, ss, df1, df2, f, p, p_gg (corrected after Greenhouse and Geisser;
        NaN with two levels), epsilon, partial_eta_squared, eta_low, eta_high (90 %), bf10, power. Tables "posthoc"
        (one factor; as `pairwise`), "assumptions", "power" (one factor).

    Raises
    ------
    DesignError
        Where there are fewer than two complete blocks (three, where a factor has more than two levels), more than two
        factors, or an effect that is the same in every block.

    Examples
    --------
    >>> import numpy as np
    >>> auc = np.array([[0.9, 0.7], [0.8, 0.7], [0.95, 0.65], [0.85, 0.8]])
    >>> record = xr.Dataset({"auc": (("subject", "clamp"), auc)}, {"clamp": ["zero", "mean"]})
    >>> rm_anova(record, dv="auc", within="clamp").sentences[0].split(", partial")[0]
    'auc by clamp, within 4 subjects: F(1, 3) = 8.59, p = .061'
    """
    factors = [within] if isinstance(within, str) else list(within)
    sample = draw(record, [dv], factors, where=where, average=average)
    table, checks, n, how, notes = within_table(sample, dv, factors)
    tables = {"rm_anova": table, "assumptions": checks}
    sentences = tuple(f_table.sentence(dv, row, checks, how) for _, row in table.iterrows())
    if len(factors) == 1:
        pairs, left_out = compare_pairs(sample, dv, factors[0], "paired", correction)
        levels = len(sample.levels(factors[0]))
        eta = float(table["partial_eta_squared"].iloc[0])
        powers = power_table(
            f_table.ETA, eta, planned, n, lambda size, blocks: achieved_power("rm_anova", size, blocks, levels=levels)
        )
        tables |= {"posthoc": pairs, "power": powers}
        sentences += (*pair_sentences(dv, pairs), power_words(powers, "blocks"))
        notes += left_out
    doubts = assumptions.doubts(checks, f_table.REMEDIES)
    return Result("rm_anova", dv, tables, sentences, tuple(dict.fromkeys((*sample.notes, *notes, *doubts))))


def within_table(
    sample: Sample, dv: str, factors: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame, int, str, tuple[str, ...]]:
    """Return the ANOVA of complete blocks, its assumptions, their number, how they are made, and what was left out."""
    if len(factors) > 2:
        raise DesignError(
            f"{len(factors)} factors within subjects ({listing(factors)}); use mixed_model for three or more"
        )
    by, how = "subject", "subjects"
    for factor in factors:
        levels = sample.levels(factor)
        if len(levels) < 2:
            raise DesignError(f"{factor} has one level left ({listing(levels)}), so there is nothing to compare")
        if factor not in sample.conditions:
            paired_by_seed(sample, [factor], single(levels), "paired")  # refuses arms that share no seeds
            by, how = "seed", "sets of twins (one seed each)"
    wide, notes = blocks(sample, dv, factors, by)
    require_two(len(wide), f"the set of complete blocks ({how})", attrs.evolve(sample, notes=(*sample.notes, *notes)))
    for factor in factors:
        # two blocks differ in one direction: how three levels vary together cannot be told from that
        if len(wide) == 2 < len(levels := sample.levels(factor)):
            raise DesignError(
                f"2 blocks ({how}) are complete, and {factor} has {len(levels)} levels ({listing(levels)}); "
                f"with more than 2 levels at least 3 are needed. Rear more (`cohort: n`), or compare two levels."
            )
    size = float(wide.abs().to_numpy(float).max())
    residuals = _residuals(wide)
    for part, error in _errors(wide, factors).items():
        require_spread({"residuals": error.ravel()}, f"{dv} less its block and level means{part}", size)
    found = _pingouin.rm_anova(sample.table[sample.table[by].isin(wide.index)], dv, factors, by)
    n = len(wide)
    table = f_table.with_effects(found, {row["source"]: n * row["df1"] for _, row in found.iterrows()})
    checks = assumptions.table(assumptions.normality({"residuals": residuals.ravel()}), _spherical(wide, factors))
    return table, checks, n, f", within {n} {how}", notes


def twin_table(sample: Sample, dv: str, factors: Sequence[str]) -> Result:
    """Return the ANOVA within twins that stands beside one between subjects, as table "within_twins".

    Where twins cannot answer, the reason is a note: the test that was asked for stands without it.
    """
    try:
        table, checks, _, how, notes = within_table(sample, dv, factors)
    except DesignError as error:
        return Result("within_twins", dv, {}, (), (f"There is no test within twins: {error}",))
    sentences = tuple(f_table.sentence(dv, row, checks, how) for _, row in table.iterrows())
    return Result("within_twins", dv, {"within_twins": table}, sentences, notes)


def _residuals(wide: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return data (block, level) less the means of blocks and of levels."""
    values = wide.to_numpy(float)
    centred: np.ndarray[Any, Any] = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
    return centred


def _errors(wide: pd.DataFrame, factors: Sequence[str]) -> dict[str, np.ndarray[Any, Any]]:
    """Return what each effect is weighed against, by words for it: how the effect differs between blocks."""
    whole = _residuals(wide)
    if len(factors) == 1:
        return {"": whole}
    rest = pd.DataFrame(whole, columns=wide.columns)
    errors = {}
    for place, factor in enumerate(factors):
        errors[f" (its effect of {factor})"] = _residuals(wide.T.groupby(level=place, sort=False).mean().T)
        rest -= rest.T.groupby(level=place, sort=False).transform("mean").T
    return {**errors, f" (its interaction of {' and '.join(factors)})": rest.to_numpy(float)}


def _spherical(wide: pd.DataFrame, factors: Sequence[str]) -> list[dict[str, Any]]:
    """Check sphericity of each factor, over the mean of the other; the correction serves their interaction."""
    if len(factors) == 1:
        return assumptions.sphericity(wide.to_numpy(float), factors[0])
    rows = []
    for place, factor in enumerate(factors):
        means = wide.T.groupby(level=place, sort=False).mean().T
        rows += assumptions.sphericity(means.to_numpy(float), factor)
    return rows


@final
@register("rm_anova")
@define_spec
class RmAnova(Analysis):
    """Repeated-measures ANOVA of one or two factors within subjects, or of arms within twins."""

    of: str = param(doc="the variable, as Record.variable")
    within: str | tuple[str, ...] = param(doc="one or two factors: dims of the variable, or arm", check=some())
    correction: Correction = param("holm", doc=CORRECTION_DOC)
    planned: float | None = param(None, doc=PLANNED_DOC)

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"within": self.within})

    def _test(self, record: xr.Dataset) -> Result:
        return rm_anova(
            record,
            dv=self.of,
            within=self.within,
            correction=self.correction,
            planned=self.planned,
            where=self.where,
            average=self.average,
        )
