import numpy as np
import pytest
import torch
from scipy.stats import sem
from sklearn.linear_model import Ridge

from artneuro.errors import ActivityError
from artneuro.measures.tuning import preferred_stimuli, receptive_fields, tuning_curves


def test_curves_equal_a_loop_over_values(randomness):
    x = torch.randn(50, 3, generator=randomness, dtype=torch.float64)
    angle = torch.randint(0, 4, (50,), generator=randomness) * 45.0
    found = tuning_curves(x, angle)
    for k, value in enumerate((0.0, 45.0, 90.0, 135.0)):
        own = x[angle == value]
        assert (found.value[k], found.count[k]) == (value, len(own))
        np.testing.assert_allclose(found.mean[k], own.mean(dim=0), atol=1e-12)
        np.testing.assert_allclose(found.sem[k], sem(own), atol=1e-12)


def test_bins_hold_equal_numbers_and_ties_stay_together():
    x = torch.arange(12.0)[:, None]
    found = tuning_curves(x, x[:, 0] ** 2, bins=4)
    assert found.count.tolist() == [3] * 4
    assert found.mean[:, 0].tolist() == [1.0, 4.0, 7.0, 10.0]
    tied = tuning_curves(x, torch.tensor([0.0] * 9 + [1.0, 2.0, 3.0]), bins=4)
    assert tied.count.tolist() == [9, 3]
    assert tuning_curves(x, x[:, 0]).sem.isnan().all()


def test_preferred_and_least_preferred_equal_sorting(randomness):
    x = torch.randn(20, 4, generator=randomness)
    order = np.argsort(x.numpy(), axis=0)
    np.testing.assert_array_equal(preferred_stimuli(x, 3), order[::-1][:3])
    np.testing.assert_array_equal(preferred_stimuli(x, 3, least=True), order[:3])
    assert preferred_stimuli(torch.ones(5, 1), 2).tolist() == [[0], [1]]


def test_the_field_of_a_linear_unit_is_its_weights(randomness):
    noise = torch.randn(6000, 1, 3, 3, generator=randomness, dtype=torch.float64)
    weights = torch.randn(2, 1, 3, 3, generator=randomness, dtype=torch.float64)
    activity = (noise.flatten(1) @ weights.flatten(1).T).relu()
    found = receptive_fields(activity, noise + 5)
    assert found.shape == (2, 1, 3, 3)
    for unit in range(2):  # Bussgang: a rectified linear unit keeps its direction
        assert torch.cosine_similarity(found[unit].flatten(), weights[unit].flatten(), dim=0) > 0.995


def test_ridge_undoes_correlations_of_the_stimuli_and_equals_scikit_learn(randomness):
    mixing = torch.eye(9).double() + 0.5 * torch.rand(9, 9, generator=randomness)
    stimuli = torch.randn(3000, 9, generator=randomness, dtype=torch.float64) @ mixing
    weights = torch.zeros(9, dtype=torch.float64)
    weights[4] = 1.0
    activity = (stimuli @ weights)[:, None]
    assert torch.cosine_similarity(receptive_fields(activity, stimuli)[0], weights, dim=0) < 0.9
    found = receptive_fields(activity, stimuli, ridge=0.1)
    penalty = 0.1 * 3000 * stimuli.var(dim=0, correction=0).mean().item()
    expected = Ridge(alpha=penalty, solver="cholesky").fit(stimuli.numpy(), activity.numpy()[:, 0]).coef_
    np.testing.assert_allclose(found[0], expected, atol=1e-8)
    assert torch.cosine_similarity(receptive_fields(activity, stimuli, ridge=1e-6)[0], weights, dim=0) > 0.9999


def test_a_constant_unit_has_no_field():
    stimuli = torch.arange(12.0).reshape(6, 2)
    assert (receptive_fields(torch.full((6, 1), 0.1), stimuli) == 0).all()


def test_what_does_not_fit_is_refused():
    x = torch.rand(6, 2)
    with pytest.raises(ActivityError, match=r"values: required shape \(6,\)"):
        tuning_curves(x, torch.ones(5))
    with pytest.raises(ActivityError, match="bins: required at least 1; came 0"):
        tuning_curves(x, torch.ones(6), bins=0)
    with pytest.raises(ActivityError, match="count: required from 1 to the 6 stimuli; came 7"):
        preferred_stimuli(x, 7)
    with pytest.raises(ActivityError, match=r"stimuli: required shape \(6, ...\)"):
        receptive_fields(x, torch.ones(5, 3))
    with pytest.raises(ActivityError, match="ridge: required > 0"):
        receptive_fields(x, torch.ones(6, 3), ridge=0.0)
