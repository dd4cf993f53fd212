"""Communicability on graphs whose exponential is known on paper, and against scipy's."""

import numpy as np
import pytest
import torch
from scipy.linalg import expm

from artneuro.measures import communicability


def test_two_units_that_drive_each_other():
    """S is w for both, so the exponent is [[0, 1], [1, 0]], whose exponential has sinh(1) beside its diagonal."""
    for weight in (0.1, 7.0):
        found = communicability(torch.tensor([[0.0, weight], [weight, 0.0]], dtype=torch.float64))
        np.testing.assert_allclose(found, [[0, np.sinh(1)], [np.sinh(1), 0]], atol=1e-14)


def test_a_chain_counts_paths_by_their_length():
    chain = torch.tensor([[0.0, 4, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]], dtype=torch.float64)
    near = chain / (chain.sum(1)[:, None] * chain.sum(1)[None]).sqrt()
    expected = sum(torch.linalg.matrix_power(near, k) / float(torch.tensor(k + 1.0).lgamma().exp()) for k in range(30))
    np.testing.assert_allclose(communicability(chain), expected * (1 - torch.eye(4)), atol=1e-12)


def test_it_is_the_exponential_of_scipy_and_follows_units_around():
    draw = torch.Generator().manual_seed(0)
    strengths = torch.rand(9, 9, generator=draw, dtype=torch.float64)
    scale = np.diag(strengths.sum(1).numpy() ** -0.5)
    expected = expm(scale @ strengths.numpy() @ scale)
    np.fill_diagonal(expected, 0.0)
    found = communicability(strengths)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    order = torch.randperm(9, generator=draw)
    np.testing.assert_allclose(communicability(strengths[order][:, order]), found[order][:, order], rtol=1e-12)


def test_a_unit_without_connections_reaches_nothing_and_breaks_no_gradient():
    strengths = torch.tensor([[0.0, 1.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]], requires_grad=True)
    found = communicability(strengths)
    assert found[2].abs().sum() == found[:, 2].abs().sum() == 0
    found.sum().backward()
    assert strengths.grad.isfinite().all()
    assert float(found[0, 1].detach()) == pytest.approx(np.sinh(1) / 2**0.5)  # the exponent is [[0, a], [1 / a, 0]]
