"""Two moons."""

import torch

from artneuro.environment import environment


def test_without_noise_they_are_half_circles():
    place = environment("two_moons", noise=0.0, train_size=50)
    x = place.train.images[:, 0, 0].double()
    upper = place.train.targets == 0
    assert torch.allclose(x[upper].norm(dim=1), torch.ones(25).double(), atol=1e-6)  # kept in single precision
    assert (x[upper][:, 1] > -1e-6).all()
    centre = torch.tensor([1.0, 0.5]).double()
    assert torch.allclose((x[~upper] - centre).norm(dim=1), torch.ones(25).double(), atol=1e-6)
