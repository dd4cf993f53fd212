"""Regression against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.diagnostic import het_breuschpagan

from artneuro.errors import DesignError
from artneuro.statistics import correlation, regression

RNG = np.random.default_rng(11)
LOSS, NORM = RNG.normal(size=30), RNG.normal(size=30)
AUC = 0.8 - 0.1 * LOSS + 0.02 * NORM + RNG.normal(0, 0.05, 30)


@pytest.fixture
def record(of_arms):
    return of_arms({"clean": AUC}, loss={"clean": LOSS}, norm={"clean": NORM})


def test_it_is_statsmodels(record):
    result = regression(record, dv="auc", predictors=["loss", "norm"], planned=0.2)
    theirs = sm.OLS(AUC, sm.add_constant(np.column_stack([LOSS, NORM]))).fit()
    table, model = result.table, result.tables["model"].iloc[0]
    assert table["term"].tolist() == ["intercept", "loss", "norm"]
    theirs_by_name = {"coefficient": theirs.params, "se": theirs.bse, "t": theirs.tvalues, "p": theirs.pvalues}
    for ours, expected in theirs_by_name.items():
        assert table[ours].to_numpy() == pytest.approx(expected)
    assert table[["low", "high"]].to_numpy() == pytest.approx(theirs.conf_int())
    assert (model["r_squared"], model["adjusted_r_squared"]) == pytest.approx((theirs.rsquared, theirs.rsquared_adj))
    assert (model["f"], model["p"]) == pytest.approx((theirs.fvalue, theirs.f_pvalue))
    checks = result.tables["assumptions"].set_index("assumption")
    assert checks.loc["equal variances", "p"] == pytest.approx(het_breuschpagan(theirs.resid, theirs.model.exog)[1])
    # G*Power 3.1: linear multiple regression, R2 = .2 (f2 = .25), two predictors: 42
    assert result.tables["power"].set_index("effect_is").loc["planned", "needed_n"] == 42


def test_of_one_predictor_it_is_the_correlation(record):
    ours, theirs = regression(record, dv="auc", predictors="loss"), correlation(record, x="auc", y="loss")
    assert ours.table["p"].iloc[1] == pytest.approx(theirs.table["p"].iloc[0])
    assert ours.tables["model"]["r_squared"].iloc[0] == pytest.approx(theirs.table["effect"].iloc[0] ** 2)
    assert ours.sentences[0].startswith("auc from loss, 30 subjects: F(1, 28) = ")
    assert ours.sentences[1].startswith("auc changes by -0.")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"twice": 2 * LOSS + 1}, "repeat each other"),
        ({"flat": np.ones(30)}, "flat is constant over subjects"),
        ({"same": 3 * AUC}, "account for auc exactly"),
    ],
)
def test_what_cannot_be_fitted_is_refused(record, variables, message):
    ((name, values),) = variables.items()
    record = record.assign({name: ("subject", values)})
    predictors = [name] if name == "same" else ["loss", name]
    with pytest.raises(DesignError, match=message):
        regression(record, dv="auc", predictors=predictors)


def test_too_few_subjects_are_refused(record):
    with pytest.raises(DesignError, match=r"4 subjects have every variable; a regression on 2 needs at least 5"):
        regression(record.isel(subject=slice(0, 4)), dv="auc", predictors=["loss", "norm"])
