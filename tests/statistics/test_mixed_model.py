"""Mixed models against the analysis of variance, which balanced data make the same thing."""

import numpy as np
import pytest
import statsmodels.api as sm
import xarray as xr

from artneuro.errors import DesignError, SpecificationError
from artneuro.statistics import MixedModel, mixed_model, rm_anova

RNG = np.random.default_rng(9)
VALUES = RNG.normal(0, 0.2, (10, 1)) + RNG.normal(0, 0.1, (10, 3)) + [0.9, 0.8, 0.75]


def test_balanced_data_give_the_estimates_of_the_analysis_of_variance(within):
    result = mixed_model(within(VALUES), dv="auc", fixed="clamp")
    table = result.table.set_index("term")
    means = VALUES.mean(axis=0)
    assert table["coefficient"].tolist() == pytest.approx([means[0], means[1] - means[0], means[2] - means[0]])
    residuals = VALUES - VALUES.mean(axis=1, keepdims=True) - means + VALUES.mean()
    ms_error = (residuals**2).sum() / 18
    ms_subjects = 3 * VALUES.mean(axis=1).var(ddof=1)
    variances = result.tables["random"].set_index("name")["variance"]
    # the optimiser stops at 1e-10 of the likelihood, which is the square root of that in its place
    assert variances["residual"] == pytest.approx(ms_error, rel=1e-4)
    assert variances["subject"] == pytest.approx((ms_subjects - ms_error) / 3, rel=1e-4)
    assert table.loc["clamp mean", "se"] == pytest.approx(np.sqrt(2 * ms_error / 10), rel=1e-4)
    f = rm_anova(within(VALUES), dv="auc", within="clamp").table["f"].iloc[0]
    term = result.tables["terms"].iloc[0]
    assert (term["chi2"], term["df"]) == (pytest.approx(2 * f, rel=1e-4), 2)


def test_twins_share_an_intercept_and_each_subject_has_one_within(crossed):
    record = crossed(n=12, interaction=0.05, noise=0.05)
    result = mixed_model(record, dv="auc", fixed=["arm", "clamp"])
    assert result.tables["random"]["name"].tolist() == ["seed", "subject within seed", "residual"]
    assert "Twins share a random intercept (seed)." in result.notes
    of_seeds = rm_anova(record, dv="auc", within=["arm", "clamp"]).table.set_index("source")
    # arms of subject means within seeds: the subject within seed is its error
    assert result.tables["terms"]["source"].tolist() == ["arm", "clamp", "arm * clamp"]
    assert result.tables["terms"]["chi2"].iloc[0] == pytest.approx(of_seeds.loc["arm", "f"], rel=1e-3)
    assert "random intercept a seed" in result.sentences[0]


def test_strangers_have_an_intercept_each(crossed):
    result = mixed_model(crossed(), dv="auc", fixed=["arm", "clamp"], pairing="independent")
    assert result.tables["random"]["name"].tolist() == ["subject", "residual"]


def curves(n=8, seed=0, spread=0.3):
    """Accuracy falls with the fraction lesioned, with another slope in each subject."""
    rng = np.random.default_rng(seed)
    fraction = np.linspace(0, 1, 6)
    slopes = -1 + rng.normal(0, spread, n)
    values = 0.9 + rng.normal(0, 0.1, n)[:, None] + slopes[:, None] * fraction + rng.normal(0, 0.03, (n, 6))
    return xr.Dataset(
        {"accuracy": (("subject", "fraction"), values)},
        {"subject": [f"a-{place}" for place in range(n)], "arm": ("subject", ["a"] * n), "fraction": fraction},
    )


def test_a_slope_a_subject_is_the_mean_of_their_slopes():
    record = curves()
    result = mixed_model(record, dv="accuracy", fixed="fraction", numeric=["fraction"], slope="fraction")
    own = np.array([np.polyfit(record.fraction, row, 1)[0] for row in record.accuracy.values])
    row = result.table.set_index("term").loc["fraction"]
    # balanced: the fixed slope is the mean of the subjects' own, with the standard error of that mean
    assert row["coefficient"] == pytest.approx(own.mean(), rel=1e-6)
    assert row["se"] == pytest.approx(own.std(ddof=1) / np.sqrt(8), rel=1e-3)
    assert "slope of fraction between subjects" in result.tables["random"]["name"].tolist()
    assert 0 < result.tables["model"]["r_squared_marginal"].iloc[0] < 1


def test_a_missing_condition_costs_a_row_and_not_a_subject(within):
    holed = VALUES.copy()
    holed[2, 1] = np.nan
    result = mixed_model(within(holed), dv="auc", fixed="clamp")
    facts = result.tables["model"].iloc[0]
    assert (facts["rows"], facts["blocks"]) == (29, 10)
    assert any("clean-2 (clamp mean)" in note for note in result.notes)


def test_a_variance_of_zero_is_said_in_words_and_leaves_least_squares(within):
    # subjects more alike than chance: each has the same mean, so that between them the estimate is zero
    noise = RNG.normal(0, 0.1, (10, 3))
    values = noise - noise.mean(axis=1, keepdims=True) + [0.9, 0.8, 0.7]
    result = mixed_model(within(values), dv="auc", fixed="clamp")
    (note,) = [note for note in result.notes if "singular fit, at the boundary" in note]
    assert "The variance of subject is estimated as zero" in note
    design = np.column_stack([np.ones(30), np.tile([0, 1, 0], 10), np.tile([0, 0, 1], 10)])
    ordinary = sm.OLS(values.ravel(), design).fit()
    assert result.table["coefficient"].to_numpy() == pytest.approx(ordinary.params)
    assert result.table["se"].to_numpy() == pytest.approx(ordinary.bse, rel=1e-3)


