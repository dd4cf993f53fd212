import numpy as np
import pytest
import torch

from artneuro.measures.dose import counts_of, dose_response, points_of
from artneuro.measures.performance import Tally


@pytest.mark.parametrize("total", [1, 7, 10, 250, 62500])
def test_every_share_is_rounded_to_the_nearest_halves_up(total):
    fractions = [step / 40 for step in range(41)]
    for step, count in enumerate(counts_of(fractions, total)):
        assert count == (2 * step * total + 40) // 80  # in whole numbers: step * total / 40 + 1/2, rounded down


def test_a_share_that_rounding_puts_a_hair_below_a_half_is_rounded_up():
    assert 0.29 * 50 < 14.5
    assert counts_of([0.29], 50) == [15]


def test_points_are_different_and_reach_from_none_to_all():
    assert points_of([0.3, 0.35], 3) == [0, 1, 3]
    assert points_of([step / 20 for step in range(21)], 20) == list(range(21))


def tally(correct, shown=10):
    """Answers to `shown` stimuli of each of two classes, of which `correct` are right, a condition a point."""
    hits = torch.tensor([[right, right] for right in correct])
    return Tally(torch.tensor(correct, dtype=torch.float64), hits, torch.tensor([shown, shown]))


def test_curves_by_hand():
    # of 4 units, 0, 1, 1 and 2 are lesioned; measured at 0, 1, 2 and 4
    tallies = {("a", "zero", 0): tally([9, 7, 5, 1]), ("a", "zero", 1): tally([9, 5, 3, 1])}
    found = dose_response(tallies, (1, 1, 2), [0.0, 0.25, 0.3, 0.5], 4, tally([9]))
    np.testing.assert_allclose(found["accuracy"][0, 0], [[0.9, 0.7, 0.7, 0.5], [0.9, 0.5, 0.5, 0.3]])
    np.testing.assert_allclose(found["normalised_accuracy"][0, 0], [[1, 0.75, 0.75, 0.5], [1, 0.5, 0.5, 0.25]])
    # mean normalised accuracy 1, .625, .625, .375 over fractions 0 to .5
    area = (0.25 * (1 + 0.625) / 2 + 0.05 * 0.625 + 0.2 * (0.625 + 0.375) / 2) / 0.5
    np.testing.assert_allclose(found["auc"], [[area]])
    np.testing.assert_allclose(found["accuracy_auc"], [[0.1 + 0.8 * area]])  # accuracy is .1 + .8 of normalised
    np.testing.assert_allclose(found["sham_accuracy"], [[[0.9, 0.9]]])
    np.testing.assert_allclose(found["loss"][0, 0, 0], np.array([9, 7, 7, 5]) / 20)
    np.testing.assert_allclose(found["sham_loss"], [[[9 / 20, 9 / 20]]])
    assert found["class_accuracy"].shape == (1, 1, 2, 4, 2)
    assert found["lesioned"].tolist() == [0, 1, 1, 2]


def test_conditions_find_their_place():
    tallies = {
        (o, c, r): tally([9 - i])
        for i, (o, c, r) in enumerate((o, c, r) for o in "ab" for c in "xyz" for r in range(2))
    }
    whole = {key: Tally(one.losses.expand(2), one.hits.expand(2, 2), one.shown) for key, one in tallies.items()}
    found = dose_response(whole, (2, 3, 2), [0.0, 1.0], 1, tally([9]))
    assert found["accuracy"].shape == (2, 3, 2, 2)
    np.testing.assert_allclose(found["accuracy"][1, 2, 0], (9 - 10) / 10)
    np.testing.assert_allclose(found["accuracy"][0, 1, 1], (9 - 3) / 10)


def test_the_full_lesion_is_averaged_over_repeats():
    tallies = {("a", "noise", 0): tally([9, 0]), ("a", "noise", 1): tally([9, 2])}
    found = dose_response(tallies, (1, 1, 2), [0.0, 1.0], 1, tally([9]))
    np.testing.assert_allclose(found["normalised_accuracy"][0, 0], [[1, -1 / 8], [1, 1 / 8]])


def test_a_curve_that_never_falls_has_no_normalised_area_but_its_height():
    found = dose_response({("a", "zero", 0): tally([3, 3, 3])}, (1, 1, 1), [0.0, 0.5, 1.0], 2, tally([3]))
    assert np.isnan(found["auc"]).all()
    np.testing.assert_allclose(found["accuracy_auc"], [[0.3]])
