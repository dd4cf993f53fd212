"""pingouin's renamed columns, sorted levels and silent drops do not come through."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest

import artneuro
from artneuro.statistics import _pingouin


@pytest.mark.parametrize("column", ["p-unc", "p_unc"])
def test_columns_have_our_names_whatever_the_version(column):
    answer = pd.DataFrame({"Source": ["f0"], column: [0.03]})
    found = _pingouin._columns(answer, {"source": ("source",), "p": ("p_unc",)})
    assert found.to_dict("list") == {"source": ["f0"], "p": [0.03]}


def test_a_column_that_no_version_had_is_named():
    with pytest.raises(RuntimeError, match=rf"pingouin {pingouin.__version__} gives no column p_unc, only q"):
        _pingouin._columns(pd.DataFrame({"q": [1.0]}), {"p": ("p_unc",)})


def test_optional_columns_are_not_a_number_where_absent():
    found = _pingouin._columns(pd.DataFrame({"F": [1.0]}), {"f": ("f",), "p_gg": ("p_gg_corr",)}, optional=("p_gg",))
    assert np.isnan(found["p_gg"].iloc[0])


def test_missing_values_never_reach_pingouin():
    table = pd.DataFrame({"dv": [1.0, np.nan, 2.0, 3.0], "arm": list("aabb")})
    with pytest.raises(ValueError, match="1 missing values reached a test"):
        _pingouin.anova(table, "dv", ["arm"])


def test_rm_anova_keeps_every_block_that_it_is_given():
    # pingouin alone drops the subject of one missing cell: df 22 -> 20 with 12 subjects and 3 levels
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"dv": rng.normal(size=36), "level": np.tile(list("abc"), 12), "s": np.repeat(range(12), 3)})
    assert _pingouin.rm_anova(table, "dv", ["level"], "s")["df2"].iloc[0] == 22
    holed = table.assign(dv=table["dv"].mask(table.index == 4))
    with pytest.raises(ValueError, match="missing"):
        _pingouin.rm_anova(holed, "dv", ["level"], "s")


def test_pairs_keep_the_order_of_the_design():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"dv": rng.normal(size=15), "arm": np.repeat(["random", "clean", "half"], 5)})
    pairs = _pingouin.posthoc(table, "dv", "arm", "tukey")
    assert list(zip(pairs["a"], pairs["b"], strict=True)) == [
        ("random", "clean"),
        ("random", "half"),
        ("clean", "half"),
    ]
    means = table.groupby("arm")["dv"].mean()
    assert pairs["mean_a"].tolist() == pytest.approx([means["random"], means["random"], means["clean"]])


def test_tiny_numbers_do_not_make_a_covariate_identical():
    rng = np.random.default_rng(1)
    x, y, z = rng.normal(size=(3, 30))
    r, p = _pingouin.correlation(x, y, "pearson", [z])
    small = _pingouin.correlation(1e-12 * x, 1e-12 * y, "pearson", [1e-12 * z])
    assert small == pytest.approx((r, p), rel=1e-9)


def test_corrections_are_those_of_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = [0.001, 0.02, 0.03, 0.2]
    names = {"holm": "holm", "bonferroni": "bonferroni", "sidak": "sidak", "fdr": "fdr_bh"}
    for ours, theirs in names.items():
        assert _pingouin.corrected(p, ours) == pytest.approx(multipletests(p, method=theirs)[1])
    assert _pingouin.corrected(p, "none") == p


def test_bayes_factor_of_students_sleep_data():
    # BayesFactor 0.9 (Morey and Rouder), ttestBF on R's `sleep`, paired: 17.25888
    assert _pingouin.bayes_t(-4.062128, 10, None) == pytest.approx(17.25888, rel=1e-4)


def test_pingouins_options_stay_as_the_user_set_them():
    before = dict(pingouin.options)
    table = pd.DataFrame({"dv": [1.0, 2.0, 3.0, 5.0], "arm": list("aabb")})
    _pingouin.anova(table, "dv", ["arm"])
    assert dict(pingouin.options) == before


def test_no_other_module_imports_pingouin():
    root = Path(artneuro.__file__).parent
    users = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "pingouin" for name in names):
                users.add(str(path.relative_to(root)))
    assert users == {"statistics/_pingouin.py"}
