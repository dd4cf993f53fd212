"""All pairs of levels of one factor, with p-values corrected for their number."""

import itertools
import math
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from artneuro.errors import DesignError
from artneuro.statistics import _pingouin
from artneuro.statistics.effects import r_interval
from artneuro.statistics.means import mean_row, sentence
from artneuro.statistics.sample import Sample
from artneuro.statistics.twins import Compared, Pairing, compare_cells, require_varied
from artneuro.statistics.wording import degrees, effect, number, p_value

Correction = Literal["holm", "bonferroni", "sidak", "fdr", "none"]

_AFTER = {
    "holm": " after Holm",
    "bonferroni": " after Bonferroni",
    "sidak": " after Sidak",
    "fdr": " after Benjamini and Hochberg",
    "none": "",
}

CORRECTION_DOC = "how p-values are corrected for the number of pairs; fdr: Benjamini and Hochberg"


def compare_pairs(
    sample: Sample,
    dv: str,
    factor: str,
    pairing: Pairing,
    correction: Correction = "holm",
    parametric: bool = True,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return one row a pair of levels, and what was left out.

    Returns
    -------
    table : DataFrame
        With t-tests the columns of `t_test`; with rank tests a, b, how, test, n, mean_a, mean_b, difference (of
        medians), statistic, p, effect_name, effect, effect_low, effect_high. Both: p_corrected, correction. A pair
        that does not vary has test "none" and no p.
    """
    rows: list[pd.DataFrame] = []
    notes: list[str] = []
    for a, b in itertools.combinations(sample.levels(factor), 2):
        compared = compare_cells(sample, dv, [factor], {(a,): 1.0, (b,): -1.0}, pairing)
        notes += compared.notes
        try:
            require_varied(compared, f"{dv} ({a} against {b}, {compared.how})")
        except DesignError as error:  # the other pairs can still be tested
            notes.append(str(error))
            rows.append(_untested_row(compared, a, b))
            continue
        rows.append(mean_row(compared, [a, b], 0.0, "two-sided") if parametric else _rank_row(compared, a, b))
    table = pd.concat(rows, ignore_index=True)
    table = table.assign(p_corrected=_pingouin.corrected(table["p"].tolist(), correction), correction=correction)
    return table, tuple(dict.fromkeys(notes))


def _untested_row(compared: Compared, a: str, b: str) -> pd.DataFrame:
    """A pair that does not vary: its means stand, nothing else does."""
    means = list(compared.means.values())
    row = {
        "a": a,
        "b": b,
        "how": compared.how,
        "test": "none",
        "n": compared.contrast.n,
        "mean_a": means[0],
        "mean_b": means[1],
        "difference": compared.contrast.estimate,
        "p": math.nan,
    }
    return pd.DataFrame([row])


def _rank_row(compared: Compared, a: str, b: str) -> pd.DataFrame:
    """Wilcoxon's signed ranks for pairs, Mann and Whitney's U for strangers; effect: rank-biserial correlation."""
    groups = compared.contrast.groups
    if len(groups) == 1:
        differences = groups[0][groups[0] != 0]
        n = len(differences)
        answer = stats.wilcoxon(differences)
        ranks = stats.rankdata(np.abs(differences))
        r = float((ranks[differences > 0].sum() - ranks[differences < 0].sum()) / ranks.sum())
        # standard error of the signed rank sum over the largest that it can be (Kerby 2014; effectsize in R)
        error = math.sqrt((2 * n**3 + 3 * n**2 + n) / 6) / ((n**2 + n) / 2)
        name, middle = "Wilcoxon signed rank", float(np.median(groups[0]))
    else:
        x, y = groups
        answer = stats.mannwhitneyu(x, y)
        u = float(answer.statistic)
        r = 2 * u / (len(x) * len(y)) - 1
        error = math.sqrt((len(x) + len(y) + 1) / (3 * len(x) * len(y)))
        name, middle = "Mann-Whitney U", float(np.median(x) - np.median(y))
    means = list(compared.means.values())
    low, high = r_interval(r, error)
    row = {
        "a": a,
        "b": b,
        "how": compared.how,
        "test": name,
        "n": compared.contrast.n,
        "mean_a": means[0],
        "mean_b": means[1],
        "difference": middle,
        "statistic": float(answer.statistic),
        "p": float(answer.pvalue),
        "effect_name": "rank-biserial r",
        "effect": r,
        "effect_low": low,
        "effect_high": high,
    }
    return pd.DataFrame([row])


def pair_sentences(dv: str, table: pd.DataFrame) -> tuple[str, ...]:
    """Return the rows of `compare_pairs` in the usual form, with the corrected p."""
    return tuple(_sentence(dv, row) for _, row in table.iterrows())


def _sentence(dv: str, row: "pd.Series[Any]") -> str:
    if row["test"] == "none":
        return f"{dv}, {row['a']} against {row['b']}: not tested, difference = {number(row['difference'])} throughout."
    after = _AFTER[row["correction"]]
    if "t" in row:
        return sentence(dv, row, f"{p_value(row['p_corrected'])}{after}")
    return (
        f"{dv}, {row['a']} against {row['b']}, {row['how']}: {row['test']} = {degrees(row['statistic'])}, "
        f"{p_value(row['p_corrected'])}{after}, difference of medians = {number(row['difference'])}, "
        f"{effect(row['effect_name'], row['effect'], row['effect_low'], row['effect_high'], bounded=True)}."
    )
