"""Rearing that is watched: the same as any other, until whoever watches has seen enough."""

import pytest

from artneuro.rearing import EarlyStop, Rearing
from artneuro.rearing.rear import rear_litter, rear_watched

REARING = Rearing(epochs=4, batch=20)
ANATOMIES = pytest.mark.parametrize(("name", "shape"), [("mlp", {"widths": (8,)}), ("simple_cnn", {"channels": (2,)})])


def measured(rows):
    """Rows without what is never the same twice."""
    return [[{name: value for name, value in row.items() if name != "wall_time"} for row in one] for one in rows]


def histories(subjects, *interventions):
    grown = rear_litter(subjects, REARING, interventions)
    return [
        [
            {str(name): one.history[name].values[place].item() for name in one.history if name != "wall_time"}
            for place in range(one.history.sizes["epoch"])
        ]
        for one in grown
    ]


@ANATOMIES
@pytest.mark.parametrize("side_by_side", [1, 3])
def test_to_be_watched_changes_nothing(naive, threads, name, shape, side_by_side):
    seen = []
    with threads(side_by_side):
        rows = rear_watched(
            lambda lived: seen.append([len(one) for one in lived]), naive(name, (3, 1, 2), **shape), REARING
        )
    assert measured(rows) == histories(naive(name, (3, 1, 2), **shape))
    assert seen == [[epoch] * 3 for epoch in (1, 2, 3, 4)]


@ANATOMIES
@pytest.mark.parametrize("side_by_side", [1, 3])
def test_it_ends_for_all_at_the_epoch_at_which_enough_was_seen(naive, threads, name, shape, side_by_side):
    told = []
    with threads(side_by_side):
        rows = rear_watched(
            lambda lived: len(lived[0]) == 2,
            naive(name, (3, 1, 2), **shape),
            REARING,
            progress=lambda *epochs: told.append(epochs),
        )
    assert measured(rows) == [one[:2] for one in histories(naive(name, (3, 1, 2), **shape))]
    assert told == [(1, 4), (2, 4)]


def test_one_that_stopped_has_fewer_rows(naive):
    stop = EarlyStop(patience=1, of="train_accuracy", margin=0.1)
    own = histories(naive("mlp", range(6), widths=(8,)), stop)
    assert len({len(one) for one in own}) > 1  # some go on for longer than others
    rows = rear_watched(lambda lived: False, naive("mlp", range(6), widths=(8,)), REARING, [stop])
    assert measured(rows) == own


def test_who_lives_no_epoch_has_no_rows(naive):
    assert rear_watched(lambda lived: False, naive("mlp", widths=(8,)), Rearing(epochs=0)) == []
