"""Linear mixed model: several factors and numbers at once, within and between subjects, with gaps in the data."""

from collections.abc import Iterable, Sequence
from typing import final

import numpy as np
import pandas as pd
import xarray as xr

from artneuro.errors import DesignError, Problem
from artneuro.fields import define_spec, param, some
from artneuro.registry import register
from artneuro.selection import Where
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.coding import code
from artneuro.statistics.design import Question
from artneuro.statistics.mixed_fit import fit_mixed
from artneuro.statistics.result import Result
from artneuro.statistics.sample import Sample, draw
from artneuro.statistics.twins import PAIRING_DOC, Pairing, paired_by_seed, single
from artneuro.statistics.wording import interval, listing, number, p_value, share, statistic


def mixed_model(
    record: xr.Dataset,
    *,
    dv: str,
    fixed: str | Sequence[str],
    numeric: Sequence[str] = (),
    interactions: bool = True,
    slope: str | None = None,
    pairing: Pairing = "auto",
    where: Where | None = None,
    average: Sequence[str] = (),
) -> Result:
    """Fit a linear mixed model by restricted maximum likelihood.

    It goes where an ANOVA cannot: more than two factors, numbers (fraction, epoch) as predictors, subjects with missing
    conditions. Each subject has its own intercept (and slope); where arms hold twins, each seed has one, and each
    subject one within its seed.

    Parameters
    ----------
    record : Dataset
        With a dim `subject`.
    dv : str
        The variable.
    fixed : str or sequence of str
        Coordinates of subjects and dims of the variable.
    numeric : sequence of str
        Those of them that are numbers; the others are factors.
    interactions : bool
        Whether they all interact.
    slope : str, optional
        A number whose slope differs between blocks (seeds, or subjects).
    pairing : "auto", "paired" or "independent"
        Whether twins share an intercept.

    Returns
    -------
    Result
        Table "mixed_model", one row a coefficient (a factor's levels against its first): term, coefficient, low, high
        (95 %), se, z, p, effect_name, effect, effect_low, effect_high (coefficient over the standard deviation of one
        subject's value, random effects included). Table "terms", Wald tests of whole terms over the average of the
        others: source, chi2, df, p. Table "random": name, variance, sd. Table "model": rows, blocks,
        r_squared_marginal (fixed effects), r_squared_conditional (with random ones; Nakagawa and Schielzeth 2013),
        log_likelihood. Tests are asymptotic, so p is too small with few subjects; there is no power and no Bayes
        factor.

    Raises
    ------
    DesignError
        Where a cell of the design is empty, no block has two values, or the fit does not converge.

    Examples
    --------
    >>> import numpy as np
    >>> levels, arms = np.linspace(0, 1, 5), ["clean"] * 4 + ["half"] * 4
    >>> noise = np.random.default_rng(0).normal(0, 0.02, (8, 5))
    >>> accuracy = 0.9 - levels * np.repeat([0.2, 0.5], 4)[:, None] + noise
    >>> record = xr.Dataset(
    ...     {"accuracy": (("subject", "fraction"), accuracy)}, {"fraction": levels, "arm": ("subject", arms)})
    >>> result = mixed_model(record, dv="accuracy", fixed=["arm", "fraction"], numeric=["fraction"])
    >>> result.tables["terms"]["source"].tolist()
    ['arm', 'fraction', 'arm * fraction']
    """
    names = [fixed] if isinstance(fixed, str) else list(fixed)
    unknown = [name for name in (*numeric, *([slope] if slope else [])) if name not in names]
    if unknown:
        raise DesignError(f"{listing(unknown)} must be among the fixed effects ({listing(names)})")
    sample = draw(record, [dv], names, where=where, average=average, numeric=numeric)
    for name in names:
        if sample.table[name].nunique() < 2:
            raise DesignError(f"{name} has one level left, so it has no effect to estimate. {sample.losses}".strip())
    by, notes = _blocks(sample, names, numeric, pairing)
    levels = {name: sample.levels(name) for name in names if name not in numeric}
    coded = code(sample.table, names, levels, interactions)
    if np.linalg.matrix_rank(coded.treatment) < coded.treatment.shape[1]:
        raise DesignError(
            f"some combination of {listing(names)} has no value, so their interaction is not defined. "
            "Set `interactions: false`, or leave the level out by `where`."
        )
    fit = fit_mixed(sample, dv, coded, by, slope)
    said = (*_term_sentences(dv, fit.terms, by), *_coefficient_sentences(dv, fit.coefficients))
    tables = {"mixed_model": fit.coefficients, "terms": fit.terms, "random": fit.random, "model": fit.model}
    row = fit.model.iloc[0]
    explained = (
        f"{dv}: fixed effects explain R-squared = {share(row['r_squared_marginal'])} of the variance, with random "
        f"effects {share(row['r_squared_conditional'])}; {row['rows']:.0f} values of {row['blocks']:.0f} {by}s."
    )
    return Result("mixed_model", dv, tables, (*said, explained), (*sample.notes, *notes, *fit.notes))


