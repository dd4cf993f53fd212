"""Numbers and tables of the report: one rule, that of the sentences."""

import math

import pytest

from artneuro.study.account import Table
from artneuro.study.printing import MINUS, number, p_value, sheet


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.76, "0.7600"),  # beside 0.7612: the same digits
        (-1e-7, f"{MINUS}1.000e{MINUS}07"),
        (1234.5, "1234"),
        (0.0, "0"),
        (math.nan, "not given"),
        (math.inf, "∞"),
    ],
)
def test_a_quantity_has_four_digits_that_count(value, text):
    assert number(value) == text


@pytest.mark.parametrize(("value", "text"), [(1.0, "1.00"), (0.998, "1.00"), (-0.7383, f"{MINUS}0.74")])
def test_a_power_and_a_standardised_effect_have_two_decimals(value, text):
    assert number(value, unitless=True) == text


@pytest.mark.parametrize(("p", "text"), [(0.0009, "< .001"), (0.001, ".001"), (0.05, ".050"), (1, "1.000")])
def test_p_values_are_written_as_usual(p, text):
    assert p_value(p) == text


def shown(columns, *rows):
    return sheet(Table("t", "t.csv", columns, rows, len(rows)))


def test_tables_set_numbers_apart_from_text():
    found = shown(("who", "n", "slope"), ("a", "3", "-0.123456"), ("4", "3.0", ""))
    assert found.columns == (("who", False), ("n", True), ("slope", True))
    assert found.rows == (("a", "3", f"{MINUS}0.1235"), ("4", "3", ""))
    assert shown(("n",), ("3",), ("4.0",)).rows == (("3",), ("4",))


def test_p_and_effect_come_straight_after_the_difference():
    columns = ("a", "b", "mean_a", "difference", "low", "high", "t", "p", "effect", "effect_low", "p_corrected")
    found = shown(columns, ("x", "y", *["0.5"] * 9), ("x", "z", *["0.25"] * 9))
    order = ["a", "b", "difference", "low", "high", "p_corrected", "p", "effect", "effect_low", "mean_a", "t"]
    assert [name for name, _ in found.columns] == order
    assert found.rows[0] == ("x", "y", "0.5000", "0.5000", "0.5000", ".500", ".500", "0.50", "0.50", "0.5000", "0.50")


def test_a_table_without_a_difference_keeps_its_order_and_its_interval_is_that_of_the_effect():
    found = shown(("x", "effect", "low", "high", "p"), ("u", "0.8126", "0.671", "0.897", "1e-9"))
    assert [name for name, _ in found.columns] == ["x", "effect", "low", "high", "p"]
    assert found.rows == (("u", "0.81", "0.67", "0.90", "< .001"),)


def test_what_is_the_same_in_every_row_is_said_once():
    found = shown(("a", "how", "df"), ("x", "paired", "9.0"), ("y", "paired", "8.5"))
    assert found.alike == "how paired"
    assert found.rows == (("x", "9"), ("y", "8.50"))


def test_a_bayes_factor_is_as_long_as_in_a_sentence():
    assert shown(("bf10",), ("2713139.8",), ("1.9295",)).rows == (("2.7e+06",), ("1.93",))


def test_an_empty_table_has_its_columns():
    found = shown(("a", "difference", "p"))
    assert [name for name, _ in found.columns] == ["a", "difference", "p"]
    assert found.rows == ()
