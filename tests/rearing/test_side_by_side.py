"""Taking turns on several threads."""

import threading

import pytest
import torch

from artneuro.rearing.side_by_side import computing_with, grow


class Counted:
    """Grows for so many epochs."""

    def __init__(self, epochs):
        self.left = epochs

    @property
    def growing(self):
        return self.left > 0


def live(one, stop):
    one.left -= 1


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_each_lives_through_all_its_epochs(workers):
    litters = [Counted(epochs) for epochs in (3, 0, 1, 2)]
    seen = list(grow(litters, live, workers))
    assert [seen.count(litter) for litter in litters] == [3, 0, 1, 2]
    assert not any(litter.growing for litter in litters)


def test_they_take_turns():
    first, second, third = (Counted(3) for _ in range(3))
    order = list(grow([first, second, third], live, 1))
    assert order == [first, second, third] * 3


def test_threads_compute_with_as_many_as_are_declared(threads):
    seen = []

    def look(one, stop):
        one.left -= 1
        seen.append((threading.current_thread().name, torch.get_num_threads()))

    with threads(4):
        with computing_with(2) as workers:
            assert workers == 2
            list(grow([Counted(5) for _ in range(4)], look, workers))
        assert torch.get_num_threads() == 4
    assert {count for _, count in seen} == {2}
    with threads(1), computing_with(3) as workers:
        assert (workers, torch.get_num_threads()) == (1, 3)


def test_an_error_stops_the_others():
    told = []

    def fail(one, stop):
        if one.left == 1000:
            raise ValueError("one of them")
        told.append(stop.wait(60))  # as a long epoch that looks at the event

    with pytest.raises(ValueError, match="one of them"):
        list(grow([Counted(3), Counted(1000)], fail, 2))
    assert told == [True]  # the other was told to stop, and did not wait its epoch out
