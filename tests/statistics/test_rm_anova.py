"""Repeated-measures ANOVA against statsmodels and against the definition of epsilon."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.anova import AnovaRM

from artneuro.errors import DesignError
from artneuro.statistics import rm_anova

RNG = np.random.default_rng(4)
VALUES = RNG.normal(0, 0.1, (12, 1)) + RNG.normal(0, 0.05, (12, 3)) * [1, 1, 3] + [0.9, 0.85, 0.8]


def greenhouse_geisser(values):
    """Box's epsilon from the doubly centred covariance matrix (Greenhouse and Geisser 1959)."""
    covariance = np.cov(values.T)
    k = len(covariance)
    centre = np.eye(k) - 1 / k
    centred = centre @ covariance @ centre
    return np.trace(centred) ** 2 / ((k - 1) * (centred**2).sum())


def test_one_factor_is_statsmodels(within):
    row = rm_anova(within(VALUES), dv="auc", within="clamp").table.iloc[0]
    frame = pd.DataFrame(
        {"y": VALUES.ravel(), "s": np.repeat(np.arange(12), 3), "clamp": np.tile(["zero", "mean", "noise"], 12)}
    )
    theirs = AnovaRM(frame, "y", "s", within=["clamp"]).fit().anova_table.iloc[0]
    assert (row["f"], row["df1"], row["df2"], row["p"]) == pytest.approx(
        (theirs["F Value"], theirs["Num DF"], theirs["Den DF"], theirs["Pr > F"])
    )
    epsilon = greenhouse_geisser(VALUES)
    assert row["epsilon"] == pytest.approx(epsilon)
    assert row["p_gg"] == pytest.approx(stats.f.sf(row["f"], 2 * epsilon, 22 * epsilon))


def test_the_sentence_is_corrected_where_sphericity_fails(within):
    result = rm_anova(within(VALUES), dv="auc", within="clamp")
    checks = result.tables["assumptions"].set_index("assumption")
    assert checks.loc["sphericity", "holds"] == "no"
    epsilon = greenhouse_geisser(VALUES)
    assert f"F({2 * epsilon:.2f}, {22 * epsilon:.2f})" in result.sentences[0]
    assert "(Greenhouse-Geisser)" in result.sentences[0]


def test_two_levels_are_the_paired_t_test(within):
    result = rm_anova(within(VALUES[:, :2]), dv="auc", within="clamp")
    theirs = stats.ttest_rel(VALUES[:, 0], VALUES[:, 1])
    assert result.table["f"].iloc[0] == pytest.approx(theirs.statistic**2)
    assert result.table["p"].iloc[0] == pytest.approx(theirs.pvalue)
    assert np.isnan(result.table["p_gg"].iloc[0])
    assert result.tables["posthoc"]["p"].iloc[0] == pytest.approx(theirs.pvalue)


def test_two_factors_are_statsmodels(crossed):
    record = crossed(interaction=0.05)
    result = rm_anova(record, dv="auc", within=["arm", "clamp"])
    table = result.table.set_index("source")
    assert table["p_gg"].isna().all()  # two levels each: nothing to correct
    assert "Greenhouse" not in " ".join(result.sentences)
    frame = record.to_dataframe().reset_index()
    theirs = AnovaRM(frame, "auc", "seed", within=["arm", "clamp"]).fit().anova_table
    for ours, name in [("arm", "arm"), ("clamp", "clamp"), ("arm * clamp", "arm:clamp")]:
        assert table.loc[ours, "f"] == pytest.approx(theirs.loc[name, "F Value"])
        assert table.loc[ours, "p"] == pytest.approx(theirs.loc[name, "Pr > F"])


def test_arms_within_twins_have_seeds_as_blocks(of_arms, plant_growth):
    result = rm_anova(of_arms(plant_growth), dv="auc", within="arm")
    frame = pd.DataFrame(plant_growth).rename_axis("seed").reset_index().melt("seed", var_name="arm", value_name="y")
    theirs = AnovaRM(frame, "y", "seed", within=["arm"]).fit().anova_table.iloc[0]
    assert result.table["f"].iloc[0] == pytest.approx(theirs["F Value"])
    assert "within 10 sets of twins (one seed each)" in result.sentences[0]


def test_an_incomplete_block_is_left_out_and_named(within):
    holed = VALUES.copy()
    holed[4, 1] = np.nan
    result = rm_anova(within(holed), dv="auc", within="clamp")
    assert result.table["df2"].iloc[0] == 20
    assert any("subject clean-4 (nothing in mean)" in note for note in result.notes)
    without = rm_anova(within(np.delete(VALUES, 4, axis=0)), dv="auc", within="clamp")
    assert result.table["f"].iloc[0] == pytest.approx(without.table["f"].iloc[0])


def test_few_blocks_cannot_test_sphericity_and_are_corrected(within):
    result = rm_anova(within(VALUES[:3]), dv="auc", within="clamp")
    assert any("Sphericity was not tested for clamp" in note for note in result.notes)
    assert "(Greenhouse-Geisser)" in result.sentences[0]


def test_strangers_cannot_be_blocks(strangers, plant_growth):
    with pytest.raises(DesignError, match="share 0 seeds"):
        rm_anova(strangers(plant_growth), dv="auc", within="arm")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[0.9, 0.8], [np.nan, 0.7]], r"the set of complete blocks \(subjects\) has 1 subject"),
        ([[0.9, 0.8], [0.7, 0.6], [0.5, 0.4]], "less its block and level means is constant"),
    ],
)
def test_blocks_without_information_are_refused(within, values, message):
    with pytest.raises(DesignError, match=message):
        rm_anova(within(values), dv="auc", within="clamp")


def test_one_level_and_three_factors_are_refused(within, crossed):
    with pytest.raises(DesignError, match="one level left"):
        rm_anova(within(VALUES), dv="auc", within="clamp", where={"clamp": ("zero",)})
    with pytest.raises(DesignError, match="mixed_model"):
        rm_anova(crossed(), dv="auc", within=["arm", "clamp", "seed"])


def test_two_blocks_of_three_levels_are_refused_and_of_two_are_not(within):
    with pytest.raises(DesignError, match="2 blocks .* clamp has 3 levels .* at least 3 are needed. Rear more"):
        rm_anova(within(VALUES[:2]), dv="auc", within="clamp")
    assert rm_anova(within(VALUES[:2, :2]), dv="auc", within="clamp").table["df2"].iloc[0] == 1
    assert rm_anova(within(VALUES[:3]), dv="auc", within="clamp").table["df2"].iloc[0] == 4


@pytest.mark.parametrize(
    ("still", "what"),
    [("arm", r"its effect of arm"), ("clamp", r"its effect of clamp"), ("both", r"its interaction of arm and clamp")],
)
def test_an_effect_that_is_the_same_in_every_block_cannot_be_weighed(crossed, still, what):
    record = crossed(n=5, noise=0.0, interaction=0.1)
    differ = {"arm": [[0, 0], [1, 1]], "clamp": [[0, 1], [0, 1]], "both": [[0, 1], [1, 0]]}
    wobble = np.array([0.1, -0.2, 0.3, 0.0, 0.25])
    for effect, pattern in differ.items():
        if effect != still:
            record["auc"] += np.concatenate([np.outer(wobble, row) for row in pattern]) * (1 + (effect == "both"))
    with pytest.raises(DesignError, match=rf"{what}.* constant within every group"):
        rm_anova(record, dv="auc", within=["arm", "clamp"])
