"""A cohort: the design, arm x seed, and how it grows up."""

import numpy as np
import pytest

import artneuro as an
from artneuro.cohort import Arm, Cohort
from artneuro.errors import SpecificationError
from artneuro.fields import conform
from artneuro.rearing import Dropout, EarlyStop, LabelCorruption


@pytest.fixture(scope="module")
def place():
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, size=(60, 1, 8, 8), dtype=np.uint8)
    targets = np.arange(60) % 3
    return an.Environment.from_arrays(images[:40], targets[:40], images[40:], targets[40:])


@pytest.fixture
def cohort(place):
    def make(arms=None, n=2, **more):
        rearing = an.Rearing(epochs=2, batch=16)
        return Cohort.of(
            anatomy=an.anatomy("mlp", widths=(6,)), environment=place, rearing=rearing, arms=arms, n=n, **more
        )

    return make


def test_arms_hold_twins(cohort):
    subjects = list(cohort({"clean": (), "half": (LabelCorruption(fraction=0.5),)}, n=3, first_seed=5))
    assert [subject.id for subject in subjects] == ["clean-5", "clean-6", "clean-7", "half-5", "half-6", "half-7"]
    assert all(subjects[place].fingerprint == subjects[place + 3].fingerprint for place in range(3))
    assert len({subject.fingerprint for subject in subjects}) == 3


def test_without_arms_there_are_controls(cohort):
    assert [subject.id for subject in cohort(n=2)] == ["control-0", "control-1"]


def test_each_arm_grows_up_as_declared(cohort, place):
    told = []
    longer = an.Rearing(epochs=3, batch=16)
    design = {"control": (), "dropout": (Dropout(rate=0.5),), "longer": Arm(rearing=longer)}
    naive = cohort(design)
    adults = naive.rear(progress=lambda *done: told.append(done))
    assert [subject.id for subject in adults] == [subject.id for subject in naive]
    assert [subject.age for subject in adults] == [2, 2, 2, 2, 3, 3]
    assert [len(subject.interventions) for subject in adults] == [0, 0, 1, 1, 0, 0]
    assert told == [("control", 1, 2), ("control", 2, 2), ("dropout", 1, 2), ("dropout", 2, 2)] + [
        ("longer", epoch, 3) for epoch in (1, 2, 3)
    ]
    alone = an.rear(naive.subjects[2], place, naive.rearing["dropout"], design["dropout"])
    assert alone.fingerprint == adults.subjects[2].fingerprint
    assert all(subject.age == 0 for subject in naive)


def test_an_arm_may_have_its_own_anatomy_and_environment(cohort, tmp_path):
    wide = Arm(anatomy={"mlp": {"widths": (9,)}}, environment={"digits": {"train_size": 50, "test_size": 20}})
    also = Arm(environment={"digits": {"train_size": 50, "test_size": 20}})
    subjects = cohort({"control": (), "wide": wide, "also": also}).subjects
    assert [len(subject.environment.train) for subject in subjects] == [40, 40, 50, 50, 50, 50]
    assert [subject.anatomy.widths for subject in subjects] == [(6,), (6,), (9,), (9,), (6,), (6,)]
    assert subjects[2].environment is subjects[4].environment  # stimuli lie in memory once


def test_an_arm_in_a_file_may_be_a_list_of_interventions():
    listed = conform([{"EarlyStop": {"patience": 3}}], Arm)
    assert listed == Arm(interventions=(EarlyStop(patience=3),))
    assert conform({"interventions": [{"EarlyStop": {"patience": 3}}]}, Arm) == listed


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("EarlyStop", "a list of interventions, or the parameters of an arm; came 'EarlyStop'"),
        ([{"EarlyStop": {"patience": 0}}], r"\[0\].EarlyStop.patience: required a whole number >= 1; came 0"),
        ([{"Drop": {}}], r"the name of a known intervention; came 'Drop'. Did you mean \"Dropout\"?"),
    ],
)
def test_an_arm_that_makes_no_sense_is_refused(value, message):
    with pytest.raises(SpecificationError, match=message):
        conform(value, Arm)


def test_no_subjects_are_no_cohort(cohort):
    with pytest.raises(SpecificationError, match="n: required a whole number >= 1; came 0"):
        cohort(n=0)
