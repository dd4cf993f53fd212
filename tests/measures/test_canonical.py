import numpy as np
import pytest
import torch
from sklearn.cross_decomposition import CCA

from artneuro.errors import ActivityError
from artneuro.measures.canonical import cca, pwcca, svcca


@pytest.fixture
def pair(randomness):
    x = torch.randn(80, 6, generator=randomness, dtype=torch.float64)
    noise = torch.randn(80, 4, generator=randomness, dtype=torch.float64)
    return x, x[:, :4] * torch.tensor([3.0, 1.0, 0.5, 0.2]) + noise


def test_correlations_equal_scikit_learn(pair):
    x, y = (one.numpy() for one in pair)
    left, right = CCA(n_components=4, scale=False, max_iter=10_000, tol=1e-14).fit(x, y).transform(x, y)
    expected = [np.corrcoef(left[:, k], right[:, k])[0, 1] for k in range(4)]
    np.testing.assert_allclose(cca(x, y), expected, atol=1e-6)  # theirs is iterated


def test_mean_square_correlation_equals_its_closed_form(pair):
    x, y = (one - one.mean(dim=0) for one in pair)
    onto = [one @ torch.linalg.solve(one.T @ one, one.T) for one in (x, y)]
    expected = torch.trace(onto[0] @ onto[1]) / 4
    assert cca(*pair).square().mean().item() == pytest.approx(expected.item(), abs=1e-12)


def test_pwcca_weighs_canonical_variates_by_what_they_account_for(pair):
    x, y = (one.numpy() for one in pair)
    model = CCA(n_components=4, scale=False, max_iter=10_000, tol=1e-14).fit(x, y)
    left, right = model.transform(x, y)
    rho = [np.corrcoef(left[:, k], right[:, k])[0, 1] for k in range(4)]
    left = left / np.linalg.norm(left, axis=0)
    weights = np.abs(left.T @ (x - x.mean(axis=0))).sum(axis=1)
    assert pwcca(x, y) == pytest.approx((weights * rho).sum() / weights.sum(), abs=1e-6)
    assert abs(pwcca(x, y) - pwcca(y, x)) > 1e-3


def test_svcca_leaves_out_what_has_no_variance(pair):
    x, y = pair
    assert svcca(x, y, variance=1.0) == pytest.approx(cca(x, y).mean().item(), abs=1e-12)
    first = torch.linalg.svd(x - x.mean(dim=0), full_matrices=False).U[:, :1]
    other = torch.linalg.svd(y - y.mean(dim=0), full_matrices=False).U[:, :1]
    assert svcca(x, y, variance=1e-3) == pytest.approx((first.T @ other).abs().item(), abs=1e-12)


def test_what_leaves_them_alone_and_what_does_not(pair, randomness):
    x, y = pair
    mixed = x @ torch.randn(6, 6, generator=randomness, dtype=torch.float64) + 3
    torch.testing.assert_close(cca(mixed, y), cca(x, y), atol=1e-9, rtol=0)
    rotation = torch.linalg.qr(torch.randn(6, 6, generator=randomness, dtype=torch.float64)).Q
    for alike in (x @ rotation, 4 * x + 1, x[:, [3, 1, 0, 2, 5, 4]]):
        assert svcca(alike, y, 0.8) == pytest.approx(svcca(x, y, 0.8), abs=1e-9)
    assert abs(svcca(x * torch.arange(1.0, 7.0), y, 0.8) - svcca(x, y, 0.8)) > 1e-3
    for alike in (4 * x + 1, x[:, [3, 1, 0, 2, 5, 4]]):
        assert pwcca(alike, y) == pytest.approx(pwcca(x, y), abs=1e-9)
    assert abs(pwcca(mixed, y) - pwcca(x, y)) > 1e-3


def test_limits(pair, randomness):
    x, _ = pair
    noise = torch.randn(4000, 3, generator=randomness), torch.randn(4000, 2, generator=randomness)
    assert cca(*noise).max() < 0.1  # of order 1 / sqrt(4000)
    torch.testing.assert_close(cca(x, torch.cat([x, x], dim=1)), torch.ones(6, dtype=torch.float64))
    assert pwcca(x, 2 * x) == pytest.approx(1.0, abs=1e-12)


def test_what_tells_nothing_is_refused(pair):
    x, y = pair
    with pytest.raises(ActivityError, match="x: required fewer independent directions .* came 6 for 7 stimuli"):
        cca(x[:7], y[:7])
    with pytest.raises(ActivityError, match="y: required units that vary over stimuli; all 2 are constant"):
        cca(x, torch.full((80, 2), 0.1))
    with pytest.raises(ActivityError, match="came 80 and 79 rows"):
        svcca(x, y[:79])
    with pytest.raises(ValueError, match=r"variance: required in \(0, 1\]; came 0"):
        svcca(x, y, 0)
