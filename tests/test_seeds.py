import numpy as np
import torch

from artneuro.seeds import Stream


def test_same_path_same_numbers_and_generators_start_anew():
    assert (
        Stream(3).child("a", 1).numpy().random(4).tolist() == Stream(3).child("a").child("1").numpy().random(4).tolist()
    )
    stream = Stream(3).child("a")
    assert torch.equal(torch.rand(4, generator=stream.torch()), torch.rand(4, generator=stream.torch()))


def test_different_roots_and_paths_are_independent():
    streams = [Stream(0), Stream(1), Stream(0).child("a"), Stream(0).child("a", "b"), Stream(0).child("ab")]
    draws = np.array([stream.numpy().standard_normal(20_000) for stream in streams])
    correlations = np.corrcoef(draws) - np.eye(len(streams))
    assert np.abs(correlations).max() < 0.04  # 5.6 standard errors of a correlation of 20,000 independent draws


def test_initialising_seeds_the_block_and_restores_after():
    torch.manual_seed(11)
    expected_after = torch.rand(1)
    torch.manual_seed(11)
    with Stream(0).initialising():
        first = torch.rand(1)
    after = torch.rand(1)
    with Stream(0).initialising():
        second = torch.rand(1)
    assert torch.equal(first, second)
    assert torch.equal(after, expected_after)
