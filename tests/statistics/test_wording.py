"""Numbers as people write them."""

import math

import pytest

from artneuro.statistics import wording


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0004, "p < .001"), (0.0312, "p = .031"), (0.5, "p = .500"), (1.0, "p = 1.000"), (math.nan, "p undefined")],
)
def test_p(p, text):
    assert wording.p_value(p) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.3, ".30"), (-0.456, "-.46"), (1.0, "1.00"), (0.999, "1.00"), (-0.001, ".00"), (2.5, "2.50")]
)
def test_shares_lose_their_leading_zero(value, text):
    assert wording.share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.21, "BF10 = 3.21"), (123456.0, "BF10 = 1.2e+05"), (2e-6, "BF10 = 2.0e-06"), (math.inf, "BF10 > 1e+300")],
)
def test_bayes_factors(value, text):
    assert wording.bayes(value) == text


def test_lists():
    assert wording.listing([]) == "none"
    assert wording.listing(["a"]) == "a"
    assert wording.listing(["a", "b"]) == "a and b"


def test_levels():
    assert [wording.level(value) for value in (0.30000000000000004, 5, "zero")] == ["0.3", "5", "zero"]


def test_an_interval_keeps_the_digits_of_its_ends():
    # not [0.2338, 0.272]: a zero that is cut looks like a number that was rounded otherwise
    assert wording.interval(0.23381, 0.272) == "95% CI [0.2338, 0.2720]"
    assert wording.number(1.0) == "1.000"
    assert wording.number(1234.0) == "1234"
