"""What falls silent."""

import pytest
import torch

from artneuro.errors import SpecificationError
from artneuro.rearing import Clock, Dropout
from artneuro.seeds import Stream

CLOCK = Clock(0, 0)


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 1.0])
def test_the_rate_falls_silent_and_the_mean_is_kept(rate):
    activity = torch.ones(200, 50)
    dropout = Dropout(rate=rate)
    after = dropout.modulate(activity, dropout.draw((200, 50), CLOCK, Stream(0).torch()))
    assert (after == 0).double().mean().item() == pytest.approx(rate, abs=0.02)  # four standard deviations
    assert set(after[after > 0].tolist()) <= {torch.tensor(1.0).div(torch.tensor(1 - rate)).item()}


def test_whole_maps_or_single_places():
    maps = Dropout(rate=0.5, maps=True).draw((20, 30, 4, 4), CLOCK, Stream(0).torch()).expand(20, 30, 4, 4)
    places = Dropout(rate=0.5).draw((20, 30, 4, 4), CLOCK, Stream(0).torch())
    alike = [(drawn == drawn[:, :, :1, :1]).flatten(2).all(2) for drawn in (maps, places)]
    assert alike[0].all()
    assert not alike[1].any()


def test_sites_are_all_or_those_named():
    sites = ("hidden1", "hidden2")
    assert Dropout(rate=0.5).acts_at(sites) == sites
    assert Dropout(rate=0.5, sites=("hidden2",)).acts_at(sites) == ("hidden2",)
    with pytest.raises(SpecificationError, match="came 'hidden3'"):
        Dropout(rate=0.5, sites=("hidden3",)).acts_at(sites)
    assert not Dropout(rate=0.5).acts_in_test()
