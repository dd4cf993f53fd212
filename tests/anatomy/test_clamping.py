import torch

from artneuro.anatomy.clamping import filling, spread, standard_noise
from artneuro.seeds import Stream


def maps():
    return torch.rand(400, 3, 4, 4) * torch.tensor([1.0, 10.0, 0.0]).view(3, 1, 1)


def test_zero_and_mean():
    activity, mean = maps(), torch.tensor([0.5, 5.0, 0.0], dtype=torch.float64)
    assert filling("zero", activity, mean, mean, Stream(0)).tolist() == 0.0
    found = filling("mean", activity, mean, mean, Stream(0))
    assert found.tolist() == [0.5, 5.0, 0.0]
    assert found.dtype == activity.dtype


def test_noise_is_the_declared_normal_numbers_with_mean_and_deviation():
    activity, mean, deviation = maps(), torch.tensor([0.5, 5.0, 0.0]), torch.tensor([0.1, 2.0, 0.0])
    found = filling("noise", activity, mean, deviation, Stream(3).child("a"))
    normal = torch.randn(400, 3, 4, 4, generator=Stream(3).child("a").torch())
    expected = mean.view(3, 1, 1) + normal * deviation.view(3, 1, 1)
    torch.testing.assert_close(found, expected[None])
    assert (found[0, :, 2] == 0).all()  # a unit without variance stays at its mean


def test_resampling_gives_each_unit_its_own_activity_to_other_stimuli():
    activity = maps()
    found = filling("resample", activity, activity.mean(), activity.mean(), Stream(0))[0]
    sources = []
    for unit in range(2):
        own = activity[:, unit].flatten(1)
        matches = (found[:, unit].flatten(1)[:, None] == own[None]).all(dim=2)  # whole maps, not single positions
        assert (matches.sum(dim=0) == 1).all()
        assert (matches.sum(dim=1) == 1).all()
        sources.append(matches.int().argmax(dim=1))
    assert not torch.equal(sources[0], sources[1])  # units are resampled apart
    assert (sources[0] != torch.arange(400)).float().mean() > 0.9


def test_memory_format_does_not_matter_to_what_is_drawn():
    activity, mean = maps(), torch.ones(3)
    for clamp in ("noise", "resample"):
        usual = filling(clamp, activity, mean, mean, Stream(1))
        last = filling(clamp, activity.contiguous(memory_format=torch.channels_last), mean, mean, Stream(1))
        assert torch.equal(usual, last)


def test_the_same_stream_draws_the_same_and_another_does_not():
    activity = torch.rand(20, 5)
    assert torch.equal(standard_noise(activity, Stream(0)), standard_noise(activity, Stream(0)))
    assert not torch.equal(standard_noise(activity, Stream(0)), standard_noise(activity, Stream(1)))
    assert spread(torch.ones(3), maps()).shape == (3, 1, 1)
    assert spread(torch.ones(5), activity).shape == (5,)
