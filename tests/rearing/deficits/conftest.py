"""What the tests of deficits share: stimuli of a litter, and the ways in which they may come."""

import numpy as np
import pytest
import torch

from artneuro.environment.environment import Environment
from artneuro.environment.presentation import Presentation
from artneuro.rearing import Clock
from artneuro.seeds import Stream


@pytest.fixture
def environment():
    """Make an environment of random bytes, whose stimuli have a given shape."""

    def make(*shape, classes=2):
        images = np.random.default_rng(0).integers(0, 256, size=(2 * classes, *shape), dtype=np.uint8)
        targets = np.arange(2 * classes) % classes
        return Environment.from_arrays(images, targets, images, targets)

    return make


@pytest.fixture
def presentation():
    """Each channel with a mean and deviation of its own."""

    def make(channels):
        return Presentation(torch.linspace(0.3, 0.6, channels), torch.linspace(0.2, 0.3, channels))

    return make


@pytest.fixture
def seen(presentation):
    """What a deficit makes of pixels (subject, batch, channel, y, x), in pixels again."""

    def see(deficit, pixels, step=0):
        shown, streams = presentation(pixels.shape[2]), tuple(Stream(seed) for seed in range(len(pixels)))
        return shown.pixels(deficit.perceive(shown.stimuli(pixels), Clock(0, step), streams, shown))

    return see


@pytest.fixture
def pixels():
    """Random pixels from black to white, the same for the same shape."""
    return lambda *shape: torch.rand(*shape, generator=Stream(0).torch())


@pytest.fixture
def independent_of_company(pixels, presentation):
    """Tell whether a deficit gives each subject the same bits alone, in a litter, and in any memory format."""

    def same(deficit, shape):
        told = []
        for subjects, batch in [(3, 5), (2, 1), (4, 17)]:
            stimuli, shown = pixels(subjects, batch, *shape), presentation(shape[0])
            before = stimuli.clone()
            streams = tuple(Stream(seed) for seed in range(subjects))
            together = deficit.perceive(stimuli, Clock(0, 7), streams, shown)
            told += [together.shape == stimuli.shape, together.dtype == torch.float32, torch.equal(stimuli, before)]
            for place, stream in enumerate(streams):
                own = stimuli[place : place + 1]
                last = own.permute(0, 1, 3, 4, 2).contiguous().permute(0, 1, 4, 2, 3)
                for alone in (own, last):
                    seen = deficit.perceive(alone, Clock(0, 7), (stream,), shown)
                    told.append(torch.equal(seen[0], together[place]))
        return all(told)

    return same
