"""White noise equals its definition."""

import torch
from scipy import stats

from artneuro.rearing import Augmentation, Clock, Rearing, WhiteNoise
from artneuro.rearing.rear import rear
from artneuro.seeds import Stream

CLOCK = Clock(0, 3)


def test_it_is_gaussian_of_the_mean_and_deviation_and_white():
    noise = WhiteNoise(mean=1.0, sd=2.0).perceive(torch.zeros(1, 200, 3, 8, 8), CLOCK, (Stream(0),), None)
    assert stats.kstest(noise.flatten().numpy(), stats.norm(1.0, 2.0).cdf).pvalue > 0.01  # a fixed draw: no flicker
    centred = (noise[0] - 1.0) / 2.0
    along = [
        (centred[..., 1:] * centred[..., :-1]).mean(),
        (centred[:, 1:] * centred[:, :-1]).mean(),
        (centred[1:] * centred[:-1]).mean(),
    ]
    assert max(map(abs, along)) < 4 / (200 * 2 * 64) ** 0.5  # four standard errors of the smallest sample


def test_nothing_of_the_image_is_left(pixels):
    one, other = (
        WhiteNoise().perceive(image, CLOCK, (Stream(0),), None)
        for image in (pixels(1, 4, 3, 8, 8), torch.ones(1, 4, 3, 8, 8))
    )
    assert torch.equal(one, other)


def test_each_subject_and_each_update_has_its_own():
    blank = torch.zeros(2, 4, 1, 8, 8)
    noise = WhiteNoise().perceive(blank, CLOCK, (Stream(0), Stream(1)), None)
    later = WhiteNoise().perceive(blank, Clock(0, 4), (Stream(0), Stream(1)), None)
    assert not torch.equal(noise[0], noise[1])
    assert not torch.equal(noise, later)
    assert not torch.equal(noise[0, 0], noise[0, 1])


def test_augmentation_has_no_effect(naive, few, same):
    (subject,) = naive("mlp", widths=(8,))
    doses = [Augmentation(), Augmentation(translate=3, flip=True)]
    adults = [rear(subject, few, Rearing(epochs=2, batch=16, augmentation=dose), [WhiteNoise()]) for dose in doses]
    assert same(adults[0].weights, adults[1].weights)


def test_a_subject_sees_the_same_in_any_company(independent_of_company):
    assert independent_of_company(WhiteNoise(mean=0.5, sd=2.0), (3, 7, 5))


def test_it_is_defined_for_any_stimuli(environment):
    assert list(WhiteNoise().refusals(environment(1, 1, 9))) == []


def test_without_deviation_it_is_a_blank_field():
    seen = WhiteNoise(mean=0.25, sd=0).perceive(torch.rand(1, 2, 1, 3, 3), CLOCK, (Stream(0),), None)
    assert (seen == 0.25).all()
