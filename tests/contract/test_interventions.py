"""What holds for every registered intervention. One without a case fails."""

import pytest
import torch

import artneuro as an
from artneuro import registry
from artneuro.rearing import ActivityNoise, Dropout, EarlyStop, LabelCorruption, Lesion, Window

# name: (a dose that does something, a dose that does nothing), each made for a window
CASES = {
    "ActivityNoise": (
        lambda window: ActivityNoise(kind="additive", sd=0.5, window=window),
        lambda window: ActivityNoise(kind="additive", sd=0.0, window=window),
    ),
    "Dropout": (lambda window: Dropout(rate=0.5, window=window), lambda window: Dropout(rate=0.0, window=window)),
    "EarlyStop": (
        lambda window: EarlyStop(patience=1, window=window),
        lambda window: EarlyStop(patience=99, window=window),
    ),
    "LabelCorruption": (
        lambda window: LabelCorruption(fraction=1.0, window=window),
        lambda window: LabelCorruption(fraction=0.0, window=window),
    ),
    "Lesion": (
        lambda window: Lesion(site="hidden1", units=(0, 3), window=window),
        lambda window: Lesion(site="hidden1", units=(), window=window),
    ),
}
ALWAYS = Window()
REARING = an.Rearing(epochs=3, batch=50, keep=(1,))


@pytest.fixture(scope="module")
def digits():
    return an.environment("digits", train_size=120, test_size=60)


def reared(digits, interventions, seeds=(0, 1), rearing=REARING):
    litter = [an.Subject.naive(an.anatomy("mlp", widths=(12, 8)), digits, seed) for seed in seeds]
    return an.rear_litter(litter, rearing, interventions)


def same(one, other, age=None):
    mine, theirs = (subject.ages[age or subject.age] for subject in (one, other))
    return all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_every_intervention_has_a_case():
    registered = registry.members("intervention").items()
    assert {name for name, cls in registered if cls.__module__.startswith("artneuro.")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_zero_dose_changes_nothing(digits, name):
    treated, untreated = reared(digits, (CASES[name][1](ALWAYS),)), reared(digits, ())
    assert all(map(same, treated, untreated))


@pytest.mark.parametrize("name", CASES)
def test_a_window_of_no_length_changes_nothing(digits, name):
    treated, untreated = reared(digits, (CASES[name][0](Window(onset=1, offset=1)),)), reared(digits, ())
    assert all(map(same, treated, untreated))


@pytest.mark.parametrize("name", CASES)
def test_same_seed_same_result_alone_or_in_a_litter(digits, name):
    treatment = (CASES[name][0](ALWAYS),)
    together = reared(digits, treatment, seeds=(0, 1, 2))
    assert all(same(subject, reared(digits, treatment, seeds=(subject.seed,))[0]) for subject in together)


@pytest.mark.parametrize("name", sorted(set(CASES) - {"EarlyStop"}))
def test_twins_are_the_same_until_their_arms_part(digits, name):
    treated, untreated = reared(digits, (CASES[name][0](Window(onset=1)),)), reared(digits, ())
    assert all(same(one, other, age=1) for one, other in zip(treated, untreated, strict=True))
    assert not any(same(one, other, age=3) for one, other in zip(treated, untreated, strict=True))


def test_early_stop_parts_twins_where_it_stops(digits):
    impatient = an.Rearing(epochs=30, batch=50, keep=(1,), optimizer={"sgd": {"lr": 0.5}})
    stopped = reared(digits, (EarlyStop(patience=1),), rearing=impatient)
    assert all(subject.age < 30 for subject in stopped)
    lived_on = reared(
        digits, (), rearing=an.Rearing(epochs=30, batch=50, keep=tuple(range(30)), optimizer={"sgd": {"lr": 0.5}})
    )
    assert all(same(one, other, age=one.age) for one, other in zip(stopped, lived_on, strict=True))