def test_nested_variances_of_zero_still_have_a_fit():
    # three twins in each arm that share nothing: the likelihood rises up to both variances being exactly zero
    fraction = np.linspace(0, 1, 5)
    clean = [[0.8, 0.775, 0.641, 0.35, 0.1], [0.868, 0.744, 0.506, 0.432, 0.1], [0.844, 0.676, 0.483, 0.508, 0.1]]
    random = [[0.042, 0.07, 0.115, 0.114, 0.1], [0.202, 0.142, 0.158, 0.099, 0.1], [0.106, 0.098, 0.098, 0.122, 0.102]]
    record = xr.Dataset(
        {"accuracy": (("subject", "fraction"), [*clean, *random])},
        {
            "subject": [f"{arm}-{seed}" for arm in ("clean", "random") for seed in range(3)],
            "arm": ("subject", ["clean"] * 3 + ["random"] * 3),
            "seed": ("subject", [0, 1, 2] * 2),
            "fraction": fraction,
        },
    )
    result = mixed_model(record, dv="accuracy", fixed=["arm", "fraction"], numeric=["fraction"])
    assert any("The variance of seed and subject within seed is estimated as zero" in note for note in result.notes)
    slopes = [np.polyfit(np.tile(fraction, 3), np.ravel(rows), 1)[0] for rows in (clean, random)]
    table = result.table.set_index("term")["coefficient"]
    assert table["fraction"] == pytest.approx(slopes[0], rel=1e-5)
    assert table["arm random * fraction"] == pytest.approx(slopes[1] - slopes[0], rel=1e-5)


def test_unit_and_zero_do_not_matter(within):
    before = mixed_model(within(VALUES), dv="auc", fixed="clamp")
    after = mixed_model(within(1000 * VALUES + 5), dv="auc", fixed="clamp")
    assert after.tables["terms"]["chi2"].iloc[0] == pytest.approx(before.tables["terms"]["chi2"].iloc[0], rel=1e-6)
    assert after.table["effect"].iloc[1] == pytest.approx(before.table["effect"].iloc[1], rel=1e-5)
    assert after.table["coefficient"].iloc[1] == pytest.approx(1000 * before.table["coefficient"].iloc[1])


def test_an_unbalanced_term_is_tested_over_the_average_of_the_others(strangers):
    # one value a subject would be refused: two clamps each, five and eight subjects
    rng = np.random.default_rng(1)
    values = rng.normal([0.0, 0.2], 0.1, (13, 2))
    record = xr.Dataset(
        {"auc": (("subject", "clamp"), values)},
        {
            "subject": [f"s-{place}" for place in range(13)],
            "arm": ("subject", ["a"] * 5 + ["b"] * 8),
            "clamp": ["x", "y"],
        },
    )
    terms = mixed_model(record, dv="auc", fixed=["arm", "clamp"]).tables["terms"].set_index("source")
    means = np.array([values[:5].mean(0), values[5:].mean(0)])
    difference = np.diff(means)[:, 0].mean()  # unweighted over arms: type III
    table = mixed_model(record, dv="auc", fixed=["arm", "clamp"]).table.set_index("term")["coefficient"]
    assert table["clamp y"] + table["arm b * clamp y"] / 2 == pytest.approx(difference)
    errors = np.sqrt(np.diag(_spread_of_differences(values)))
    assert terms.loc["clamp", "chi2"] == pytest.approx((difference / errors[0]) ** 2, rel=1e-3)


def _spread_of_differences(values):
    """Variance of the unweighted mean difference, the differences sharing one variance."""
    differences = np.diff(values)[:, 0]
    pooled = ((differences[:5] - differences[:5].mean()) ** 2).sum() + (
        (differences[5:] - differences[5:].mean()) ** 2
    ).sum()
    return np.array([[pooled / 11 * (1 / 5 + 1 / 8) / 4]])


def test_one_value_a_subject_is_no_mixed_model(strangers, plant_growth):
    with pytest.raises(DesignError, match=r"every subject has one value.*anova or regression"):
        mixed_model(strangers(plant_growth), dv="auc", fixed="arm")


def test_what_is_not_there_is_refused(crossed, within):
    record = crossed()
    with pytest.raises(DesignError, match="slop must be among the fixed effects"):
        mixed_model(record, dv="auc", fixed=["arm", "clamp"], slope="slop")
    record["auc"][8:, 1] = np.nan
    with pytest.raises(DesignError, match=r"some combination of arm and clamp has no value.*`interactions: false`"):
        mixed_model(record, dv="auc", fixed=["arm", "clamp"])
    with pytest.raises(DesignError, match="constant"):
        mixed_model(within(np.ones((4, 2))), dv="auc", fixed="clamp")
    with pytest.raises(DesignError, match="one level left"):
        mixed_model(within(VALUES), dv="auc", fixed="clamp", where={"clamp": ("zero",)})
    with pytest.raises(SpecificationError, match=r"slope: required one of the fixed effects \(arm\)"):
        MixedModel(of="R.auc", fixed="arm", slope="fraction")
