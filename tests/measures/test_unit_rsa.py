import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from artneuro.errors import ActivityError
from artneuro.measures import unit_rsa
from artneuro.measures.rdm_comparison import compare_rdms
from artneuro.measures.rdms import rdm, unit_rdms
from artneuro.measures.unit_rsa import compare_unit_rdms


@pytest.fixture
def x(randomness):
    """Activity after a ReLU: half of it is 0, so distances tie; the last unit is silent."""
    activity = torch.randn(30, 12, generator=randomness).clamp(min=0.0)
    activity[:, -1] = 0.0
    return activity


@pytest.fixture
def predictors(randomness):
    return torch.stack([rdm(torch.rand(30, 3, generator=randomness), "euclidean") for _ in range(4)])


def test_spearman_equals_a_loop_over_units_and_predictors(x, predictors):
    found = compare_unit_rdms(x, predictors)
    for unit in range(11):
        apart = pdist(x[:, [unit]].double())
        expected = [spearmanr(apart, predictor).statistic for predictor in predictors]
        np.testing.assert_allclose(found[unit], expected, atol=1e-9)  # ranked to ten digits
    assert found[11].isnan().all()


@pytest.mark.parametrize("method", ["pearson", "rho_a", "cosine"])
def test_other_methods_and_blocks_of_one_unit_equal_the_whole(x, predictors, method, monkeypatch):
    whole = compare_rdms(unit_rdms(x), predictors, method)
    torch.testing.assert_close(compare_unit_rdms(x, predictors, method), whole, atol=1e-9, rtol=0, equal_nan=True)
    monkeypatch.setattr(unit_rsa, "_VALUES_AT_ONCE", 1)
    torch.testing.assert_close(compare_unit_rdms(x, predictors, method), whole, atol=1e-9, rtol=0, equal_nan=True)


def test_scale_and_offset_of_a_unit_do_not_matter(x, predictors):
    torch.testing.assert_close(
        compare_unit_rdms(5 - 3 * x, predictors), compare_unit_rdms(x, predictors), atol=1e-4, rtol=0, equal_nan=True
    )  # in float32, 5 - 3 x is rounded before it is ranked


def test_other_stimuli_and_methods_are_refused(x, predictors):
    with pytest.raises(ActivityError, match="for the 29 stimuli of x; came .*pairs of 30 stimuli"):
        compare_unit_rdms(x[:29], predictors)
    with pytest.raises(ActivityError, match=r"came \(435,\)"):
        compare_unit_rdms(x, predictors[0])
    with pytest.raises(ValueError, match="required one of pearson, spearman, rho_a, cosine; came 'bures'"):
        compare_unit_rdms(x, predictors, "bures")
