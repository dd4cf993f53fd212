"""Losses against torch's own: the gradients are the same to the last bit."""

import pytest
import torch
from torch.nn import functional as F

from artneuro.rearing.criterion import Criterion, cross_entropy, mean_square


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("shape", [(6, 3), (29, 10), (128, 7)])
def test_cross_entropy_is_torchs(smoothing, shape):
    logits = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    targets = torch.arange(shape[0]) % shape[1]
    found, expected = [], []
    for function, gradients in ((cross_entropy, found), (_torchs, expected)):
        own = logits.clone().requires_grad_()
        loss = function(own, targets, smoothing)
        gradients += [loss.item(), torch.autograd.grad(loss, own)[0]]
    assert found[0] == pytest.approx(expected[0], rel=1e-6)  # summed in another order in float32
    assert torch.equal(found[1], expected[1])


def _torchs(logits, targets, smoothing):
    return F.cross_entropy(logits, targets, label_smoothing=smoothing)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(6, 1), (29, 3), (100, 2)])
def test_mean_square_is_torchs(dtype, shape):
    draw = torch.Generator().manual_seed(0)
    answers, targets = (torch.randn(shape, generator=draw, dtype=dtype) for _ in range(2))
    ours, theirs = (answers.clone().requires_grad_() for _ in range(2))
    loss, expected = mean_square(ours, targets), F.mse_loss(theirs, targets)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)  # summed in another order
    assert torch.equal(torch.autograd.grad(loss, ours)[0], torch.autograd.grad(expected, theirs)[0])


def test_the_right_class_counts_as_one_and_all_others_as_zero():
    answers, targets = torch.tensor([[0.5, 0.0, 1.0], [2.0, 0.0, 0.0]], dtype=torch.float64), torch.tensor([2, 1])
    assert mean_square(answers, targets).item() == pytest.approx((0.25 + 4.0 + 1.0) / 6)
    assert torch.equal(mean_square(answers, targets), mean_square(answers, F.one_hot(targets, 3).double()))


def test_values_are_neither_right_nor_wrong():
    answers = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    assert Criterion("mean_square").right(answers, answers) == ()
    assert [count.item() for count in Criterion("mean_square").right(answers, torch.tensor([1, 1]))] == [1]


def test_exams_are_not_smoothed():
    logits, targets = torch.tensor([[2.0, 0.0]]), torch.tensor([0])
    smooth = Criterion(smoothing=0.3)
    assert torch.equal(smooth.exam(logits, targets), cross_entropy(logits, targets))
    assert smooth.lesson(logits, targets) > smooth.exam(logits, targets)
