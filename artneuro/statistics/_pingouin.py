"""The only door to pingouin: its columns come out under our names, whatever its version calls them.

pingouin renames columns between versions (``p-unc`` became ``p_unc``), rounds intervals, formats Bayes factors as text,
sorts levels by name and drops incomplete subjects without a word. So here: names are looked up by meaning, intervals
are computed elsewhere, levels keep the order of the design, and incomplete data are refused by `_whole` (callers say
first what they leave out).
"""

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pingouin as pg

Array = np.ndarray[Any, Any]

_CORRECTIONS = {"none": "none", "holm": "holm", "bonferroni": "bonf", "sidak": "sidak", "fdr": "fdr_bh"}


@contextmanager
def _expected_warnings() -> Iterator[None]:
    """Silence only what pingouin itself does wrongly with the pandas beside it, not what it says about the data."""
    with warnings.catch_warnings():
        # pingouin 0.7 calls dropna and rename with `inplace`, which pandas 3.1 is about to forbid
        warnings.filterwarnings("ignore", message="The inplace keyword in DataFrame", category=DeprecationWarning)
        yield


def _plain_name(column: str) -> str:
    """Return a column's name as every version spells it: ``p-unc``, ``p_unc`` -> ``p_unc``.

    Examples
    --------
    >>> [_plain_name(name) for name in ("p-unc", "p_unc", "mean(A)", "p-GG-corr")]
    ['p_unc', 'p_unc', 'mean_a', 'p_gg_corr']
    """
    return re.sub(r"[^0-9a-z]+", "_", str(column).lower()).strip("_")


def _columns(answer: pd.DataFrame, wanted: dict[str, tuple[str, ...]], optional: Sequence[str] = ()) -> pd.DataFrame:
    """Return `wanted` (our name -> the names that pingouin has used for it) as a table under our names."""
    theirs = {_plain_name(column): column for column in answer.columns}
    found: dict[str, Any] = {}
    for ours, names in wanted.items():
        known = [theirs[name] for name in names if name in theirs]
        if known:
            found[ours] = answer[known[0]].to_numpy()
        elif ours in optional:
            found[ours] = np.full(len(answer), np.nan)
        else:
            raise RuntimeError(
                f"pingouin {pg.__version__} gives no column {' or '.join(names)}, only {', '.join(theirs)}; "
                "install a version that artneuro knows (see constraints.txt)"
            )
    return pd.DataFrame(found)


def _whole(table: pd.DataFrame) -> None:
    missing = int(table.isna().to_numpy().sum())
    if missing:
        raise ValueError(f"{missing} missing values reached a test; the caller must leave them out, and say so")


def _coded(table: pd.DataFrame, dv: str, factors: Sequence[str], block: str | None = None) -> pd.DataFrame:
    """Return columns dv, f0, f1, ..., block, with levels as numbers in order of appearance.

    Numbers keep the order of the design where pingouin sorts; names without odd characters are safe in formulas.
    """
    columns: dict[str, Any] = {"dv": table[dv].to_numpy(float)}
    for place, factor in enumerate(factors):
        columns[f"f{place}"] = pd.factorize(table[factor])[0]
    if block is not None:
        columns["block"] = pd.factorize(table[block])[0]
    coded = pd.DataFrame(columns)
    _whole(coded)
    return coded


def _sources(names: Iterable[object], factors: Sequence[str]) -> list[str]:
    """Translate pingouin's sources (f0, ``f0 * f1``, Interaction) into the names of the factors."""
    known = {f"f{place}": factor for place, factor in enumerate(factors)}
    interaction = " * ".join(factors)
    return [known.get(str(name), interaction) for name in names]


def anova(table: pd.DataFrame, dv: str, between: Sequence[str]) -> pd.DataFrame:
    """Return source, ss, df1, df2, f, p: one- or two-way ANOVA between subjects (type II sums of squares)."""
    coded = _coded(table, dv, between)
    names = [f"f{place}" for place in range(len(between))]
    with _expected_warnings():
        answer = pg.anova(coded, dv="dv", between=names if len(names) > 1 else names[0], detailed=True, ss_type=2)
    found = _columns(
        answer, {"source": ("source",), "ss": ("ss",), "df1": ("df", "df1"), "f": ("f",), "p": ("p_unc", "p")}
    )
    effects, residual = found.iloc[:-1].copy(), found.iloc[-1]
    effects.insert(3, "df2", float(residual["df1"]))
    effects["source"] = _sources(effects["source"], between)
    return effects.reset_index(drop=True)


