import numpy as np
import pandas as pd
import pingouin
import pytest
import torch
from scipy.optimize import lsq_linear

from artneuro.errors import ActivityError
from artneuro.measures.rdm_models import (
    crossvalidated_weighted_rdm,
    partial_correlation,
    variance_partition,
    weighted_rdm,
)


@pytest.fixture
def predictors(randomness):
    return torch.rand(3, 66, generator=randomness, dtype=torch.float64)


def test_weights_equal_another_solver_and_are_not_negative(predictors, randomness):
    target = predictors.T @ torch.tensor([1.0, -0.5, 2.0]).double() + torch.rand(66, generator=randomness)
    weights, fitted = weighted_rdm(target, predictors)
    expected = lsq_linear(predictors.T.numpy(), target.numpy(), bounds=(0, np.inf), tol=1e-14).x
    np.testing.assert_allclose(weights, expected, atol=1e-8)
    assert weights[1] == 0
    torch.testing.assert_close(fitted, predictors.T @ weights)


def test_weights_that_made_the_target_are_found_with_a_constant_of_either_sign(predictors):
    true = torch.tensor([1.0, 0.0, 2.0]).double()
    for constant in (5.0, -5.0):
        weights, fitted = weighted_rdm(predictors.T @ true + constant, predictors, intercept=True)
        torch.testing.assert_close(weights, true, atol=1e-10, rtol=0)
        torch.testing.assert_close(fitted, predictors.T @ true + constant)


def test_crossvalidation_predicts_what_is_true_and_not_noise(predictors, randomness):
    rdms = predictors[0] + 0.1 * torch.rand(4, 66, generator=randomness, dtype=torch.float64)
    found = crossvalidated_weighted_rdm(rdms, predictors, folds=2)
    held = ~found[0].isnan()
    first, second = np.triu_indices(12, 1)
    np.testing.assert_array_equal(held, first % 2 == second % 2)
    assert np.corrcoef(found[0][held], rdms[0][held])[0, 1] > 0.9
    # the subject and the block left out do not matter for their own prediction
    changed = rdms.clone()
    changed[1] = 9.0
    torch.testing.assert_close(crossvalidated_weighted_rdm(changed, predictors, folds=2)[1], found[1], equal_nan=True)
    # nor do pairs across blocks, which share a stimulus with both
    changed = rdms.clone()
    changed[:, ~held] = 9.0
    again = crossvalidated_weighted_rdm(changed, predictors, folds=2)
    torch.testing.assert_close(again, found, equal_nan=True)
    even = torch.from_numpy((first % 2 == 0) & (second % 2 == 0))
    changed = rdms.clone()
    changed[:, even] = 9.0
    again = crossvalidated_weighted_rdm(changed, predictors, folds=2)
    torch.testing.assert_close(again[:, even], found[:, even])


def test_parts_of_two_predictors_by_hand(predictors):
    target = (predictors[0] + predictors[1]).numpy()
    x, y = predictors[:2].numpy()

    def r2(*models):
        design = np.stack([*models, np.ones(66)], axis=1)
        rest = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
        return 1 - rest.var() / target.var()

    parts = variance_partition(target, predictors[:2])
    assert parts[(0,)] == pytest.approx(r2(x, y) - r2(y), abs=1e-12)
    assert parts[(1,)] == pytest.approx(r2(x, y) - r2(x), abs=1e-12)
    assert parts[(0, 1)] == pytest.approx(r2(x) + r2(y) - r2(x, y), abs=1e-12)
    assert parts[()] == pytest.approx(0.0, abs=1e-12)


def test_parts_add_up(predictors, randomness):
    target = torch.rand(66, generator=randomness, dtype=torch.float64) + predictors[2]
    parts = variance_partition(target, predictors)
    assert len(parts) == 8
    assert sum(parts.values()) == pytest.approx(1.0, abs=1e-12)
    alone = variance_partition(target, predictors[[2]])[(0,)]
    assert sum(part for subset, part in parts.items() if 2 in subset) == pytest.approx(alone, abs=1e-12)


@pytest.mark.parametrize(("ranked", "method"), [(True, "spearman"), (False, "pearson")])
def test_partial_correlation_equals_pingouin(predictors, randomness, ranked, method):
    a = predictors[0] + predictors[1]
    b = predictors[1] + torch.rand(66, generator=randomness, dtype=torch.float64)
    frame = pd.DataFrame({"a": a, "b": b, "c": predictors[1], "d": predictors[2]})
    expected = pingouin.partial_corr(frame, x="a", y="b", covar=["c", "d"], method=method)["r"].iloc[0]
    assert partial_correlation(a, b, predictors[1:], ranked=ranked) == pytest.approx(expected, abs=1e-8)


def test_a_common_cause_is_taken_out(predictors):
    truth, one, other = predictors * torch.tensor([[10.0], [1.0], [1.0]])
    assert np.corrcoef(truth + one, truth + other)[0, 1] > 0.9
    assert abs(partial_correlation(truth + one, truth + other, truth[None], ranked=False)) < 0.4
    assert np.isnan(partial_correlation(2 * truth + 1, other, truth[None]))


def test_what_does_not_fit_is_refused(predictors):
    with pytest.raises(ActivityError, match=r"came \(66,\) and \(3, 6\)"):
        weighted_rdm(predictors[0], predictors[:, :6])
    with pytest.raises(ActivityError, match="folds: required at least 2 with at least 3 stimuli each; came 6 for 12"):
        crossvalidated_weighted_rdm(predictors, predictors, folds=6)
    with pytest.raises(ActivityError, match=r"at least 2 subjects; came \(1, 66\)"):
        crossvalidated_weighted_rdm(predictors[:1], predictors)
    with pytest.raises(ActivityError, match="at most 8, .* came 9"):
        variance_partition(predictors[0], predictors.repeat(3, 1))
    with pytest.raises(ActivityError, match="target: required dissimilarities that vary"):
        variance_partition(torch.ones(66), predictors)
