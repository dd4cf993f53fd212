import numpy as np
import torch
from scipy.stats import rankdata

from artneuro.measures.ranks import average_ranks, ranks_in_order


def test_ranks_equal_scipy_with_ties_in_any_number_of_dims(randomness):
    values = torch.randint(0, 9, (2, 3, 40), generator=randomness).double()
    np.testing.assert_array_equal(average_ranks(values), rankdata(values, axis=-1))
    np.testing.assert_array_equal(average_ranks(values.float()[0, 0]), rankdata(values[0, 0]))


def test_all_equal_share_the_middle_and_all_different_have_their_place():
    assert ranks_in_order(torch.zeros(1, 5)).tolist() == [[3.0] * 5]
    assert ranks_in_order(torch.arange(4.0)[None]).tolist() == [[1.0, 2.0, 3.0, 4.0]]
