"""What is drawn outside the forward pass reaches the activity within it."""

import pytest
import torch
from torch import nn

from artneuro.rearing import ActivityNoise, Clock, Dropout, Lesion, Window
from artneuro.rearing.modulation import Draws, Modulation, handing_in, modulations, open_to_modulation, set_mode
from artneuro.seeds import Stream

SITES = {"hidden1": "1", "hidden2": "4"}


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.2), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))


def test_interventions_come_in_their_order_and_then_dropout_layers(network):
    noise, lesion = ActivityNoise(kind="additive", sd=1.0), Lesion(site="hidden2", units=(1,))
    found = modulations(network, SITES, [lesion, noise])
    assert [(each.module, each.place) for each in found] == [("4", 0), ("1", 1), ("4", 1), ("2", -1)]
    assert found[-1].intervention == Dropout(rate=0.2)


def test_what_is_handed_in_is_applied_in_order_and_only_within_the_block(network):
    open_to_modulation(network, ["1"])
    set_mode(network, training=True)
    add, times = ActivityNoise(kind="additive", sd=1.0), ActivityNoise(kind="multiplicative", sd=1.0)
    stimuli = torch.randn(5, 3)
    with handing_in([Modulation("1", add, 0), Modulation("1", times, 1)], [torch.tensor(1.0), torch.tensor(2.0)]):
        inside = network(stimuli)
    expected = network[3:](2 * (network[1](network[0](stimuli)) + 1))
    assert torch.equal(inside, expected)
    assert torch.equal(network(stimuli), network[3:](network[1](network[0](stimuli))))  # its own dropout stays silent


def test_modulations_act_in_their_window_and_in_tests_if_they_say_so():
    noise = Modulation("1", ActivityNoise(kind="additive", sd=1.0, window=Window(onset=2)), 0)
    lesion = Modulation("1", Lesion(site="hidden1", units=()), 0)
    assert [(noise.acts(epoch, True), noise.acts(epoch, False)) for epoch in (1, 2)] == [(False, False), (True, False)]
    assert (lesion.acts(0, True), lesion.acts(0, False)) == (True, True)


def test_draws_differ_between_subjects_sites_updates_and_epochs_and_come_again():
    noise = ActivityNoise(kind="additive", sd=1.0)
    acting = [Modulation("1", noise, 0), Modulation("4", noise, 0)]

    def draws(seeds, epoch, training=True):
        drawing = Draws(
            acting, {"1": (4,), "4": (4,)}, [Stream(seed) for seed in seeds], epoch, training, torch.device("cpu")
        )
        return torch.stack([torch.stack(drawing(5, Clock(epoch, update))) for update in range(2)])

    one = draws([0, 1], epoch=0)
    assert one.shape == (2, 2, 2, 5, 4)
    assert torch.equal(one, draws([0, 1], epoch=0))
    assert torch.equal(one[:, :, 1:], draws([1], epoch=0))  # company changes nothing
    different = [
        one[0, 0, 0],
        one[0, 0, 1],
        one[0, 1, 0],
        one[1, 0, 0],
        draws([0], 1)[0, 0, 0],
        draws([0], 0, False)[0, 0, 0],
    ]
    assert all(not torch.equal(a, b) for place, a in enumerate(different) for b in different[:place])


def test_what_is_drawn_comes_in_the_activitys_precision(network):
    open_to_modulation(network, ["1"])
    with handing_in([Modulation("1", Dropout(rate=0.5), 0)], [torch.full((5, 4), 2.0)]):
        assert network.to(torch.bfloat16)(torch.ones(5, 3, dtype=torch.bfloat16)).dtype == torch.bfloat16
