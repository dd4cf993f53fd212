"""Correlation: whether two measures go together over subjects, or over age within them."""

import math
from collections.abc import Iterable, Sequence
from typing import final

import pandas as pd
import xarray as xr

from artneuro.errors import Problem
from artneuro.fields import define_spec, param
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics import assumptions
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.association import Association, Method, associate
from artneuro.statistics.design import Question
from artneuro.statistics.factors import ALTERNATIVE_DOC, PLANNED_DOC
from artneuro.statistics.power import Alternative, power_table, power_words
from artneuro.statistics.result import Result
from artneuro.statistics.sample import Sample, draw
from artneuro.statistics.wording import bayes, degrees, interval, listing, p_value, share

REMEDIES = {"normality": "Spearman's correlation (`method: spearman`) does without it."}


def correlation(
    record: xr.Dataset,
    *,
    x: str,
    y: str,
    method: Method = "pearson",
    covariates: Sequence[str] = (),
    within: str | None = None,
    alternative: Alternative = "two-sided",
    planned: float | None = None,
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Test whether two variables are correlated over subjects, or within them.

    Parameters
    ----------
    record : Dataset
        With a dim `subject`.
    x, y : str
        The variables.
    method : "pearson" or "spearman"
        Linear, or of ranks.
    covariates : sequence of str
        Variables that are held constant (partial correlation).
    within : str, optional
        A condition (epoch): the correlation over its levels within subjects (repeated measures; Pearson only). With
        ``arm``, over arms within twins.
    planned : float, optional
        The correlation that the study was planned for.

    Returns
    -------
    Result
        Table "correlation", one row: x, y, effect_name, effect (the correlation), low, high (95 %), df, n (subjects),
        p, bf10 (Pearson alone). Tables "assumptions" (Pearson) and "power".

    Raises
    ------
    DesignError
        Where a variable is constant or there are fewer than four subjects.

    Examples
    --------
    >>> record = xr.Dataset(
    ...     {"auc": ("subject", [0.9, 0.8, 0.6, 0.5, 0.4]), "loss": ("subject", [1.0, 1.2, 2.0, 1.9, 3.0])})
    >>> correlation(record, x="auc", y="loss").sentences[0].split(", 95%")[0]
    'auc with loss over 5 subjects: r(3) = -.94, p = .018'
    """
    sample = draw(record, [x, y, *covariates], [within] if within else [], where=where, average=average, pooling=True)
    found = associate(sample, x, y, method, covariates, within)
    low, high = found.interval()
    row = {
        "x": x,
        "y": y,
        "effect_name": found.name,
        "effect": found.r,
        "low": low,
        "high": high,
        "df": found.df,
        "n": found.n,
        "p": found.p(alternative),
        "bf10": found.bayes(),
    }
    powers = power_table(
        found.name, found.r, planned, found.n, lambda r, n: found.power(r, n, alternative) if n >= 5 else math.nan
    )
    tables = {"correlation": pd.DataFrame([row]), "power": powers}
    notes = [*sample.notes, *pooling_note(sample, within)]
    if method == "pearson" and within is None:
        values = {name: sample.table[name].to_numpy(float) for name in (x, y)}
        tables["assumptions"] = assumptions.table(assumptions.normality(values))
        notes += assumptions.doubts(tables["assumptions"], REMEDIES)
    sided = "" if alternative == "two-sided" else f" (one-sided: {alternative})"
    said = words(found, x, y, covariates, within, f"{p_value(found.p(alternative))}{sided}")
    return Result("correlation", f"{x}, {y}", tables, (said, power_words(powers, "subjects")), tuple(notes))


def words(found: Association, x: str, y: str, covariates: Sequence[str], within: str | None, probability: str) -> str:
    """Return a correlation in the usual form."""
    held = f", {listing(covariates)} held constant" if covariates else ""
    over = f"over {within} within {found.n} subjects" if within else f"over {found.n} subjects"
    weight = "" if math.isnan(found.bayes()) else f", {bayes(found.bayes())}"
    low, high = found.interval()
    return (
        f"{x} with {y}{held} {over}: {found.name}({degrees(found.df)}) = {share(found.r)}, {probability}, "
        f"{interval(low, high, bounded=True)}{weight}."
    )


def pooling_note(sample: Sample, within: str | None) -> tuple[str, ...]:
    """Return what to say where subjects of several arms stand in one correlation."""
    if within is not None or "arm" not in sample.table or sample.table["arm"].nunique() < 2:
        return ()
    arms = list(dict.fromkeys(sample.table["arm"]))
    twins = ""
    if "seed" in sample.table and sample.table["seed"].duplicated().any():
        twins = " Twins (equal seeds) stand in it as strangers, so the interval may be too narrow."
    return (
        f"Subjects of {len(arms)} arms ({listing(arms)}) are pooled: the correlation may be one between arms and not "
        f"within them.{twins} `where: {{arm: {arms[0]}}}` asks within one, `within: arm` within twins.",
    )


@final
@register("correlation")
@define_spec
class Correlation(Analysis):
    """Correlation of two variables over subjects (Pearson, Spearman, partial), or within them (repeated measures)."""

    x: str = param(doc="one variable, as Record.variable")
    y: str = param(doc="the other")
    method: Method = param("pearson", doc="linear, or of ranks")
    covariates: tuple[str, ...] = param((), doc="variables held constant (partial correlation)")
    within: str | None = param(None, doc="condition over whose levels it is taken within subjects, such as epoch")
    alternative: Alternative = param("two-sided", doc=ALTERNATIVE_DOC)
    planned: float | None = param(None, doc=PLANNED_DOC)

    def problems(self) -> Iterable[Problem]:
        """Refuse what a repeated-measures correlation cannot do."""
        return within_problems(self.within, self.method, self.covariates)

    def _asks(self) -> Question:
        variables = {"x": self.x, "y": self.y, "covariates": self.covariates}
        return self._question(variables, {"within": self.within}, pooling=True)

    def _test(self, record: xr.Dataset) -> Result:
        return correlation(
            record,
            x=self.x,
            y=self.y,
            method=self.method,
            covariates=self.covariates,
            within=self.within,
            alternative=self.alternative,
            planned=self.planned,
            where=self.where,
            average=self.average,
        )


def within_problems(within: str | None, method: str, covariates: Sequence[str]) -> list[Problem]:
    """Refuse ranks and covariates in a repeated-measures correlation, which is linear and has none."""
    found = []
    if within is not None and method != "pearson":
        found.append(Problem("method", "pearson, where `within` is given", method, "Leave one of the two out."))
    if within is not None and covariates:
        found.append(Problem("covariates", "none, where `within` is given", listing(covariates), "Leave one out."))
    return found
