"""A subject that pauses in the middle of its rearing goes on as if it never had."""

import attrs
import pytest
import torch
import xarray as xr

from artneuro.errors import RecordError
from artneuro.rearing import (
    SGD,
    Adam,
    Augmentation,
    Cosine,
    Dropout,
    EarlyStop,
    LabelCorruption,
    Rearing,
    Window,
)
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.rear import rear, rear_litter, rear_up_to

REARING = Rearing(epochs=4, batch=16, optimizer=SGD(lr=0.1, momentum=0.9), schedule=Cosine(), keep=(0, 1, 3))
ANATOMIES = {"mlp": {"widths": (8, 8)}, "tran_cnn": {"channels": (4,), "widths": (8,), "batch_norm": True}}
WAYS = {
    "momentum": REARING,
    "adam": attrs.evolve(REARING, optimizer=Adam(lr=0.01)),
    "augmented": attrs.evolve(REARING, augmentation=Augmentation(translate=1, flip=True), evaluate_train=True),
}


def same(one, other):
    """The same animal: weights of every age, and the history but for how long it took."""
    assert sorted(one.ages) == sorted(other.ages)
    for age, weights in one.ages.items():
        assert all(torch.equal(tensor, other.ages[age][name]) for name, tensor in weights.items()), age
    xr.testing.assert_identical(one.history.drop_vars("wall_time"), other.history.drop_vars("wall_time"))
    assert (one.diverged, one.interventions, one.rearing) == (other.diverged, other.interventions, other.rearing)


@pytest.mark.parametrize("anatomy", ANATOMIES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("until", [1, 3])
def test_pausing_changes_nothing(naive, tmp_path, anatomy, way, until):
    rearing = WAYS[way]
    treated = (Dropout(rate=0.2), LabelCorruption(fraction=0.5, window=Window(onset=1, offset=2)))
    newborn = naive(anatomy, seeds=(3, 5), **ANATOMIES[anatomy])
    paused = rear_up_to(until, newborn, rearing, treated)
    assert [juvenile.lived for juvenile in paused] == [until, until]
    for juvenile in paused:
        juvenile.save(tmp_path / f"{juvenile.origin.seed}.safetensors")
    read = [Juvenile.load(tmp_path / f"{subject.seed}.safetensors", subject) for subject in newborn]
    whole = rear_litter(newborn, rearing, treated)
    for continued in (rear_litter(paused, rearing, treated), rear_litter(read[::-1], rearing, treated)[::-1]):
        for one, other in zip(continued, whole, strict=True):
            same(one, other)


def test_an_adult_pauses_in_its_second_rearing(naive):
    adult = rear(naive("mlp", widths=(8,))[0], naive("mlp")[0].environment, Rearing(epochs=2, batch=16))
    paused = rear_up_to(2, [adult], REARING)
    assert paused[0].updates == int(adult.history.updates[-1]) * 2
    same(rear_litter(paused, REARING)[0], rear_litter([adult], REARING)[0])


def test_one_may_pause_again_and_at_the_end(naive):
    newborn = naive("mlp", widths=(8,))
    twice = rear_up_to(4, rear_up_to(2, rear_up_to(1, newborn, REARING), REARING), REARING)
    same(rear_litter(twice, REARING)[0], rear_litter(newborn, REARING)[0])


def test_one_that_diverged_or_halted_before_stays_so(naive, tmp_path):
    wild = attrs.evolve(REARING, optimizer=SGD(lr=1e30, momentum=0.9))
    newborn = naive("mlp", widths=(8,))
    for rearing, treated in ((wild, ()), (REARING, (EarlyStop(patience=1, margin=9.0),))):
        paused = rear_up_to(3, newborn, rearing, treated)
        paused[0].save(tmp_path / "it.safetensors")
        read = Juvenile.load(tmp_path / "it.safetensors", newborn[0])
        whole = rear_litter(newborn, rearing, treated)[0]
        assert len(whole.history.epoch) < 3 or whole.diverged >= 0
        same(rear_litter([read], rearing, treated)[0], whole)


def test_a_shorter_rearing_may_end_where_it_pauses(naive):
    short = attrs.evolve(REARING, epochs=2, schedule=Cosine(), keep=())
    paused = rear_up_to(2, naive("mlp", widths=(8,)), short)
    adult = rear_litter(paused, short)[0]
    assert (adult.age, sorted(adult.ages)) == (2, [2])


def test_damaged_and_foreign_files_are_named(naive, tmp_path):
    first, other = naive("mlp", seeds=(0, 1), widths=(8,))
    path = tmp_path / "it.safetensors"
    rear_up_to(1, [first], REARING)[0].save(path)
    with pytest.raises(RecordError, match=r"it\.safetensors: belongs to another subject than naive-1"):
        Juvenile.load(path, other)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RecordError, match=r"it\.safetensors: not a readable file of tensors"):
        Juvenile.load(path, first)
    path.unlink()
    with pytest.raises(RecordError, match=r"it\.safetensors"):
        Juvenile.load(path, first)
