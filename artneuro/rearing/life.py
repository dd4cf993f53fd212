"""A life: what is written down of one subject while it is reared, and the subject it becomes."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, final

import attrs
import xarray as xr
from torch import Tensor

from artneuro import records
from artneuro.fields import plain
from artneuro.rearing.history import history
from artneuro.rearing.intervention import Halting, Intervention
from artneuro.rearing.rearing import Rearing
from artneuro.subject import Subject

Weights = Mapping[str, Tensor]


@final
class Life:
    """One subject while it is reared.

    Parameters
    ----------
    subject : Subject
        As it was.
    rearing, interventions
        As declared.

    Attributes
    ----------
    growing : bool
        Whether it has neither halted nor diverged.
    """

    def __init__(self, subject: Subject, rearing: Rearing, interventions: Sequence[Intervention]) -> None:
        self.growing = rearing.epochs > 0
        self._subject, self._rearing, self._interventions = subject, rearing, tuple(interventions)
        self._rows: list[dict[str, float]] = []
        self._diverged = -1
        self._age, self._weights = subject.age, subject.weights
        self._ages = {age: weights for age, weights in subject.ages.items() if age < subject.age}
        if 0 in rearing.keep:
            self._ages[subject.age] = subject.weights

    def complete(self, row: Mapping[str, float], weights: Weights, halting: Sequence[Halting]) -> None:
        """Write down an epoch.

        A subject whose loss is no longer finite has diverged: it keeps the weights from before that epoch.

        Parameters
        ----------
        row : mapping
            What was measured.
        weights : mapping
            Its weights now; kept, so a copy.
        halting : sequence of Halting
            Interventions that may end its rearing.
        """
        self._rows.append(dict(row))
        age = self._subject.age + len(self._rows)
        if not all(map(math.isfinite, row.values())):
            self._diverged = age
            self.growing = False
            return
        self._age, self._weights = age, weights
        if len(self._rows) in self._rearing.keep:
            self._ages[age] = weights
        along = {name: [past[name] for past in self._rows] for name in row}
        done = len(self._rows) == self._rearing.epochs
        self.growing = not done and not any(intervention.halts(along) for intervention in halting)

    def adult(self, way: str) -> Subject:
        """Return the subject it has become, its history with provenance; `way` is how it was computed."""
        before = self._subject.history
        phases: list[dict[str, Any]] = []
        if "provenance" in before.attrs:
            phases = records.provenance(before)["phases"]
        phases.append(
            {
                "from_epoch": self._subject.age,
                "rearing": plain(self._rearing),
                "interventions": plain(self._interventions),
                "environment": self._subject.environment.fingerprint,
                "way": way,
            }
        )
        lived = history(self._rows, self._subject.age + 1, self._rearing.evaluate_train)
        if "epoch" in before.dims:
            lived = xr.concat([before, lived], dim="epoch", join="exact", combine_attrs="drop_conflicts")
        return attrs.evolve(
            self._subject,
            ages={**self._ages, self._age: self._weights},
            rearing=self._rearing,
            interventions=self._interventions,
            history=records.with_provenance(lived, phases=phases),
            diverged=self._diverged,
        )
