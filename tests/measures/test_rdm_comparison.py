from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from artneuro.errors import ActivityError
from artneuro.measures.cka import cka
from artneuro.measures.rdm_comparison import compare_rdms
from artneuro.measures.rdms import rdm, square_rdm

METHODS = {  # ours: (rsatoolbox's)
    "pearson": "corr",
    "spearman": "spearman",
    "kendall_tau_a": "tau-a",
    "rho_a": "rho-a",
    "cosine": "cosine",
    "cosine_cov": "cosine_cov",
    "bures": "bures",
}


@pytest.fixture
def rdms(randomness):
    """Five RDMs of 9 stimuli, two of them with many ties."""
    found = [rdm(torch.rand(9, 20, generator=randomness), "sqeuclidean") for _ in range(5)]
    return torch.stack([(10 * one).round() if k > 2 else one for k, one in enumerate(found)])


def by_definition(a, b, method, covariance):
    """One pair of RDMs, as the formulas stand."""
    if method == "kendall_tau_a":
        signs = [np.sign(a[p] - a[q]) * np.sign(b[p] - b[q]) for p, q in combinations(range(len(a)), 2)]
        return np.mean(signs)
    if method in ("spearman", "rho_a"):
        ranks = [np.array([(row < v).sum() + ((row == v).sum() + 1) / 2 for v in row]) for row in (a, b)]
        if method == "spearman":
            return np.corrcoef(*ranks)[0, 1]
        n = len(a)
        return 12 / (n**3 - n) * ((ranks[0] - (n + 1) / 2) * (ranks[1] - (n + 1) / 2)).sum()
    if method == "pearson":
        return np.corrcoef(a, b)[0, 1]
    if method == "bures":
        n = 9
        centre = np.eye(n) - 1 / n
        grams = [-0.5 * centre @ square_rdm(row).numpy() @ centre for row in (a, b)]
        for k, (values, vectors) in enumerate(map(np.linalg.eigh, grams)):
            grams[k] = vectors * np.maximum(values, 0) @ vectors.T
        root = sqrtm(grams[0]).real
        return np.trace(sqrtm(root @ grams[1] @ root)).real / np.sqrt(np.trace(grams[0]) * np.trace(grams[1]))
    weights = np.eye(len(a))
    if method == "cosine_cov":
        contrasts = np.zeros((len(a), 9))
        for k, (i, j) in enumerate(combinations(range(9), 2)):
            contrasts[k, i], contrasts[k, j] = 1, -1
        weights = np.linalg.inv((contrasts @ covariance @ contrasts.T) ** 2)
    return a @ weights @ b / np.sqrt((a @ weights @ a) * (b @ weights @ b))


@pytest.mark.parametrize("method", METHODS)
def test_all_pairs_equal_the_definition_one_by_one(rdms, method):
    found = compare_rdms(rdms[:3], rdms[2:], method)
    assert found.shape == (3, 3)
    # roots of eigenvalues near 0 lose half of the digits
    tolerance = 1e-6 if method == "bures" else 1e-12
    for i in range(3):
        for j in range(3):
            expected = by_definition(rdms[i].numpy(), rdms[j + 2].numpy(), method, np.eye(9))
            assert found[i, j].item() == pytest.approx(expected, abs=tolerance)


def test_whitening_with_a_covariance_equals_the_definition(rdms, randomness):
    noise = torch.randn(9, 30, generator=randomness, dtype=torch.float64)
    covariance = noise @ noise.T / 30
    found = compare_rdms(rdms, rdms, "cosine_cov", covariance=covariance)
    expected = by_definition(rdms[0].numpy(), rdms[3].numpy(), "cosine_cov", covariance.numpy())
    assert found[0, 3].item() == pytest.approx(expected, abs=1e-10)
    assert abs(found[0, 3] - compare_rdms(rdms[0], rdms[3], "cosine_cov")) > 1e-3


