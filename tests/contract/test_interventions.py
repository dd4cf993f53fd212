"""What holds for every registered intervention. One without a case fails."""

import numpy as np
import pytest
import torch

import artneuro as an
from artneuro import registry
from artneuro.rearing import (
    ActivityNoise,
    Blur,
    Dropout,
    EarlyStop,
    Freeze,
    GreyScale,
    LabelCorruption,
    LabelPermutation,
    Lesion,
    LowContrast,
    MagnitudePruning,
    Occlusion,
    Rotation,
    Swap,
    Turnover,
    VerticalFlip,
    WeightDecay,
    WhiteNoise,
    Window,
    WiringPenalty,
    deficit_of,
)


def dimmed(stimuli, share):
    return share * stimuli


# name: (a dose that does something, a dose that does nothing or None where there is none), each made for a window
CASES = {
    "ActivityNoise": (
        lambda window: ActivityNoise(kind="additive", sd=0.5, window=window),
        lambda window: ActivityNoise(kind="additive", sd=0.0, window=window),
    ),
    "Blur": (lambda window: Blur(size=2, window=window), lambda window: Blur(size=8, window=window)),
    "Dropout": (lambda window: Dropout(rate=0.5, window=window), lambda window: Dropout(rate=0.0, window=window)),
    "EarlyStop": (
        lambda window: EarlyStop(patience=1, window=window),
        lambda window: EarlyStop(patience=99, window=window),
    ),
    "Freeze": (lambda window: Freeze(sites=["hidden1"], window=window), lambda window: Freeze(window=window)),
    "GreyScale": (lambda window: GreyScale(window=window), lambda window: GreyScale(colour=1, window=window)),
    "LabelCorruption": (
        lambda window: LabelCorruption(fraction=1.0, window=window),
        lambda window: LabelCorruption(fraction=0.0, window=window),
    ),
    "LabelPermutation": (
        lambda window: LabelPermutation(window=window),
        lambda window: LabelPermutation(permutation=range(10), window=window),
    ),
    "Lesion": (
        lambda window: Lesion(site="hidden1", units=(0, 3), window=window),
        lambda window: Lesion(site="hidden1", units=(), window=window),
    ),
    "LowContrast": (
        lambda window: LowContrast(contrast=0.2, window=window),
        lambda window: LowContrast(contrast=1, window=window),
    ),
    "MagnitudePruning": (
        lambda window: MagnitudePruning(sparsity=0.5, onset=1, rounds=3, every=2, window=window),
        lambda window: MagnitudePruning(sparsity=0.0, onset=1, window=window),
    ),
    "Occlusion": (
        lambda window: Occlusion(side="left", window=window),
        lambda window: Occlusion(side="left", share=0, window=window),
    ),
    "OwnDeficit": (
        lambda window: deficit_of(dimmed, parameters={"share": 0.5}, window=window),
        lambda window: deficit_of(dimmed, parameters={"share": 1.0}, window=window),
    ),
    "Rotation": (lambda window: Rotation(angle=90, window=window), lambda window: Rotation(angle=0, window=window)),
    "Swap": (lambda window: Swap(every=1, window=window), None),
    "Turnover": (
        lambda window: Turnover(site="hidden1", count=3, every=1, excitability=2.0, window=window),
        lambda window: Turnover(site="hidden1", count=0, every=1, excitability=2.0, window=window),
    ),
    "VerticalFlip": (lambda window: VerticalFlip(window=window), None),
    "WeightDecay": (
        lambda window: WeightDecay(rate=0.1, window=window),
        lambda window: WeightDecay(rate=0, window=window),
    ),
    "WhiteNoise": (lambda window: WhiteNoise(window=window), None),
    "WiringPenalty": (
        lambda window: WiringPenalty(phases=[{"rate": 0.01}], window=window),
        lambda window: WiringPenalty(phases=[{"rate": 0}], window=window),
    ),
}
ALWAYS = Window()
REARING = an.Rearing(epochs=3, batch=50, keep=(1,))


@pytest.fixture(scope="module")
def digits():
    """Digits in colours, so that every intervention has something to act on."""
    grey = an.environment("digits", train_size=120, test_size=60)
    tint = np.array([1.0, 0.5, 0.25], dtype=np.float32)[:, None, None]
    coloured = [tint * part.images.numpy() for part in (grey.train, grey.test)]
    return an.Environment.from_arrays(coloured[0], grey.train.targets, coloured[1], grey.test.targets)


def reared(digits, interventions, seeds=(0, 1), rearing=REARING):
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [12, 8]}})  # some act on places, which it has
    litter = [an.Subject.naive(anatomy, digits, seed) for seed in seeds]
    return an.rear_litter(litter, rearing, interventions)


def same(one, other, age=None):
    mine, theirs = (subject.ages[age or subject.age] for subject in (one, other))
    return all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_every_intervention_has_a_case():
    registered = registry.members("intervention").items()
    assert {name for name, cls in registered if cls.__module__.startswith("artneuro.")} == set(CASES)


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name][1] is not None])
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


@pytest.mark.parametrize("name", sorted(set(CASES) - {"EarlyStop"}))
def test_what_is_done_never_follows_from_when_it_will_end(digits, name):
    short, long = (reared(digits, (CASES[name][0](Window(offset=offset)),)) for offset in (1, 2))
    assert all(same(one, other, age=1) for one, other in zip(short, long, strict=True))
    assert not any(same(one, other, age=3) for one, other in zip(short, long, strict=True))


def test_early_stop_parts_twins_where_it_stops(digits):
    impatient = an.Rearing(epochs=30, batch=50, keep=(1,), optimizer={"sgd": {"lr": 0.5}})
    stopped = reared(digits, (EarlyStop(patience=1),), rearing=impatient)
    assert all(subject.age < 30 for subject in stopped)
    lived_on = reared(
        digits, (), rearing=an.Rearing(epochs=30, batch=50, keep=tuple(range(30)), optimizer={"sgd": {"lr": 0.5}})
    )
    assert all(same(one, other, age=one.age) for one, other in zip(stopped, lived_on, strict=True))
