import numpy as np
import torch
from scipy.stats import rankdata

from artneuro.measures.ranks import average_ranks, distance_ranks, ranks_in_order


def test_ranks_equal_scipy_with_ties_in_any_number_of_dims(randomness):
    values = torch.randint(0, 9, (2, 3, 40), generator=randomness).double()
    np.testing.assert_array_equal(average_ranks(values), rankdata(values, axis=-1))
    np.testing.assert_array_equal(average_ranks(values.float()[0, 0]), rankdata(values[0, 0]))


def test_all_equal_share_the_middle_and_all_different_have_their_place():
    assert ranks_in_order(torch.zeros(1, 5)).tolist() == [[3.0] * 5]
    assert ranks_in_order(torch.arange(4.0)[None]).tolist() == [[1.0, 2.0, 3.0, 4.0]]


def test_distances_are_ranked_as_by_scipy_and_rounding_makes_no_order(randomness):
    values = torch.rand(3, 5000, generator=randomness, dtype=torch.float64)
    values[:, ::7] = 0.0
    np.testing.assert_array_equal(distance_ranks(values), rankdata(values, axis=1))
    nearly = values * (1 + 1e-15 * torch.randn(3, 5000, generator=randomness, dtype=torch.float64))
    # but for the few that lie just where numbers are rounded up or down: one in 5000 changes places by one
    assert (distance_ranks(torch.cat([values, nearly], dim=1)) % 1 == 0.5).double().mean() > 0.99


def test_a_hair_below_a_round_number_ties_with_it():
    pairs = torch.tensor([[1.0, 1.0 - 2**-53, 2.0, 2.0 - 2**-52, 0.0]], dtype=torch.float64)
    assert distance_ranks(pairs).tolist() == [[2.5, 2.5, 4.5, 4.5, 1.0]]
