"""Notes: what interventions report while an epoch is lived, until it is complete and each subject gets its own."""

from collections.abc import Iterable, Iterator
from typing import final

import numpy as np

from artneuro.rearing import events, gains
from artneuro.rearing.intervention import Gained, Struck
from artneuro.rearing.timing import Clock


@final
class Notes:
    """Takes down events and rounds of swaps of all subjects of a litter.

    Examples
    --------
    >>> notes = Notes()
    >>> notes.take(0, [Gained(subject=1, gain=2.5)], Clock(epoch=3, step=40))
    >>> [(subject, swaps.tolist()) for subject, _, swaps in notes.given_to([0, 1])]
    [(0, []), (1, [[3.0, 40.0, 2.5]])]
    >>> list(notes.given_to([0, 1]))
    []
    """

    def __init__(self) -> None:
        self._events: list[tuple[int, events.Whole]] = []
        self._swaps: list[tuple[int, tuple[float, float, float]]] = []

    def take(self, place: int, reported: Iterable[Struck | Gained], clock: Clock) -> None:
        """Take down what the intervention at a place among those of its arm reports."""
        for each in reported:
            if isinstance(each, Gained):
                self._swaps.append((each.subject, (clock.epoch, clock.step, each.gain)))
            else:
                rows = events.rows(place, clock.epoch, clock.step, each.units.tolist(), each.alive)
                self._events.append((each.subject, rows))

    def given_to(self, subjects: Iterable[int]) -> Iterator[tuple[int, events.Whole, gains.Rounds]]:
        """Yield subject, events (event, 5) and swaps (round, 3) of each, and begin anew; nothing without notes."""
        noted, self._events = self._events, []
        swaps, self._swaps = self._swaps, []
        for subject in subjects if noted or swaps else ():
            rounds = np.array([each for of, each in swaps if of == subject]).reshape(-1, 3)
            yield subject, events.joined([rows for of, rows in noted if of == subject]), rounds
