from itertools import permutations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist, squareform

from artneuro.errors import ActivityError
from artneuro.measures.cka import cka, cka_matrix, minibatch_cka

CONVENTIONS = [("linear", False), ("linear", True), ("rbf", False), ("rbf", True)]


@pytest.fixture
def pair(randomness):
    """Two related representations of 15 stimuli, one wide and one narrow."""
    shared = torch.randn(15, 3, generator=randomness, dtype=torch.float64)
    wide = shared @ torch.randn(3, 40, generator=randomness, dtype=torch.float64)
    noise = torch.randn(15, 8, generator=randomness, dtype=torch.float64)
    return wide + 1, shared @ torch.randn(3, 8, generator=randomness, dtype=torch.float64) + noise


def by_definition(x, y, kernel, debiased, sigma=1.0):
    """HSIC as its formulas stand: Gretton et al. 2005, and Song et al. 2012, equation 5."""

    def gram(values):
        if kernel == "linear":
            return values @ values.T
        apart = pdist(values)
        return np.exp(-(squareform(apart) ** 2) / (2 * (sigma * np.median(apart)) ** 2))

    def hsic(k, ell):
        n, ones = len(k), np.ones(len(k))
        if not debiased:
            centre = np.eye(n) - 1 / n
            return np.trace(k @ centre @ ell @ centre) / (n - 1) ** 2
        k, ell = k - np.diag(np.diag(k)), ell - np.diag(np.diag(ell))
        total = np.trace(k @ ell) + (ones @ k @ ones) * (ones @ ell @ ones) / ((n - 1) * (n - 2))
        return (total - 2 / (n - 2) * (ones @ k @ ell @ ones)) / (n * (n - 3))

    k, ell = gram(x.numpy()), gram(y.numpy())
    return hsic(k, ell) / np.sqrt(hsic(k, k) * hsic(ell, ell))


@pytest.mark.parametrize(("kernel", "debiased"), CONVENTIONS)
def test_all_pairs_equal_the_definition(pair, kernel, debiased):
    x, y = pair
    found = cka_matrix([x, y], [y, x[:, :5]], kernel, debiased=debiased)
    for i, left in enumerate((x, y)):
        for j, right in enumerate((y, x[:, :5])):
            expected = by_definition(left, right, kernel, debiased)
            assert found[i, j].item() == pytest.approx(expected, abs=1e-12)
    same = cka_matrix([x, y], kernel=kernel, debiased=debiased)
    assert same.diagonal().tolist() == [1.0, 1.0]
    assert same[0, 1].item() == pytest.approx(found[0, 0].item(), abs=1e-12)


def test_linear_is_that_of_the_paper_in_feature_space(pair):
    x, y = (one - one.mean(dim=0) for one in pair)
    expected = (y.T @ x).norm() ** 2 / ((x.T @ x).norm() * (y.T @ y).norm())
    assert cka(*pair) == pytest.approx(expected.item(), abs=1e-12)


def test_the_width_of_the_rbf_kernel_is_in_medians(pair):
    assert cka(*pair, "rbf", sigma=0.4) == pytest.approx(by_definition(*pair, "rbf", False, 0.4), abs=1e-12)
    assert cka(*pair, "rbf", sigma=1.0) == cka(*pair, "rbf") != cka(*pair, "rbf", sigma=0.4)
    # a wide rbf kernel is the linear one: Kornblith et al. 2019, section 5
    assert cka(*pair, "rbf", sigma=300.0) == pytest.approx(cka(*pair), abs=1e-4)


@pytest.mark.parametrize(("kernel", "debiased"), CONVENTIONS)
def test_rotation_scale_offset_and_order_of_units_do_not_matter_but_other_linear_maps_do(
    pair, kernel, debiased, randomness
):
    x, y = pair
    plain = cka(x, y, kernel, debiased=debiased)
    rotation = torch.linalg.qr(torch.randn(40, 40, generator=randomness, dtype=torch.float64)).Q
    for alike in (x @ rotation, 7 * x, x + 5, x[:, torch.randperm(40, generator=randomness)]):
        assert cka(alike, y, kernel, debiased=debiased) == pytest.approx(plain, abs=1e-10)
    stretched = x * torch.arange(1.0, 41.0)
    assert abs(cka(stretched, y, kernel, debiased=debiased) - plain) > 1e-3


