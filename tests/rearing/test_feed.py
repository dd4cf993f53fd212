"""What a subject is shown."""

from typing import Literal, final

import pytest
import torch

from artneuro.environment.augmentation import augment
from artneuro.fields import define_spec, param
from artneuro.rearing import Augmentation, Clock, Perceptual, Window
from artneuro.rearing.feed import Feed
from artneuro.seeds import Stream

NONE = Augmentation()


@final
@define_spec
class Coordinates(Perceptual):
    """Adds a picture of its own to every stimulus, and notes when it was asked."""

    when: Literal["before", "after"] = param(doc="augmentation")
    window: Window = param(Window(), doc="when it acts")

    def stage(self):
        return self.when

    def perceive(self, stimuli, clock, streams, presentation):
        own = torch.stack([torch.rand(8, 8, generator=stream.torch()) for stream in streams])[:, None, None]
        return stimuli + own + clock.step + presentation.mean.sum()


@pytest.fixture
def feed(few):
    def make(seeds=(0, 1), epoch=0, batch=16, augmentation=NONE, told=None, channels_last=False, perceptual=(), step=0):
        told = few.train.targets.expand(len(seeds), -1) if told is None else told
        streams = [Stream(seed) for seed in seeds]
        return Feed(few, told, streams, Clock(epoch, step), batch, augmentation, perceptual, channels_last)

    return make


def test_every_stimulus_comes_once_an_epoch_with_its_target(few, feed):
    batches = list(feed())
    assert [tuple(targets.shape) for _, targets in batches] == [(2, 16)] * 4 + [(2, 6)]
    whole = few.present(few.train.images)
    for place in range(2):
        seen = torch.cat([stimuli[place] for stimuli, _ in batches])
        told = torch.cat([targets[place] for _, targets in batches])
        order = torch.randperm(70, generator=Stream(place).child("order", 0).torch())
        assert torch.equal(seen, whole[order])
        assert torch.equal(told, few.train.targets[order])


def test_the_order_is_the_subjects_own_and_new_each_epoch(feed):
    def first(**given):
        return next(iter(feed(**given)))[0]

    assert torch.equal(first(seeds=(0, 1))[1:], first(seeds=(1,)))
    assert not torch.equal(first()[0], first()[1])
    assert not torch.equal(first(epoch=0), first(epoch=1))


def test_each_subject_hears_its_own_targets(few, feed):
    told = torch.stack([few.train.targets, torch.full_like(few.train.targets, 2)])
    heard = torch.cat([targets for _, targets in feed(told=told)], dim=1)
    assert (heard[1] == 2).all()
    assert torch.equal(heard[0].sort().values, few.train.targets.sort().values)


def test_memory_format_changes_no_pixel(feed):
    plain, last = (next(iter(feed(channels_last=how)))[0] for how in (False, True))
    assert torch.equal(plain, last)
    assert last[1].is_contiguous(memory_format=torch.channels_last)
    assert plain[1].is_contiguous()


def test_augmentation_is_new_each_epoch_and_the_subjects_own(feed):
    dose = Augmentation(translate=2, flip=True)

    def first(**given):
        return next(iter(feed(augmentation=dose, **given)))[0]

    assert torch.equal(first(), first())
    assert torch.equal(first(seeds=(0, 1))[1:], first(seeds=(1,)))
    assert not torch.equal(first(), next(iter(feed()))[0])


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_is_seen_is_changed_before_or_after_augmentation(few, feed, when):
    streams = (Stream(5), Stream(6))
    perception, dose = Coordinates(when=when), Augmentation(translate=2, flip=True)
    (seen, _), (later, _) = list(feed(augmentation=dose, perceptual=[(perception, streams)], step=7, batch=35))
    (plain, _), (second, _) = list(feed(batch=35))
    generators = [Stream(place).child("augmentation", 0).torch() for place in range(2)]

    def shown(stimuli, step):
        clock = Clock(0, step)
        if when == "before":
            stimuli = perception.perceive(stimuli, clock, streams, few.presentation)
        stimuli = augment(stimuli, translate=2, flip=True, generators=generators)
        return perception.perceive(stimuli, clock, streams, few.presentation) if when == "after" else stimuli

    assert torch.equal(seen, shown(plain, 7))
    assert torch.equal(later, shown(second, 8))
