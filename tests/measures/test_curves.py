import numpy as np
import pytest

from artneuro.measures.curves import area_under_curve, half_dose, normalised_accuracy


def test_area_of_a_constant_curve_is_its_height():
    doses = [0.0, 0.1, 0.7, 2.0]
    np.testing.assert_allclose(area_under_curve(np.full((3, 4), 0.3), doses), [0.3, 0.3, 0.3], rtol=1e-15)


def test_area_of_a_line_and_of_uneven_doses():
    x = np.array([0.0, 0.2, 1.0])
    assert float(area_under_curve(1 - x, x)) == pytest.approx(0.5, abs=1e-15)
    assert float(area_under_curve([1.0, 0.0, 0.0], x)) == pytest.approx(0.1, abs=1e-15)  # triangle, 0.2 wide


@pytest.mark.parametrize("doses", [[0.0], [0.0, 0.0], [1.0, 0.0]])
def test_doses_must_ascend(doses):
    with pytest.raises(ValueError, match="at least two doses in ascending order"):
        area_under_curve(np.zeros(len(doses)), doses)


def test_normalised_accuracy_is_one_intact_and_zero_when_everything_is_lesioned():
    curves = np.array([[0.9, 0.5, 0.1], [0.8, 0.3, 0.3]])
    found = normalised_accuracy(curves, curves[:, 0], curves[:, -1])
    np.testing.assert_allclose(found, [[1.0, 0.5, 0.0], [1.0, 0.0, 0.0]], atol=1e-15)


def test_any_linear_change_of_accuracy_leaves_it():
    curve = np.array([0.9, 0.4, 0.6, 0.1])
    first = normalised_accuracy(curve, 0.9, 0.1)
    np.testing.assert_allclose(normalised_accuracy(curve / 2 + 0.3, 0.75, 0.35), first, atol=1e-14)


@pytest.mark.parametrize("full", [0.1, 0.2])
def test_a_network_that_loses_nothing_has_no_normalised_accuracy(full):
    assert np.isnan(normalised_accuracy([0.1, 0.15, full], 0.1, full)).all()


def test_half_of_a_line_is_at_half_of_its_last_dose_however_steep():
    doses = np.array([0.0, 3.0, 4.0, 10.0])
    np.testing.assert_allclose(half_dose(np.outer([1e-3, 1.0, 7.0], doses), doses), [5.0] * 3, rtol=1e-14)


def test_half_of_an_effect_by_hand():
    doses = [0.0, 10.0, 20.0, 40.0]
    cases = {
        (0.0, 0.4, 0.4, 0.4): 5.0,  # all of it comes first
        (0.0, 0.0, 0.0, 0.4): 30.0,  # or last
        (0.0, 0.2, 0.3, 0.4): 10.0,  # half of it is at a dose that was given
        (0.0, 0.1, 0.3, 0.4): 15.0,
        (0.0, 0.3, 0.1, 0.4): 10 * 0.2 / 0.3,  # where it first is, also if it falls again
        (0.0, -0.2, 0.2, 0.4): 20.0,
        (0.3, 0.3, 0.3, 0.4): 0.0,  # it is there from the first dose on
    }
    np.testing.assert_allclose(half_dose(list(cases), doses), list(cases.values()), rtol=1e-14)


@pytest.mark.parametrize("effects", [[0.0, 0.1, 0.0], [0.0, 0.1, -0.2], [0.0, np.nan, 0.2], [0.0, 0.1, np.nan]])
def test_nothing_has_no_half(effects):
    assert np.isnan(half_dose(effects, [0.0, 1.0, 2.0]))


@pytest.mark.parametrize("doses", [[0.0], [0.0, 0.0], [1.0, 0.0]])
def test_doses_of_a_half_must_ascend(doses):
    with pytest.raises(ValueError, match="at least two doses in ascending order"):
        half_dose(np.zeros(len(doses)), doses)
