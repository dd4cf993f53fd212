import numpy as np
import pytest
import torch
from torch.nn import functional as F

from artneuro.measures.performance import Tally


def test_equals_torch_and_a_loop():
    logits, targets = torch.randn(40, 5) * 3, torch.arange(40) % 5
    tally = Tally.of(logits, targets, classes=5)
    assert float(tally.loss) == pytest.approx(F.cross_entropy(logits.double(), targets).item(), rel=1e-6)  # float32
    right = (logits.argmax(dim=1) == targets).numpy()
    assert float(tally.accuracy) == right.mean()
    assert tally.class_accuracy.tolist() == [right[targets.numpy() == c].mean() for c in range(5)]


def test_blocks_and_conditions():
    logits, targets = torch.randn(3, 40, 5), torch.randint(0, 5, (40,))
    parts = Tally.of(logits[:, :13], targets[:13], 5) + Tally.of(logits[:, 13:], targets[13:], 5)
    for condition in range(3):
        alone = Tally.of(logits[condition], targets, 5)
        assert parts.accuracy[condition] == alone.accuracy
        assert torch.equal(parts.hits[condition], alone.hits)
        assert float(parts.loss[condition]) == pytest.approx(float(alone.loss), rel=1e-14)  # order of a float64 sum


def test_of_equal_logits_the_first_class_is_the_answer():
    tally = Tally.of(torch.zeros(4, 3), torch.tensor([0, 0, 1, 2]), classes=3)
    assert tally.class_accuracy.tolist() == [1.0, 0.0, 0.0]
    assert float(tally.loss) == pytest.approx(np.log(3), rel=1e-6)  # float32


def test_a_class_without_stimuli_is_missing():
    tally = Tally.of(torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([0]), classes=3)
    assert tally.class_accuracy[0] == 1.0
    assert tally.class_accuracy[1:].isnan().all()
    assert float(tally.accuracy) == 1.0


def test_conditions_that_come_in_parts_are_joined():
    logits, targets = torch.randn(5, 40, 3), torch.randint(0, 3, (40,))
    joined = Tally.joined([Tally.of(logits[:2], targets, 3), Tally.of(logits[2:], targets, 3)])
    whole = Tally.of(logits, targets, 3)
    assert torch.equal(joined.losses, whole.losses)
    assert torch.equal(joined.hits, whole.hits)
    assert torch.equal(joined.shown, whole.shown)