@pytest.mark.parametrize("method", METHODS)
def test_comparisons_equal_rsatoolbox(rdms, method):
    rsatoolbox = pytest.importorskip("rsatoolbox", reason="equality with rsatoolbox is tested where it is installed")
    rdms = rdms[:3] if method == "bures" else rdms  # of others, which are no squared distances, theirs is asymmetric
    sets = [rsatoolbox.rdm.RDMs(rows.numpy()) for rows in (rdms[:2], rdms[1:])]
    expected = rsatoolbox.rdm.compare(*sets, method=METHODS[method])
    np.testing.assert_allclose(compare_rdms(rdms[:2], rdms[1:], method), expected, atol=1e-6)
    if method == "cosine_cov":
        covariance = torch.diag(torch.arange(1.0, 10.0)).double() + 0.5
        expected = rsatoolbox.rdm.compare(*sets, method=METHODS[method], sigma_k=covariance.numpy())
        ours = compare_rdms(rdms[:2], rdms[1:], method, covariance=covariance)
        np.testing.assert_allclose(ours, expected, atol=1e-5)  # theirs comes from conjugate gradients, to 1e-5


@pytest.mark.parametrize("method", METHODS)
def test_what_leaves_a_comparison_alone(rdms, method):
    one, other = rdms[0], rdms[1]
    same = compare_rdms(one, other, method)
    assert compare_rdms(one, one, method).item() == pytest.approx(1.0, abs=1e-9)
    torch.testing.assert_close(compare_rdms(3 * one, other, method), same)
    torch.testing.assert_close(compare_rdms(other, one, method), same)
    shifted = compare_rdms(one + 5, other, method)
    monotone = compare_rdms(one.exp(), other, method)
    assert torch.isclose(shifted, same, atol=1e-9) == (method in ("pearson", "spearman", "rho_a", "kendall_tau_a"))
    assert torch.isclose(monotone, same, atol=1e-9) == (method in ("spearman", "rho_a", "kendall_tau_a"))


def test_whitened_cosine_of_squared_distances_is_linear_cka(randomness):
    x, y = (torch.randn(20, units, generator=randomness) for units in (5, 30))
    found = compare_rdms(rdm(x, "sqeuclidean"), rdm(y, "sqeuclidean"), "cosine_cov").item()
    assert found == pytest.approx(cka(x, y), abs=1e-12)


def test_dims_before_the_pairs_are_kept(rdms):
    cohort = torch.stack([rdms[:4].reshape(2, 2, -1), rdms[1:].reshape(2, 2, -1)])
    found = compare_rdms(cohort, rdms[:3], "pearson")
    assert found.shape == (2, 2, 2, 3)
    torch.testing.assert_close(found[1, 0, 1, 2], compare_rdms(rdms[2], rdms[2], "pearson"))
    assert compare_rdms(rdms[0].numpy(), rdms[0]).shape == ()


def test_no_variation_is_missing_but_zero_where_ties_are_defined(rdms):
    flat = torch.full((36,), 0.1)
    for method in ("pearson", "spearman"):
        assert compare_rdms(flat, rdms, method).isnan().all()
    for method in ("kendall_tau_a", "rho_a"):
        assert (compare_rdms(flat, rdms, method) == 0).all()
    for method in ("cosine", "cosine_cov", "bures"):
        assert compare_rdms(torch.zeros(36), rdms, method).isnan().all()


def test_wrong_rdms_are_refused(rdms):
    with pytest.raises(ActivityError, match="same stimuli; came 9 and 4"):
        compare_rdms(rdms, torch.ones(6))
    with pytest.raises(ActivityError, match=r"a: required all pairs .*shape \(9, 9\)"):
        compare_rdms(square_rdm(rdms[0]), rdms)
    with pytest.raises(ActivityError, match="b: 1 of 36 values are not finite"):
        compare_rdms(rdms, torch.cat([torch.tensor([torch.nan]), torch.ones(35)]))
    with pytest.raises(ValueError, match="method: required one of pearson, .* came 'kendall'"):
        compare_rdms(rdms, rdms, "kendall")
    with pytest.raises(ValueError, match="covariance is not used by cosine"):
        compare_rdms(rdms, rdms, "cosine", covariance=torch.eye(9))
    for matrix, message in ((torch.eye(3), r"required shape \(9, 9\)"), (-torch.eye(9), "positive definite")):
        with pytest.raises(ActivityError, match=message):
            compare_rdms(rdms, rdms, "cosine_cov", covariance=matrix)
