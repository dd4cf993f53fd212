import numpy as np
import pytest
import torch

from artneuro.errors import NegativeActivityError
from artneuro.measures.sparseness import lifetime_sparseness, population_sparseness


def test_it_equals_the_formula_and_both_are_one_of_the_transposed(randomness):
    x = torch.rand(9, 6, generator=randomness, dtype=torch.float64).numpy()
    expected = [(1 - (r.sum() / 9) ** 2 / (r**2).sum() * 9) / (1 - 1 / 9) for r in x.T]
    np.testing.assert_allclose(lifetime_sparseness(x), expected, atol=1e-12)
    np.testing.assert_allclose(population_sparseness(x), lifetime_sparseness(x.T), atol=1e-12)


def test_binary_responses_and_their_scale():
    for driven in range(1, 11):  # 1 - a for a share a of stimuli, over 1 - 1/n
        x = torch.zeros(10, 1)
        x[:driven] = 1e-30
        assert lifetime_sparseness(x).item() == pytest.approx((1 - driven / 10) / 0.9, abs=1e-12)


def test_silence_has_none_and_signed_activity_is_refused():
    assert lifetime_sparseness(torch.zeros(4, 1)).isnan().all()
    with pytest.raises(NegativeActivityError, match="1 of 2 units have some below 0"):
        population_sparseness(torch.tensor([[1.0, -1.0]] * 4))
