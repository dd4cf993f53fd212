"""Which targets are corrupted, and how."""

import pytest
import torch

from artneuro.errors import SpecificationError
from artneuro.rearing import LabelCorruption
from artneuro.seeds import Stream

TARGETS = torch.arange(10).repeat(200)


@pytest.mark.parametrize("how", ["permuted", "uniform"])
@pytest.mark.parametrize("fraction", [0.0, 0.25, 1.0])
def test_at_most_the_fraction_is_told_otherwise(how, fraction):
    told = LabelCorruption(fraction=fraction, how=how).relabel(TARGETS, 10, Stream(0))
    wrong = (told != TARGETS).double().mean().item()
    # of those chosen a tenth keeps its class by chance; four standard deviations of that share, of at least 500
    assert wrong == pytest.approx(0.9 * fraction, abs=4 * (0.09 / 500) ** 0.5 * fraction)
    assert (torch.equal(told, TARGETS)) == (fraction == 0)
    assert told.dtype == TARGETS.dtype


def test_permuting_keeps_the_size_of_every_class_and_drawing_does_not():
    counts = [
        LabelCorruption(fraction=0.7, how=how).relabel(TARGETS, 10, Stream(0)).bincount()
        for how in ("permuted", "uniform")
    ]
    assert torch.equal(counts[0], TARGETS.bincount())
    assert not torch.equal(counts[1], TARGETS.bincount())


@pytest.mark.parametrize("how", ["permuted", "uniform"])
def test_a_larger_fraction_adds_to_a_smaller(how):
    # every target its own class, so that hardly any chosen one keeps its own
    targets = torch.arange(2000)
    small, large = (LabelCorruption(fraction=part, how=how).relabel(targets, 2000, Stream(3)) for part in (0.2, 0.5))
    untouched = large == targets
    assert torch.equal(small[untouched], targets[untouched])
    assert int((~untouched).sum()) in range(980, 1001)


def test_a_subject_is_told_the_same_all_its_life_and_another_something_else():
    corruption = LabelCorruption(fraction=0.5)
    told = [corruption.relabel(TARGETS, 10, Stream(seed)) for seed in (0, 0, 1)]
    assert torch.equal(told[0], told[1])
    assert not torch.equal(told[0], told[2])


def test_drawing_reaches_classes_without_stimuli():
    told = LabelCorruption(fraction=1.0, how="uniform").relabel(torch.zeros(1000, dtype=torch.long), 4, Stream(0))
    assert told.bincount().tolist() == pytest.approx([250] * 4, abs=60)  # four standard deviations


def test_a_fraction_beyond_one_is_refused():
    with pytest.raises(
        SpecificationError, match=r"LabelCorruption.fraction: required a number between 0 and 1; came 1.1"
    ):
        LabelCorruption(fraction=1.1)
