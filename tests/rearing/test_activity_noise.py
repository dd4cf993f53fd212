"""What the noise is."""

import pytest
import torch

from artneuro.errors import SpecificationError
from artneuro.rearing import ActivityNoise, Clock
from artneuro.seeds import Stream


@pytest.fixture
def disturbed():
    def disturb(activity, **parameters):
        noise = ActivityNoise(**parameters)
        return noise.modulate(activity, noise.draw(tuple(activity.shape), Clock(0, 0), Stream(0).torch()))

    return disturb


def test_additive_noise_is_gaussian_in_the_activitys_own_unit(disturbed):
    silent, loud = (
        disturbed(torch.full((100, 100), level), kind="additive", sd=0.5, mean=0.2) for level in (0.0, 10.0)
    )
    assert silent.mean().item() == pytest.approx(0.2, abs=0.02)  # four standard errors
    assert silent.std().item() == pytest.approx(0.5, abs=0.02)
    torch.testing.assert_close(loud, silent + 10)


def test_multiplicative_noise_is_log_normal_and_leaves_silence(disturbed):
    active = disturbed(torch.full((100, 100), 3.0), kind="multiplicative", sd=0.5, mean=-0.2)
    assert (active / 3).log().mean().item() == pytest.approx(-0.2, abs=0.02)  # four standard errors
    assert (active / 3).log().std().item() == pytest.approx(0.5, abs=0.02)
    assert not disturbed(torch.zeros(10, 10), kind="multiplicative", sd=0.5).any()


def test_every_place_of_a_map_has_its_own_noise(disturbed):
    maps = disturbed(torch.zeros(2, 3, 4, 4), kind="additive", sd=1.0)
    assert len(maps.flatten().unique()) == maps.numel()


def test_its_kind_must_be_said():
    with pytest.raises(SpecificationError, match=r"ActivityNoise.kind: required one of additive, multiplicative"):
        ActivityNoise(kind="gaussian", sd=1.0)
    with pytest.raises(SpecificationError, match="came 'hidden3'"):
        ActivityNoise(kind="additive", sd=1.0, sites=("hidden3",)).acts_at(("hidden1",))
