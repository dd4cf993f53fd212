import math

import pytest
import torch

from artneuro.measures.entropy import predictive_entropy


def test_by_the_definition():
    logits = torch.randn(5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    p = logits.softmax(1)
    torch.testing.assert_close(predictive_entropy(logits), -(p * p.log()).sum(1))


def test_between_sure_and_undecided():
    assert float(predictive_entropy(torch.zeros(1, 10))) == pytest.approx(math.log(10), rel=1e-6)  # single precision
    assert float(predictive_entropy(torch.tensor([[1e4, 0.0, 0.0]]))) == 0.0  # where p log p is 0 * -inf


def test_a_constant_added_to_all_logits_says_nothing():
    logits = torch.randn(5, 4, dtype=torch.float64)
    torch.testing.assert_close(predictive_entropy(logits + 7), predictive_entropy(logits))