def welch_anova(table: pd.DataFrame, dv: str, between: str) -> pd.DataFrame:
    """Return source, df1, df2, f, p: Welch's ANOVA, which does not need equal variances."""
    with _expected_warnings():
        answer = pg.welch_anova(_coded(table, dv, [between]), dv="dv", between="f0")
    found = _columns(
        answer, {"source": ("source",), "df1": ("ddof1",), "df2": ("ddof2",), "f": ("f",), "p": ("p_unc",)}
    )
    return found.assign(source=[between])


_WITHIN = {
    "source": ("source",),
    "ss": ("ss",),
    "df1": ("ddof1", "df1"),
    "df2": ("ddof2", "df2"),
    "f": ("f",),
    "p": ("p_unc",),
    "p_gg": ("p_gg_corr",),
    "epsilon": ("eps",),
}


def rm_anova(table: pd.DataFrame, dv: str, within: Sequence[str], block: str) -> pd.DataFrame:
    """Return source, ss, df1, df2, f, p, p_gg, epsilon: one- or two-way repeated-measures ANOVA.

    `p_gg` is corrected after Greenhouse and Geisser; NaN where a factor has two levels and needs none.
    """
    coded = _coded(table, dv, within, block)
    names = [f"f{place}" for place in range(len(within))]
    with _expected_warnings():
        if len(names) > 1:
            answer = pg.rm_anova(coded, dv="dv", within=names, subject="block", detailed=True, effsize="np2")
            found = _columns(answer, _WITHIN, optional=("p_gg", "epsilon"))
        else:
            answer = pg.rm_anova(coded, dv="dv", within="f0", subject="block", detailed=True, correction=True)
            rows = _columns(
                answer, {**_WITHIN, "df1": ("df", "df1"), "df2": ("df", "df1")}, optional=("p_gg", "epsilon")
            )
            found = rows.iloc[:1].copy()
            found["df2"] = float(rows["df1"].iloc[1])
    found["source"] = _sources(found["source"], within)
    found.loc[found["df1"] == 1, "p_gg"] = np.nan
    return found.reset_index(drop=True)


def mixed_anova(table: pd.DataFrame, dv: str, between: str, within: str, block: str) -> pd.DataFrame:
    """Return source, ss, df1, df2, f, p, p_gg, epsilon: one factor between and one within subjects."""
    coded = _coded(table, dv, [between, within], block)
    with _expected_warnings():
        answer = pg.mixed_anova(coded, dv="dv", between="f0", within="f1", subject="block", correction=True)
    found = _columns(answer, _WITHIN, optional=("p_gg", "epsilon"))
    return found.assign(source=_sources(found["source"], [between, within]))


def sphericity(wide: Array) -> tuple[float, float]:
    """Return Mauchly's W and its p for data shaped (block, level)."""
    answer = pg.sphericity(pd.DataFrame(wide))
    return float(answer.W), float(answer.pval)


def posthoc(table: pd.DataFrame, dv: str, between: str, method: str) -> pd.DataFrame:
    """Return a, b, mean_a, mean_b, difference, se, df, p: all pairs after Tukey ("tukey") or Games and Howell."""
    coded = _coded(table, dv, [between])
    wanted = {
        "a": ("a",),
        "b": ("b",),
        "mean_a": ("mean_a",),
        "mean_b": ("mean_b",),
        "difference": ("diff",),
        "se": ("se",),
        "df": ("df",),
        "p": ("p_tukey", "pval", "p_val"),
    }
    with _expected_warnings():
        if method == "tukey":
            found = _columns(pg.pairwise_tukey(coded, dv="dv", between="f0"), wanted, optional=("df",))
            found["df"] = float(len(coded) - coded["f0"].nunique())
        else:
            found = _columns(pg.pairwise_gameshowell(coded, dv="dv", between="f0"), wanted)
    levels = list(dict.fromkeys(table[between]))
    return found.assign(a=[levels[int(a)] for a in found["a"]], b=[levels[int(b)] for b in found["b"]])


def kruskal(table: pd.DataFrame, dv: str, between: str) -> tuple[float, float, float]:
    """Return H, its degrees of freedom and p."""
    with _expected_warnings():
        answer = pg.kruskal(_coded(table, dv, [between]), dv="dv", between="f0")
    row = _columns(answer, {"h": ("h",), "df": ("ddof1",), "p": ("p_unc",)}).iloc[0]
    return float(row["h"]), float(row["df"]), float(row["p"])


