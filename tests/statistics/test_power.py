"""Power against published values and against simulation by the tests themselves."""

import math

import numpy as np
import pytest
from scipy import stats

from artneuro.errors import DesignError
from artneuro.statistics import _pingouin
from artneuro.statistics.power import achieved_power, needed_n, power_table, power_words, smallest_n, t_power


@pytest.mark.parametrize(
    ("design", "effect", "levels", "n"),
    [
        # Cohen 1992, table 2, alpha .05, power .80; and G*Power 3.1 for pairs and correlations
        ("independent", 0.2, 2, 394),
        ("independent", 0.5, 2, 64),
        ("independent", 0.8, 2, 26),
        ("paired", 0.5, 2, 34),
        ("anova", 0.25**2 / (1 + 0.25**2), 3, 53),
        ("anova", 0.4**2 / (1 + 0.4**2), 4, 19),
    ],
)
def test_needed_n_is_the_published_one(design, effect, levels, n):
    assert needed_n(design, effect, levels=levels) == n
    assert (
        achieved_power(design, effect, n, levels=levels) >= 0.8 > achieved_power(design, effect, n - 1, levels=levels)
    )


def test_needed_n_of_a_correlation():
    assert needed_n("correlation", 0.3) == pytest.approx(84, abs=1)  # G*Power 84; pingouin's approximation gives 85


def test_power_is_what_simulation_finds():
    rng = np.random.default_rng(0)
    p = stats.ttest_1samp(rng.normal(0.6, 1, (4000, 15)), 0, axis=1).pvalue
    # standard error of a share of 4000 is below 0.008; three of them
    assert achieved_power("paired", 0.6, 15) == pytest.approx((p < 0.05).mean(), abs=0.024)


def test_rm_anova_of_two_levels_has_the_power_of_the_paired_test():
    # F(1, n - 1) = t^2, and eta squared / (1 - eta squared) = d_z^2
    d = 0.5
    assert achieved_power("rm_anova", d * d / (1 + d * d), 40) == pytest.approx(
        achieved_power("paired", d, 40), abs=1e-9
    )


def test_one_sided_power_depends_on_the_side():
    greater, less = (achieved_power("paired", 0.5, 20, alternative=side) for side in ("greater", "less"))
    assert greater > achieved_power("paired", 0.5, 20) > 0.5 > 0.01 > less


@pytest.mark.parametrize(("noncentrality", "alternative", "power"), [(1e6, "two-sided", 1), (-1e6, "greater", 0)])
def test_power_beyond_what_can_be_computed_is_certain(noncentrality, alternative, power):
    assert t_power(noncentrality, 9, alternative) == power


def test_an_effect_of_nothing_has_no_n():
    with pytest.raises(DesignError, match="plan for the smallest effect that would matter"):
        needed_n("paired", 0.0)
    with pytest.raises(DesignError, match="no number of subjects"):
        needed_n("paired", -0.5, alternative="greater")


def test_one_subject_has_no_power():
    with pytest.raises(DesignError, match="at least 2"):
        achieved_power("paired", 0.5, 1)


def test_smallest_n_is_the_smallest():
    assert smallest_n(lambda n: float(n >= 137)) == 137
    assert smallest_n(lambda n: 1.0) == 2
    assert math.isnan(smallest_n(lambda n: 0.0))


def test_the_planned_effect_stands_beside_the_observed_one():
    table = power_table("d", 0.2, 0.5, 20, lambda d, n: achieved_power("paired", d, n))
    assert table["effect_is"].tolist() == ["observed", "planned"]
    assert table["needed_n"].tolist() == [199, 34]
    assert "planned effect (d = 0.5) with 20 pairs = 0.56; 80% power needs 34 pairs" in power_words(table, "pairs")


def test_power_that_is_not_known_is_said_in_words():
    table = power_table("r", 0.9, None, 4, lambda r, n: _pingouin.power_r(r, n, "two-sided", 0.05))
    assert power_words(table, "subjects").startswith(
        "Power for the observed effect (r = 0.9) with 4 subjects cannot be told; 80% power needs 7 subjects."
    )


@pytest.mark.parametrize(
    ("r", "alternative", "power"), [(1.0, "two-sided", 1), (1.0, "greater", 1), (1.0, "less", 0), (-1.0, "less", 1)]
)
def test_a_perfect_correlation_shows_itself(r, alternative, power):
    assert _pingouin.power_r(r, 6, alternative, 0.05) == power
    # as the formula has it just short of it
    assert _pingouin.power_r(r * (1 - 1e-12), 6, alternative, 0.05) == pytest.approx(power, abs=1e-6)
