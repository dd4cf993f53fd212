"""Shape bias by hand."""

import pytest
import torch

from artneuro.errors import ActivityError
from artneuro.measures import shape_bias

SHAPE, TEXTURE = torch.tensor([0, 1, 2, 3]), torch.tensor([1, 1, 0, 0])


def test_only_conflicts_and_answers_by_a_cue_count():
    answers = torch.tensor([[0, 1, 2, 3], [1, 1, 0, 0], [0, 1, 0, 9], [9, 1, -1, 9]])
    found = shape_bias(answers, SHAPE, TEXTURE)
    assert found[:3].tolist() == [1.0, 0.0, 0.5]
    assert found[3].isnan()


def test_cues_of_other_stimuli_are_refused():
    with pytest.raises(ActivityError, match=r"came \(3,\), \(4,\), \(4,\)"):
        shape_bias(torch.tensor([0, 1, 2]), SHAPE, TEXTURE)
