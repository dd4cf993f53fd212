from math import isnan

import numpy as np
import pytest
import torch

from artneuro.errors import ActivityError
from artneuro.measures.cka import cka
from artneuro.measures.rv import rv2


@pytest.fixture
def pair(randomness):
    x = torch.randn(25, 8, generator=randomness, dtype=torch.float64)
    return x, x[:, :5] + torch.randn(25, 5, generator=randomness, dtype=torch.float64)


def test_it_equals_a_sum_over_pairs_of_different_stimuli(pair):
    x, y = (one.numpy() - one.numpy().mean(axis=0) for one in pair)
    sums = np.zeros(3)
    for i in range(25):
        for j in range(25):
            if i != j:
                k, ell = x[i] @ x[j], y[i] @ y[j]
                sums += (k * ell, k * k, ell * ell)
    assert rv2(*pair) == pytest.approx(sums[0] / np.sqrt(sums[1] * sums[2]), abs=1e-12)


def test_rotation_scale_offset_and_order_do_not_matter_other_maps_do(pair, randomness):
    x, y = pair
    rotation = torch.linalg.qr(torch.randn(8, 8, generator=randomness, dtype=torch.float64)).Q
    for alike in (x @ rotation, 3 * x + 2, x.flip(1)):
        assert rv2(alike, y) == pytest.approx(rv2(x, y), abs=1e-10)
    assert abs(rv2(x * torch.arange(1.0, 9.0), y) - rv2(x, y)) > 1e-2
    assert rv2(x, x) == pytest.approx(1.0, abs=1e-12)


def test_noise_of_many_units_is_less_alike_than_for_cka_but_more_than_nothing(randomness):
    for stimuli, units, tolerance in ((100, 500, 0.05), (50, 5000, 0.05)):
        noise = [torch.randn(stimuli, units, generator=randomness) for _ in range(2)]
        # standard deviation sqrt(2) / stimuli
        assert rv2(*noise) == pytest.approx(units / (units + stimuli**2), abs=tolerance)
        assert cka(*noise) == pytest.approx(units / (units + stimuli), abs=tolerance)


def test_constant_activity_is_missing_and_other_stimuli_are_refused(pair):
    x, y = pair
    assert isnan(rv2(torch.full((25, 2), 0.1), y))
    with pytest.raises(ActivityError, match="came 25 and 24 rows"):
        rv2(x, y[:24])