def friedman(table: pd.DataFrame, dv: str, within: str, block: str) -> tuple[float, float, float, float]:
    """Return Q, its degrees of freedom, p and Kendall's W."""
    with _expected_warnings():
        answer = pg.friedman(_coded(table, dv, [within], block), dv="dv", within="f0", subject="block")
    row = _columns(answer, {"q": ("q",), "df": ("ddof1",), "p": ("p_unc",), "w": ("w",)}).iloc[0]
    return float(row["q"]), float(row["df"]), float(row["p"]), float(row["w"])


def correlation(x: Array, y: Array, method: str, covariates: Sequence[Array] = ()) -> tuple[float, float]:
    """Return r and its two-sided p; partial where there are covariates.

    Everything is standardised first: pingouin takes a covariate for identical to x or y by an absolute tolerance,
    which small numbers would meet by their size alone.
    """
    table = pd.DataFrame({"x": x, "y": y, **{f"c{place}": values for place, values in enumerate(covariates)}})
    _whole(table)
    table = (table - table.mean()) / table.std()
    with _expected_warnings():
        if covariates:
            names = [name for name in table if name not in ("x", "y")]
            answer = pg.partial_corr(table, x="x", y="y", covar=names, method=method)
        else:
            # its power is not used: `power_r` says by itself where there is none
            warnings.filterwarnings("ignore", message="Sample size is too small to estimate power")
            answer = pg.corr(table["x"], table["y"], method=method)
    row = _columns(answer, {"r": ("r",), "p": ("p_val",)}).iloc[0]
    return float(row["r"]), float(row["p"])


def rm_correlation(table: pd.DataFrame, x: str, y: str, block: str) -> tuple[float, float, float]:
    """Return r, its degrees of freedom and p: what x and y share within blocks (Bakdash and Marusich 2017)."""
    coded = pd.DataFrame({"x": table[x], "y": table[y], "block": pd.factorize(table[block])[0]})
    _whole(coded)
    with _expected_warnings():
        answer = pg.rm_corr(coded, x="x", y="y", subject="block")
    row = _columns(answer, {"r": ("r",), "df": ("dof",), "p": ("pval", "p_val")}).iloc[0]
    return float(row["r"]), float(row["df"]), float(row["p"])


def regression(predictors: pd.DataFrame, outcome: Array) -> pd.DataFrame:
    """Return term, coefficient, se, t, p, r_squared, adjusted_r_squared of ordinary least squares."""
    _whole(predictors.assign(outcome=outcome))
    with _expected_warnings():
        answer = pg.linear_regression(predictors.rename(columns=str), outcome)
    wanted = {
        "term": ("names",),
        "coefficient": ("coef",),
        "se": ("se",),
        "t": ("t",),
        "p": ("pval", "p_val"),
        "r_squared": ("r2",),
        "adjusted_r_squared": ("adj_r2",),
    }
    return _columns(answer, wanted)


def normality(values: Array) -> tuple[float, float]:
    """Return Shapiro and Wilk's W and its p."""
    row = _columns(pg.normality(values), {"w": ("w",), "p": ("pval", "p_val")}).iloc[0]
    return float(row["w"]), float(row["p"])


def equal_variances(groups: Sequence[Array]) -> tuple[float, float]:
    """Return Levene's W (about the medians) and its p."""
    answer = pg.homoscedasticity([np.asarray(group, dtype=float) for group in groups])
    row = _columns(answer, {"w": ("w",), "p": ("pval", "p_val")}).iloc[0]
    return float(row["w"]), float(row["p"])


def corrected(p: Sequence[float], method: str) -> list[float]:
    """Return p-values corrected for their number: none, holm, bonferroni, sidak or fdr (Benjamini and Hochberg)."""
    return [float(value) for value in pg.multicomp(list(p), method=_CORRECTIONS[method])[1]]


def bayes_t(t: float, n_a: int, n_b: int | None) -> float:
    """Return BF10 of a t-test with a Cauchy prior of scale 0.707 on the effect (Rouder et al. 2009)."""
    return float(pg.bayesfactor_ttest(t, n_a, n_b, paired=n_b is None))


def bayes_r(r: float, n: int) -> float:
    """Return BF10 of a Pearson correlation with a uniform prior (Ly et al. 2016)."""
    return float(pg.bayesfactor_pearson(r, n))


def power_r(r: float, n: int, alternative: str, alpha: float) -> float:
    """Return the power of a test of a correlation; NaN below five subjects, where the approximation fails."""
    if n < 5:
        return float("nan")
    if abs(r) >= 1:  # beyond what its formula can take; a perfect correlation shows itself in every sample
        return float(alternative == "two-sided" or (r > 0) == (alternative == "greater"))
    return float(pg.power_corr(r=r, n=n, alternative=alternative, alpha=alpha))
