import numpy as np
import pytest
import torch

from artneuro.errors import NegativeActivityError
from artneuro.measures.selectivity import class_means, class_selectivity, preferred_class


def test_class_means_equal_a_loop():
    activity, targets = torch.rand(50, 4), torch.arange(50) % 3
    expected = [[activity.double()[targets == c, u].mean() for u in range(4)] for c in range(3)]
    np.testing.assert_allclose(class_means(activity, targets, 3), expected, rtol=1e-12)  # float64 sums


def test_a_class_without_stimuli_is_missing_not_zero():
    means = class_means(torch.tensor([[1.0], [3.0]]), torch.tensor([0, 2]), 3)
    assert means[:, 0].tolist()[::2] == [1.0, 3.0]
    assert means[1].isnan().all()
    assert class_selectivity(means).tolist() == [0.5]  # (3 - 1) / (3 + 1): the missing class does not count
    assert preferred_class(means).tolist() == [2]


def test_limits():
    one_class_only = torch.tensor([[0.0], [5.0], [0.0]])
    equal = torch.full((3, 1), 0.1)
    silent = torch.zeros(3, 1)
    assert class_selectivity(torch.cat([one_class_only, equal, silent], dim=1)).tolist() == [1.0, 0.0, 0.0]


def test_scale_and_order_of_classes_do_not_matter():
    means = torch.rand(10, 30, dtype=torch.float64)
    index = class_selectivity(means)
    assert ((index > 0) & (index < 1)).all()
    torch.testing.assert_close(class_selectivity(means * 7), index)
    torch.testing.assert_close(class_selectivity(means[torch.randperm(10)]), index)


def test_relabelling_units_permutes_the_index():
    means, order = torch.rand(10, 30), torch.randperm(30)
    assert torch.equal(class_selectivity(means[:, order]), class_selectivity(means)[order])


def test_signed_activity_is_refused_with_advice():
    means = torch.tensor([[1.0, -0.1], [1.0, 0.5]])
    with pytest.raises(NegativeActivityError, match=r"1 of 2 units have a negative class mean.*such as a ReLU"):
        class_selectivity(means)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="at least 2 with stimuli are required; came 1"):
        class_selectivity(class_means(torch.ones(3, 2), torch.zeros(3, dtype=torch.int64), 4))


def test_the_first_of_equal_classes_is_preferred():
    assert preferred_class(torch.tensor([[1.0], [2.0], [2.0]])).tolist() == [1]
