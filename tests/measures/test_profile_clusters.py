import pytest
import torch

from artneuro.errors import ActivityError
from artneuro.measures import profile_clusters
from artneuro.measures.profile_clusters import cluster_profiles
from artneuro.seeds import Stream


def test_groups_that_lie_apart_are_found_whatever_the_order_of_units():
    noise = torch.randn(12, 3, generator=Stream(0).torch()) * 0.01
    group = torch.tensor([0] * 6 + [1] * 4 + [2] * 2)
    profiles = torch.eye(3)[group] + noise
    assert cluster_profiles(profiles, 3).tolist() == group.tolist()
    order = torch.randperm(12, generator=Stream(1).torch())
    assert torch.equal(cluster_profiles(profiles[order], 3), group[order])


def test_units_without_a_profile_belong_to_no_cluster():
    assert cluster_profiles(torch.full((3, 2), torch.nan), 2).tolist() == [-1, -1, -1]
    assert cluster_profiles(torch.tensor([[torch.nan], [0.3]]), 2).tolist() == [-1, 0]


def test_too_many_units_are_refused(monkeypatch):
    monkeypatch.setattr(profile_clusters, "MOST", 3)
    with pytest.raises(ActivityError, match="at most 3 units"):
        cluster_profiles(torch.zeros(4, 1), 2)
