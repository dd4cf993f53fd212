"""A subject that is visited in the middle of its rearing is who it would be if its weights had been kept."""

import pytest
import torch
import xarray as xr

from artneuro.errors import SpecificationError
from artneuro.rearing import SGD, Augmentation, Cosine, Dropout, EarlyStop, LabelCorruption, Rearing, Window
from artneuro.rearing.rear import rear, rear_litter, rear_up_to
from artneuro.rearing.tracking import rear_tracked

AGES = (0, 1, 3, 4)
REARING = Rearing(
    epochs=4, batch=16, optimizer=SGD(lr=0.1, momentum=0.9), schedule=Cosine(), augmentation=Augmentation(translate=1)
)
TREATED = (Dropout(rate=0.2), LabelCorruption(fraction=0.5, window=Window(onset=1, offset=3)))
ANATOMIES = {"mlp": {"widths": (8, 8)}, "tran_cnn": {"channels": (4,), "widths": (8,), "batch_norm": True}}


@pytest.fixture
def track():
    """A function that tracks subjects and returns the adults, and who was visited by place and age."""

    def tracked(ages, subjects, rearing=REARING, interventions=TREATED, progress=None):
        met = {}

        def visit(place, subject):
            met[place, subject.age] = subject

        return rear_tracked(ages, subjects, rearing, interventions, visit=visit, progress=progress), met

    return tracked


def same(one, other):
    """The same animal at the same age: weights, what it was told, and what was written down but for the time."""
    assert one.weights.keys() == other.weights.keys()
    assert all(torch.equal(tensor, other.weights[name]) for name, tensor in one.weights.items())
    assert torch.equal(one.learnt_targets(), other.learnt_targets())
    assert (one.id, one.age, one.diverged) == (other.id, other.age, other.diverged)
    lived, known = (subject.history.drop_vars("wall_time").assign_attrs(provenance="") for subject in (one, other))
    xr.testing.assert_identical(lived, known)


@pytest.mark.parametrize("anatomy", ANATOMIES)
def test_who_is_visited_is_the_subject_at_a_kept_age(naive, track, anatomy):
    newborn = naive(anatomy, seeds=(3, 5), **ANATOMIES[anatomy])
    adults, met = track(AGES, newborn)
    kept = rear_litter(newborn, REARING.but(keep=AGES), TREATED)
    assert sorted(met) == [(place, age) for place in (0, 1) for age in AGES]
    for place, (adult, whole) in enumerate(zip(adults, kept, strict=True)):
        same(adult, whole)
        assert list(adult.ages) == [4]
        for age in AGES:
            same(met[place, age], whole.at(age))
            assert list(met[place, age].ages) == [age]


def test_a_juvenile_that_has_its_former_ages_is_visited_there(naive, track):
    newborn = naive("mlp", widths=(8,))
    paused = rear_up_to(3, newborn, REARING.but(keep=(0, 1)), TREATED)
    adults, met = track(AGES, paused)
    whole = rear_litter(newborn, REARING.but(keep=AGES), TREATED)
    for age in AGES:
        same(met[0, age], whole[0].at(age))
    same(adults[0], whole[0])
    assert list(adults[0].ages) == [4]


def test_an_adult_is_visited_in_its_second_rearing(naive, track):
    (newborn,) = naive("mlp", widths=(8,))
    adult = rear(newborn, newborn.environment, Rearing(epochs=2, batch=16))
    (older,), met = track((3, 6), [adult])
    kept = rear(adult, adult.environment, REARING.but(keep=(1,)), TREATED)
    same(met[0, 3], kept.at(3))
    same(older, kept)


def test_those_who_stop_early_or_diverge_are_not_visited_afterwards(naive, track):
    newborn = naive("mlp", seeds=(0, 1), widths=(8,))
    stop = EarlyStop(patience=1, margin=10.0)
    rearing = Rearing(epochs=6, batch=16)
    adults, met = track(range(7), newborn, rearing, [stop])
    (ended,) = {adult.age for adult in adults}
    assert 0 < ended < 6
    assert sorted(met) == [(place, age) for place in (0, 1) for age in range(ended + 1)]
    wild = Rearing(epochs=6, batch=16, optimizer=SGD(lr=1e20))
    (lost, _), met = track(range(7), newborn, wild, ())
    assert lost.diverged > 0
    assert [age for place, age in met if place == 0] == list(range(lost.diverged))


def test_progress_is_told_of_the_whole_rearing(naive, track):
    told = []
    track((0, 2, 3), naive("mlp", widths=(8,)), progress=lambda *epochs: told.append(epochs))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_ages_outside_the_rearing_and_subjects_of_several_ages_are_refused(naive, track):
    (newborn,) = naive("mlp", widths=(8,))
    with pytest.raises(SpecificationError, match=r"ages: required ages within the rearing, 0 to 4; came \[-1, 5\]"):
        track((-1, 2, 5), [newborn])
    adult = rear(newborn, newborn.environment, Rearing(epochs=1, batch=16))
    with pytest.raises(SpecificationError, match=r"subjects of one age; came ages \[0, 1\]"):
        track((2,), [newborn, adult])


def test_nobody_is_visited_where_there_is_nobody(track):
    assert track((0, 2), []) == ([], {})