def test_many_units_of_noise_look_alike_unless_debiased(randomness):
    noise = [torch.randn(50, 5000, generator=randomness) for _ in range(6)]
    pairs = torch.triu_indices(6, 6, 1)
    biased, debiased = (cka_matrix(noise, debiased=flag)[*pairs] for flag in (False, True))
    assert biased.min() > 0.98  # 1 / (1 + 50/5000), all but fluctuations
    assert debiased.abs().max() < 0.1  # each has a standard deviation of sqrt(2) / 50 = 0.03
    assert debiased.min() < 0 < debiased.max()


def test_batches_average_the_unbiased_estimate(pair, randomness):
    x, y = (torch.randn(400, units, generator=randomness, dtype=torch.float64) for units in (30, 20))
    y = y + x[:, :20]
    whole = cka(x, y, debiased=True)
    one = minibatch_cka([([x], [y])])
    assert one.item() == pytest.approx(whole, abs=1e-12)
    blocks = minibatch_cka(([x[k : k + 20]], [y[k : k + 20], x[k : k + 20]]) for k in range(0, 400, 20))
    assert blocks[0].tolist() == pytest.approx([whole, 1.0], abs=0.05)
    # the mean of biased estimates is far off
    biased = np.mean([cka(x[k : k + 20], y[k : k + 20]) for k in range(0, 400, 20)])
    assert biased - whole > 0.2


def test_batches_of_unequal_size_count_the_same(pair):
    def hsic(x, y):
        """Mean over quadruples of different stimuli: Song et al. 2012, by a kernel that counts each."""
        n = len(x)
        k, ell = x @ x.T, y @ y.T
        total = torch.zeros((), dtype=torch.float64)
        for i, j, q, r in permutations(range(n), 4):
            total += k[i, j] * (ell[i, j] + ell[q, r] - 2 * ell[i, q])
        return total / (n * (n - 1) * (n - 2) * (n - 3))

    x, y = pair
    blocks = [(x[:5], y[:5]), (x[5:12], y[5:12])]
    across, own, other = (
        sum(hsic(*(block[k] for k in which)) for block in blocks) for which in ((0, 1), (0, 0), (1, 1))
    )
    found = minibatch_cka(([one], [two]) for one, two in blocks)
    assert found.item() == pytest.approx((across / (own * other).sqrt()).item(), abs=1e-10)


def test_constant_activity_is_missing_and_a_silent_unit_does_not_matter(pair):
    x, y = pair
    assert np.isnan(cka(torch.full((15, 3), 0.1), y))
    assert np.isnan(cka(torch.full((15, 3), 0.1), y, "rbf", debiased=True))
    assert cka_matrix([x, torch.zeros(15, 2)]).isnan().tolist() == [[False, True], [True, True]]
    assert cka(torch.cat([x, torch.full((15, 1), 0.1)], dim=1), y) == pytest.approx(cka(x, y), abs=1e-12)


def test_wrong_activity_is_refused(pair):
    x, y = pair
    with pytest.raises(ActivityError, match="same stimuli in the same order; came 15 and 14"):
        cka(x, y[:14])
    with pytest.raises(ActivityError, match="same stimuli in the same order; came 15 and 14"):
        minibatch_cka([([x], [y[:14]])])
    with pytest.raises(ActivityError, match=r"xs\[1\]: required at least 4 stimuli"):
        cka_matrix([x, y[:3]])
    with pytest.raises(ActivityError, match="xs: required at least one"):
        cka_matrix([])
    with pytest.raises(ActivityError, match="batches: required at least one"):
        minibatch_cka([])
    with pytest.raises(ActivityError, match="median distance between stimuli is 0"):
        cka(torch.eye(15)[:, :2], y, "rbf")
    with pytest.raises(ValueError, match="sigma: required > 0, and the kernel rbf; came 2 and linear"):
        cka(x, y, sigma=2)
    with pytest.raises(ValueError, match="required linear or rbf; came 'poly'"):
        cka(x, y, "poly")
