import numpy as np
import pytest
import torch
from scipy.stats import ttest_ind

from artneuro.errors import ActivityError
from artneuro.measures.discriminability import d_prime


def test_it_follows_from_student_t(randomness):
    x = torch.randn(60, 5, generator=randomness, dtype=torch.float64)
    signal = torch.arange(60) < 30
    t = ttest_ind(x[signal], x[~signal], axis=0).statistic
    np.testing.assert_allclose(d_prime(x, signal), t * np.sqrt(2 / 30), atol=1e-12)


def test_scale_offset_and_sign(randomness):
    x = torch.randn(40, 3, generator=randomness, dtype=torch.float64)
    signal = torch.arange(40) % 4 == 0
    torch.testing.assert_close(d_prime(5 * x + 2, signal), d_prime(x, signal))
    torch.testing.assert_close(d_prime(x, ~signal), -d_prime(x, signal))
    shifted = x + 3 * signal[:, None]
    assert (d_prime(shifted, signal) > d_prime(x, signal) + 1).all()


def test_limits():
    signal = torch.tensor([True, True, False, False])
    x = torch.tensor([[0.1, 1.0], [0.1, 1.0], [0.1, 0.0], [0.1, 0.0]])
    assert d_prime(x, signal).tolist() == [0.0, torch.inf]


def test_what_is_not_defined_is_refused():
    with pytest.raises(ActivityError, match="required bool .* came torch.int64"):
        d_prime(torch.rand(4, 2), torch.tensor([0, 0, 1, 1]))
    with pytest.raises(ActivityError, match="at least 2 stimuli of each kind; came 1 and 3"):
        d_prime(torch.rand(4, 2), torch.tensor([True, False, False, False]))