def _blocks(
    sample: Sample, names: Sequence[str], numeric: Sequence[str], pairing: Pairing
) -> tuple[str, tuple[str, ...]]:
    """Return what makes a block, seed or subject, and what to say of it."""
    between = [name for name in names if name not in sample.conditions and name not in numeric]
    twins = bool(between) and all(
        paired_by_seed(sample, [factor], single(sample.levels(factor)), pairing) for factor in between
    )
    by = "seed" if twins else "subject"
    if not sample.table[by].duplicated().any():
        raise DesignError(
            f"every {by} has one value, so what lies between {by}s and within them cannot be told apart. "
            "Use anova or regression."
        )
    note = "Twins share a random intercept (seed)." if twins else ""
    return by, (note,) if note else ()


def _term_sentences(dv: str, table: pd.DataFrame, by: str) -> tuple[str, ...]:
    return tuple(
        f"{dv} by {row['source']} (mixed model, random intercept a {by}): Wald chi-squared({row['df']}) = "
        f"{statistic(row['chi2'])}, {p_value(row['p'])}."
        for _, row in table.iterrows()
    )


def _coefficient_sentences(dv: str, table: pd.DataFrame) -> tuple[str, ...]:
    return tuple(
        f"{dv}, {row['term']}: coefficient = {number(row['coefficient'])}, {interval(row['low'], row['high'])}, "
        f"z = {statistic(row['z'])}, {p_value(row['p'])}."
        for _, row in table.iloc[1:].iterrows()
    )


@final
@register("mixed_model")
@define_spec
class MixedModel(Analysis):
    """Linear mixed model with an intercept (and slope) for each subject, or for each seed of twins."""

    of: str = param(doc="the variable, as Record.variable")
    fixed: str | tuple[str, ...] = param(doc="coordinates of subjects and dims of the variable", check=some())
    numeric: tuple[str, ...] = param((), doc="those of them that are numbers; the others are factors")
    interactions: bool = param(True, doc="whether they all interact")
    slope: str | None = param(None, doc="a number whose slope differs between seeds, or subjects")
    pairing: Pairing = param("auto", doc=PAIRING_DOC)

    def problems(self) -> Iterable[Problem]:
        """Refuse numbers and slopes that are no fixed effects."""
        names = (self.fixed,) if isinstance(self.fixed, str) else self.fixed
        for field, given in (("numeric", self.numeric), ("slope", (self.slope,) if self.slope else ())):
            for name in given:
                if name not in names:
                    yield Problem(field, f"one of the fixed effects ({listing(names)})", repr(name))

    def _asks(self) -> Question:
        return self._question({"of": self.of}, {"fixed": self.fixed})

    def _test(self, record: xr.Dataset) -> Result:
        return mixed_model(
            record,
            dv=self.of,
            fixed=self.fixed,
            numeric=self.numeric,
            interactions=self.interactions,
            slope=self.slope,
            pairing=self.pairing,
            where=self.where,
            average=self.average,
        )
