"""Label permutation equals its definition."""

import pytest
import torch

from artneuro.errors import SpecificationError
from artneuro.rearing import LabelPermutation, Rearing
from artneuro.rearing.rear import rear
from artneuro.seeds import Stream

TARGETS = torch.tensor([0, 3, 1, 1, 2, 0, 3, 2])


def test_each_class_is_told_under_its_new_name():
    told = LabelPermutation(permutation=(2, 0, 3, 1)).relabel(TARGETS, 4, Stream(0))
    assert told.tolist() == [2, 1, 0, 0, 3, 2, 1, 3]
    assert told.dtype == TARGETS.dtype


@pytest.mark.parametrize("classes", [2, 3, 10, 100])
def test_drawn_it_is_one_permutation_that_leaves_no_class_its_name(classes):
    every = torch.arange(classes).repeat(5)
    told = LabelPermutation().relabel(every, classes, Stream(1))
    assert torch.equal(told, told[:classes].repeat(5))  # the name follows from the class, never from the stimulus
    assert sorted(told[:classes].tolist()) == list(range(classes))
    assert not (told == every).any()


def test_a_subject_keeps_its_names_and_another_has_others():
    every = torch.arange(10)
    told = [LabelPermutation().relabel(every, 10, Stream(seed)) for seed in (0, 0, 1)]
    assert torch.equal(told[0], told[1])
    assert not torch.equal(told[0], told[2])


def test_permutations_without_a_fixed_point_are_equally_likely():
    drawn = [tuple(LabelPermutation().relabel(torch.arange(4), 4, Stream(seed)).tolist()) for seed in range(900)]
    counts = [drawn.count(one) for one in set(drawn)]
    assert len(counts) == 9  # of 24 permutations of four, nine have no fixed point
    assert sum((count - 100) ** 2 / 100 for count in counts) < 20.1  # chi-squared with 8 degrees, p = .01; fixed seeds


def test_a_subject_learns_the_names_it_is_told(naive, few):
    (subject,) = naive("mlp", widths=(8,))
    adult = rear(subject, few, Rearing(epochs=2, batch=16), [LabelPermutation(permutation=(1, 2, 0))])
    assert torch.equal(adult.learnt_targets(), (few.train.targets + 1) % 3)


@pytest.mark.parametrize("permutation", [(0, 0, 1), (1, 2, 3), (0, 2)])
def test_what_is_no_permutation_is_refused(permutation):
    with pytest.raises(SpecificationError, match=r"LabelPermutation.permutation: required each number from 0 to"):
        LabelPermutation(permutation=permutation)


def test_a_permutation_of_other_classes_is_refused_before_rearing(naive, few):
    (subject,) = naive("mlp", widths=(8,))
    with pytest.raises(SpecificationError, match=r"LabelPermutation.permutation: required a number for each of 3 clas"):
        rear(subject, few, Rearing(epochs=1), [LabelPermutation(permutation=(1, 0))])


def test_a_single_class_has_no_other_name(environment):
    (problem,) = LabelPermutation().refusals(environment(1, 4, 4, classes=1))
    assert problem.required == "an environment of at least 2 classes"
