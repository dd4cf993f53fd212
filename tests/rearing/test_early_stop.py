"""When a rearing ends."""

import pytest

from artneuro.rearing import EarlyStop


def ends(stop, every=1, **along):
    """The first epoch after which it stops, or None."""
    (name,) = along
    epochs = [every * number for number in range(1, len(along[name]) + 1)]
    seen = range(1, len(epochs) + 1)
    return next((epochs[n - 1] for n in seen if stop.halts({"epoch": epochs[:n], name: along[name][:n]})), None)


@pytest.mark.parametrize(
    ("losses", "patience", "end"),
    [
        ([3, 2, 1, 1.5, 1.2, 1.1], 2, 5),
        ([3, 2, 1, 1.5, 0.9, 1.1], 2, None),
        ([3, 2, 1, 1, 1, 1], 3, 6),  # as good is not better
        ([1, 2], 1, 2),
        ([1], 1, None),
    ],
)
def test_it_waits_so_many_epochs_for_a_lower_loss(losses, patience, end):
    assert ends(EarlyStop(patience=patience), test_loss=losses) == end


def test_patience_counts_epochs_and_not_evaluations():
    assert ends(EarlyStop(patience=20), every=10, test_loss=[3, 2, 2, 2, 2]) == 40
    assert ends(EarlyStop(patience=15), every=10, test_loss=[3, 2, 2, 2, 2]) == 40


def test_an_accuracy_must_rise():
    assert ends(EarlyStop(patience=2, of="test_accuracy"), test_accuracy=[0.1, 0.5, 0.4, 0.3, 0.9]) == 4


def test_an_improvement_within_the_margin_is_none():
    stop = EarlyStop(patience=2, of="train_loss", margin=0.1)
    assert ends(stop, train_loss=[1.0, 0.95, 0.91, 0.5]) == 3
    assert ends(EarlyStop(patience=2, of="train_loss"), train_loss=[1.0, 0.95, 0.91, 0.5]) is None
