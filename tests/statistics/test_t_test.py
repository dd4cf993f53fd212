"""t-tests against scipy and against Student's own data."""

import numpy as np
import pytest
from scipy import stats

from artneuro.errors import DesignError, SpecificationError
from artneuro.statistics import TTest, t_test


def test_students_sleep_data_are_paired(of_arms, sleep):
    # R: t.test(extra ~ group, paired): t = -4.0621, df = 9, p = 0.002833, CI [-2.4598858, -0.7001142]
    result = t_test(of_arms(sleep), dv="auc", between="arm")
    row = result.table.iloc[0]
    assert (row["t"], row["df"], row["p"]) == pytest.approx((-4.0621, 9, 0.002833), abs=5e-5)
    assert (row["low"], row["high"]) == pytest.approx((-2.4598858, -0.7001142), abs=1e-7)
    assert row["how"] == "paired by seed (twins)"
    assert row["test"] == "paired t"
    assert row["bf10"] == pytest.approx(17.25888, rel=1e-4)  # BayesFactor, ttestBF
    assert result.sentences[0].startswith(
        "auc, first against second, paired by seed (twins): t(9) = -4.06, p = .003, difference = -1.580, "
        "95% CI [-2.460, -0.7001], Cohen's d_z = -1.28"
    )


def test_students_sleep_data_as_strangers(strangers, sleep):
    # R: t.test(extra ~ group): t = -1.8608, df = 17.776, p = 0.07939
    row = t_test(strangers(sleep), dv="auc", between="arm").table.iloc[0]
    assert (row["t"], row["df"], row["p"]) == pytest.approx((-1.8608, 17.776, 0.07939), rel=3e-5, abs=5e-6)
    assert row["test"] == "Welch t"
    row = t_test(strangers(sleep), dv="auc", between="arm", variances="equal").table.iloc[0]
    assert (row["df"], row["p"]) == pytest.approx((18, 0.07919), abs=5e-6)  # R: var.equal = TRUE
    assert row["test"] == "Student t"


def test_one_sample_against_a_number(of_arms, sleep):
    record = of_arms(sleep)
    row = t_test(record, dv="auc", against=1.0, where={"arm": "second"}).table.iloc[0]
    theirs = stats.ttest_1samp(sleep["second"], 1.0)
    assert (row["t"], row["p"]) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert row["difference"] == pytest.approx(np.mean(sleep["second"]) - 1)
    assert (row["low"], row["high"]) == pytest.approx(np.array(theirs.confidence_interval()) - 1)
    assert row["how"] == "one sample"


def test_the_first_level_is_compared_with_the_second(of_arms, sleep):
    swapped = t_test(of_arms(sleep), dv="auc", between="arm", where={"arm": ("second", "first")}).table.iloc[0]
    assert (swapped["a"], swapped["b"]) == ("second", "first")
    assert swapped["t"] == pytest.approx(4.0621, abs=5e-5)


def test_one_sided(of_arms, sleep):
    row = t_test(of_arms(sleep), dv="auc", between="arm", alternative="less")
    assert row.table["p"].iloc[0] == pytest.approx(0.002833 / 2, abs=1e-6)
    assert "(one-sided: less)" in row.sentences[0]


def test_conditions_are_paired(within):
    values = [[0.9, 0.7], [0.8, 0.75], [0.7, 0.6], [0.6, 0.62]]
    row = t_test(within(values), dv="auc", within="clamp").table.iloc[0]
    theirs = stats.ttest_rel(*np.transpose(values))
    assert (row["t"], row["p"]) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert row["how"] == "paired by subject"


def test_arms_within_twins_are_paired_or_refused(of_arms, strangers, sleep):
    paired, within_twins = (t_test(of_arms(sleep), dv="auc", **{key: "arm"}) for key in ("between", "within"))
    assert paired.table.equals(within_twins.table)
    with pytest.raises(DesignError, match="share 0 seeds"):
        t_test(strangers(sleep), dv="auc", within="arm")


def test_assumptions_and_power_stand_beside(strangers):
    rng = np.random.default_rng(0)
    skewed = {"a": rng.exponential(1, 30) ** 3, "b": rng.normal(0, 1, 30)}
    result = t_test(strangers(skewed), dv="auc", between="arm", variances="equal", planned=0.5)
    checks = result.tables["assumptions"].set_index(["assumption", "of"])
    assert checks.loc[("normality", "a"), "holds"] == "no"
    assert checks.loc[("normality", "b"), "holds"] == "yes"
    assert checks.loc[("normality", "a"), "p"] == pytest.approx(stats.shapiro(skewed["a"]).pvalue)
    levene = stats.levene(skewed["a"], skewed["b"]).pvalue
    assert checks.loc[("equal variances", "a and b"), "p"] == pytest.approx(levene)
    assert any("Normality is in doubt for a" in note and "`permutation`" in note for note in result.notes)
    planned = result.tables["power"].set_index("effect_is").loc["planned"]
    assert planned["needed_n"] == 64  # Cohen 1992
    assert "80% power needs 64 subjects a group" in result.sentences[1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({}, "give a factor"),
        ({"between": "arm", "against": 0.0}, "one of the two"),
        ({"between": "arm", "within": "arm"}, "not both"),
    ],
)
def test_a_question_must_be_one_question(of_arms, sleep, call, message):
    with pytest.raises(DesignError, match=message):
        t_test(of_arms(sleep), dv="auc", **call)


def test_three_levels_are_refused_with_the_way_on(of_arms, plant_growth):
    with pytest.raises(DesignError, match=r"3 levels \(ctrl, trt1 and trt2\).*`where: \{arm: \[a, b\]\}`.*anova"):
        t_test(of_arms(plant_growth), dv="auc", between="arm")


def test_a_condition_is_no_factor_between_subjects(within):
    with pytest.raises(DesignError, match=r"varies within subjects.*`within: clamp`"):
        t_test(within([[0.9, 0.7], [0.8, 0.75]]), dv="auc", between="clamp")


def test_the_specification_asks_for_one_comparison():
    with pytest.raises(SpecificationError, match=r"one of between, within and against; came between and against"):
        TTest(of="R.auc", between="arm", against=0.5)
    with pytest.raises(SpecificationError, match="came none of them"):
        TTest(of="R.auc")
