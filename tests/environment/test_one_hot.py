"""One input at a time."""

import torch

from artneuro.environment import environment


def test_each_stimulus_lights_its_own_input():
    place = environment("one_hot", n=4)
    for part in (place.train, place.test):
        assert torch.equal(place.present(part.images).flatten(1), torch.eye(4))
        assert part.targets.tolist() == [0, 1, 2, 3]
    assert place.shape == (1, 1, 4)
    assert place.classes == ("0", "1", "2", "3")
