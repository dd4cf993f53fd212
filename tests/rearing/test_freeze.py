"""Weights that stop changing."""

import pytest
import torch

from artneuro.errors import SpecificationError
from artneuro.rearing import SGD, Adam, Freeze, Rearing, Window
from artneuro.rearing.rear import rear, rear_up_to

SHAPE = {"channels": (4,), "widths": (9, 8), "batch_norm": True}


def moved(adult, before, after):
    return {name for name, tensor in adult.ages[before].items() if not torch.equal(tensor, adult.ages[after][name])}


@pytest.mark.parametrize(
    ("what", "frozen"),
    [
        (
            {"sites": ["hidden1"], "outgoing": False},
            {"hidden1.weight", *(f"hidden1_norm.{name}" for name in ("weight", "bias", "running_mean", "running_var"))},
        ),
        ({"sites": ["hidden1"], "incoming": False}, {"hidden2.weight"}),
        ({"layers": ["output"]}, {"output.weight"}),
        (
            {"layers": ["conv1_norm"]},
            {f"conv1_norm.{name}" for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")},
        ),
    ],
)
@pytest.mark.parametrize("optimizer", [SGD(lr=0.1, momentum=0.9, weight_decay=0.1), Adam(lr=0.01)])
def test_what_is_frozen_stays_within_the_window_and_all_else_learns(naive, what, frozen, optimizer):
    (subject,) = naive("tran_cnn", **SHAPE)
    rearing = Rearing(epochs=3, batch=18, optimizer=optimizer, keep=(0, 1, 2))
    adult = rear(subject, subject.environment, rearing, [Freeze(**what, window=Window(onset=1, offset=2))])
    everything = set(adult.weights)
    assert moved(adult, 0, 1) == everything
    assert moved(adult, 1, 2) == everything - frozen
    assert moved(adult, 2, 3) == everything


def test_the_optimiser_remembers_nothing_of_a_frozen_time(naive, same):
    """Frozen from the beginning, weights learn afterwards as if their momentum began then."""
    (subject,) = naive("mlp", widths=(6,))
    everything = Freeze(layers=["hidden1", "output"], window=Window(offset=1))
    rearing = Rearing(epochs=2, batch=18, optimizer=SGD(lr=0.1, momentum=0.9), keep=(1,))
    adult = rear(subject, subject.environment, rearing, [everything])
    assert same(adult.ages[1], subject.weights)
    (paused,) = rear_up_to(1, [subject], rearing, [everything])
    assert all(not kept.any() for state in paused.state.values() for kept in state.values())


def test_freezing_nothing_changes_nothing(naive, same):
    (subject,) = naive("mlp", widths=(6,))
    one, other = (rear(subject, subject.environment, Rearing(epochs=1), what) for what in ([Freeze()], []))
    assert same(one.weights, other.weights)


def test_what_is_not_there_is_refused(naive):
    (subject,) = naive("mlp", widths=(6,))
    for what, message in (
        ({"layers": ["hiden1"]}, r'Freeze.layers: required a module of the network.*Did you mean "hidden1"'),
        ({"sites": ["hidden9"]}, r"Freeze.sites.site: required a site of this anatomy"),
    ):
        with pytest.raises(SpecificationError, match=message):
            rear(subject, subject.environment, Rearing(epochs=1), [Freeze(**what)])
    with pytest.raises(SpecificationError, match=r"Freeze.incoming: required weights in, out, or both; came neither"):
        Freeze(sites=["hidden1"], incoming=False, outgoing=False)
