import torch

from artneuro.rearing.intervention import Gained, Struck
from artneuro.rearing.notes import Notes
from artneuro.rearing.timing import Clock


def test_each_subject_gets_its_own_in_the_order_in_which_they_came():
    notes = Notes()
    notes.take(
        2, [Struck(0, torch.tensor([5, 6]), alive=True), Struck(1, torch.tensor([7]), alive=False)], Clock(3, 40)
    )
    notes.take(1, [Gained(1, 0.5)], Clock(3, 41))
    notes.take(1, [Gained(1, 0.25)], Clock(3, 42))
    given = {subject: (events.tolist(), swaps.tolist()) for subject, events, swaps in notes.given_to([0, 1])}
    assert given[0] == ([[2, 3, 40, 5, 1], [2, 3, 40, 6, 1]], [])
    assert given[1] == ([[2, 3, 40, 7, 0]], [[3, 41, 0.5], [3, 42, 0.25]])
    assert list(notes.given_to([0, 1])) == []


def test_who_no_longer_grows_gets_none_and_they_are_not_kept():
    notes = Notes()
    notes.take(0, [Gained(0, 1.0)], Clock(0, 1))
    assert [(subject, len(swaps)) for subject, _, swaps in notes.given_to([1])] == [(1, 0)]
    assert list(notes.given_to([0])) == []
