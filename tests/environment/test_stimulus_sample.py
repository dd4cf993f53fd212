import numpy as np
import pytest

import artneuro as an
from artneuro.environment import StimulusSample
from artneuro.errors import SpecificationError
from artneuro.predictors import ClassMembership


def values():
    """Images whose targets are values, not classes."""
    images = np.linspace(0, 1, 20 * 16).reshape(20, 4, 4).astype(np.float32)
    targets = np.linspace(-1, 1, 20)[:, None]
    return an.Environment.from_arrays(images[:10], targets[:10], images[10:], targets[10:])


def test_a_smaller_sample_is_part_of_a_larger_one_and_seeds_differ():
    digits = an.environment("digits", train_size=200, test_size=100)
    few, more, other = (
        set(StimulusSample(count=count, seed=seed).of(digits).index.tolist())
        for count, seed in ((20, 0), (50, 0), (20, 1))
    )
    assert few < more
    assert few != other
    assert len(StimulusSample(set="train", count=None).of(digits)) == 200


def test_stimuli_without_classes_keep_the_order_of_the_set():
    sample = StimulusSample(count=5).of(values())
    assert len(sample) == 5
    assert sample.index.tolist() == sorted(sample.index.tolist())
    with pytest.raises(SpecificationError, match="stimuli of classes"):
        ClassMembership().rdm(values(), sample)


def test_a_recording_of_values_has_no_classes():
    environment = values()
    subject = an.Subject.naive(an.anatomy("mlp", widths=(3,)), environment, seed=0)
    found = an.record(subject, environment.test)
    assert "target" not in found.coords
    assert found.stimulus.values.tolist() == environment.test.index.tolist()
