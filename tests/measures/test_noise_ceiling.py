import numpy as np
import pytest
import torch
from scipy.stats import rankdata, spearmanr

from artneuro.errors import ActivityError
from artneuro.measures.noise_ceiling import noise_ceiling
from artneuro.measures.rdm_comparison import compare_rdms


@pytest.fixture
def group(randomness):
    """Six subjects: a truth and noise."""
    truth = torch.rand(45, generator=randomness, dtype=torch.float64)
    return truth + 0.5 * torch.rand(6, 45, generator=randomness, dtype=torch.float64)


def test_spearman_equals_a_loop(group):
    ranks = np.array([rankdata(one) for one in group])
    upper = [spearmanr(one, ranks.mean(axis=0)).statistic for one in ranks]
    lower = [spearmanr(ranks[k], np.delete(ranks, k, axis=0).mean(axis=0)).statistic for k in range(6)]
    assert noise_ceiling(group) == pytest.approx((np.mean(lower), np.mean(upper)), abs=1e-12)


@pytest.mark.parametrize(("ours", "theirs"), [("pearson", "corr"), ("cosine", "cosine"), ("rho_a", "rho-a")])
def test_it_equals_rsatoolbox(group, ours, theirs):
    rsatoolbox = pytest.importorskip("rsatoolbox", reason="equality with rsatoolbox is tested where it is installed")
    expected = rsatoolbox.inference.boot_noise_ceiling(rsatoolbox.rdm.RDMs(group.numpy()), method=theirs)
    assert noise_ceiling(group, ours) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("method", ["pearson", "cosine", "spearman"])
def test_no_model_does_better_than_the_upper_bound(group, method, randomness):
    lower, upper = noise_ceiling(group, method)
    assert lower < upper < 1
    models = torch.cat([torch.rand(50, 45, generator=randomness, dtype=torch.float64), group])
    assert compare_rdms(group, models, method).mean(dim=0).max() < upper
    assert noise_ceiling(group * torch.arange(1, 7)[:, None], method) == pytest.approx((lower, upper), abs=1e-12)


def test_what_has_no_ceiling_is_refused(group):
    with pytest.raises(ActivityError, match=r"at least 2 subjects; came \(1, 45\)"):
        noise_ceiling(group[:1])
    flat = group.clone()
    flat[2] = 0.3
    with pytest.raises(ActivityError, match="those of subject 2 are all equal"):
        noise_ceiling(flat, "pearson")
