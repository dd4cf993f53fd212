from math import isnan

import numpy as np
import pytest
import torch

from artneuro.errors import ActivityError
from artneuro.measures.dimensionality import intrinsic_dimension, participation_ratio


def test_participation_ratio_equals_that_of_eigenvalues(randomness):
    for shape in ((30, 8), (8, 30)):
        x = torch.randn(*shape, generator=randomness, dtype=torch.float64) * torch.rand(shape[1], generator=randomness)
        eigenvalues = np.linalg.eigvalsh(np.cov(x.numpy().T))
        expected = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
        assert participation_ratio(x) == pytest.approx(expected, rel=1e-10)


def test_participation_ratio_limits_and_invariances(randomness):
    direction = torch.randn(1, 20, generator=randomness, dtype=torch.float64)
    line = torch.randn(50, 1, generator=randomness, dtype=torch.float64) @ direction
    assert participation_ratio(line + 3) == pytest.approx(1.0, abs=1e-9)
    ball = torch.randn(20_000, 6, generator=randomness, dtype=torch.float64)
    assert participation_ratio(ball) == pytest.approx(6.0, abs=0.02)
    rotation = torch.linalg.qr(torch.randn(6, 6, generator=randomness, dtype=torch.float64)).Q
    assert participation_ratio(7 * ball @ rotation + 1) == pytest.approx(participation_ratio(ball), rel=1e-9)
    assert participation_ratio(ball * torch.arange(1.0, 7.0)) < 4
    assert isnan(participation_ratio(torch.full((9, 3), 0.1)))


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_twonn_finds_the_dimension_of_a_flat_and_of_a_curved_manifold(randomness, dimension):
    uniform = torch.rand(1500, dimension, generator=randomness, dtype=torch.float64)
    embedded = uniform @ torch.randn(dimension, 30, generator=randomness, dtype=torch.float64)
    # relative standard error 1 / sqrt(1500) = 0.026; edges and curvature lower it where stimuli lie far apart
    assert 0.8 * dimension < intrinsic_dimension(embedded) < 1.1 * dimension
    torus = torch.cat([torch.sin(2 * torch.pi * uniform), torch.cos(2 * torch.pi * uniform)], dim=1)
    assert 0.9 * dimension < intrinsic_dimension(torus) < 1.1 * dimension


def test_twonn_equals_a_fit_by_numpy(randomness):
    x = torch.rand(60, 3, generator=randomness, dtype=torch.float64).numpy()
    apart = np.sort(np.linalg.norm(x[:, None] - x, axis=2), axis=1)
    ratios = np.sort(np.log(apart[:, 2] / apart[:, 1]))[:54]
    heights = -np.log(1 - np.arange(1, 55) / 60)
    expected = np.linalg.lstsq(ratios[:, None], heights, rcond=None)[0][0]
    assert intrinsic_dimension(x) == pytest.approx(expected, rel=1e-9)
    assert intrinsic_dimension(np.concatenate([x, x])) == pytest.approx(expected, rel=1e-9)


def test_what_is_not_defined_is_refused():
    with pytest.raises(ActivityError, match="at least 10 stimuli with different responses; came 1"):
        intrinsic_dimension(torch.zeros(50, 2))
    with pytest.raises(ValueError, match="discard: required in"):
        intrinsic_dimension(torch.rand(50, 2), discard=1.0)
