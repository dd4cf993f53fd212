"""A subject is shown each stimulus once, with the targets that it was taught."""

import pytest
import torch

import artneuro as an
from artneuro.anatomy.bench import intact_performance
from artneuro.rearing.showing import PARTS, shown


@pytest.fixture(scope="module")
def taught():
    place = an.environment("digits", train_size=120, test_size=70)
    naive = an.Subject.naive(an.anatomy("mlp", widths=(8,)), place, seed=0)
    return an.rear(naive, place, an.Rearing(epochs=2, batch=20), [an.LabelCorruption(fraction=1.0)])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("batch", [7, 1000])
def test_every_stimulus_is_shown_once(taught, part, batch):
    model, place = taught.model(), taught.environment
    tally = intact_performance(shown(taught, model, part, batch, an.Stream(0)))
    stimuli = getattr(place, part)
    targets = taught.learnt_targets() if part == "train" else stimuli.targets
    answers = model(place.present(stimuli.images)).argmax(1)
    assert int(tally.shown.sum()) == len(stimuli)
    assert float(tally.accuracy) == (answers == targets).double().mean().item()


def test_training_stimuli_have_the_labels_learnt(taught):
    assert not torch.equal(taught.learnt_targets(), taught.environment.train.targets)
    preparation = shown(taught, taught.model(), "train", 50, an.Stream(0))
    assert torch.equal(preparation.targets, taught.learnt_targets())
