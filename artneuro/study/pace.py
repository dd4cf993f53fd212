"""How long a run will still take, judged from the tasks that are done."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import final

import attrs

Kind = str
"""Tasks of one kind take about as long for each of their subjects: one upbringing, or one record."""


@final
@attrs.define(eq=False)
class Pace:
    """Counts what is left, by kind, and what one subject of each kind has taken so far.

    Parameters
    ----------
    left : Counter of kind
        Subjects (of litters) or parts that are still to be done.
    expected : mapping of kind to float, optional
        Seconds for one of each kind, as forecast; what is measured replaces it.
    """

    _left: Counter[Kind]
    _expected: Mapping[Kind, float] = attrs.field(factory=dict)
    _seconds: defaultdict[Kind, float] = attrs.field(factory=lambda: defaultdict(float), init=False)
    _done: Counter[Kind] = attrs.field(factory=Counter, init=False)

    def did(self, kind: Kind, count: int, seconds: float) -> None:
        """Take note that `count` of a kind were done in so many seconds."""
        self._left[kind] -= count
        self._done[kind] += count
        self._seconds[kind] += seconds

    def dropped(self, kind: Kind, count: int = 1) -> None:
        """Take note that `count` of a kind will not be done."""
        self._left[kind] -= count

    def remaining(self, places: int) -> float | None:
        """Return the seconds that are left with so many workers, or None while a kind has never been done.

        Examples
        --------
        >>> pace = Pace(Counter({"rear": 4, "LesionStudy": 4}))
        >>> pace.did("rear", 2, 10.0)
        >>> pace.remaining(places=2) is None
        True
        >>> pace.did("LesionStudy", 1, 2.0)
        >>> pace.remaining(places=2)
        8.0
        """
        total = 0.0
        for kind, count in self._left.items():
            if count <= 0:
                continue
            if self._done[kind]:
                total += count * self._seconds[kind] / self._done[kind]
            elif kind in self._expected:
                total += count * self._expected[kind]
            else:
                return None
        return total / places
