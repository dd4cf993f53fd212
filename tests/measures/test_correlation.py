import numpy as np
import pytest

from artneuro.measures.correlation import spearman


def test_ranks_by_hand_with_ties():
    # ranks of x: 1, 2.5, 2.5, 4; of y: 1, 2, 3, 4. Pearson of the ranks: 4.5 / sqrt(4.5 * 5)
    assert spearman([1, 2, 2, 9], [10, 20, 30, 40]) == pytest.approx(4.5 / np.sqrt(22.5), abs=1e-12)
    assert spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("x", "y"),
    [([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [0, 0, 0]), ([1, np.nan, 3], [1, 2, 3]), ([], [])],
)
def test_where_it_is_not_defined_it_is_missing_and_nothing_warns(x, y):
    assert np.isnan(spearman(x, y))
