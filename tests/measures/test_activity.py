import numpy as np
import torch

from artneuro.measures.activity import Moments, spatial_mean


def test_a_neuron_stays_and_a_feature_map_is_averaged():
    neurons = torch.randn(5, 3)
    assert torch.equal(spatial_mean(neurons), neurons)
    maps = torch.randn(5, 3, 4, 2)
    np.testing.assert_allclose(spatial_mean(maps), maps.numpy().mean(axis=(2, 3)), atol=1e-6)  # float32 sums


def test_blocks_add_up_to_the_moments_of_the_whole():
    activity = torch.randn(30, 4, 3, 3) * torch.tensor([0.1, 1.0, 10.0, 100.0]).view(1, 4, 1, 1) + 2
    whole = Moments.of(activity[:7]) + Moments.of(activity[7:])
    values = activity.double().numpy()
    # float64 sums of squares: the difference of nearly equal numbers costs a few digits of sixteen
    np.testing.assert_allclose(whole.mean, values.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(whole.deviation, values.std(axis=(0, 2, 3)), rtol=1e-9)
    assert whole.count == 270


def test_deviation_of_a_constant_unit_is_zero_and_not_nan():
    constants = torch.linspace(0.1, 1, 200)
    moments = Moments.of(constants.expand(1000, 200))
    # by rounding alone, the mean square of some of these is less than the square of their mean
    assert (moments.squares / 1000 < moments.mean.square()).any()
    assert (moments.deviation < 1e-7).all()  # square root of the rounding of float64, 1e-16


def test_alive_looks_at_every_block():
    silent, late, negative = torch.zeros(4), torch.tensor([0.0, 0, 0, 1]), torch.tensor([0.0, 0, -1, 0])
    activity = torch.stack([silent, late, negative], dim=1)
    moments = Moments.of(activity[:2]) + Moments.of(activity[2:])
    assert moments.alive.tolist() == [False, True, True]
