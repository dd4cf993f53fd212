"""A life: what is written down of one subject while it is reared, and the subject it becomes."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, final

import attrs
import xarray as xr
from torch import Tensor

from artneuro import records
from artneuro.fields import plain
from artneuro.rearing import events, gains
from artneuro.rearing.history import history
from artneuro.rearing.intervention import Halting, Intervention
from artneuro.rearing.juvenile import Juvenile, State
from artneuro.rearing.rearing import Rearing
from artneuro.subject import Subject
from artneuro.weights import Weights


@final
class Life:
    """One subject while it is reared.

    Parameters
    ----------
    juvenile : Juvenile
        As it is now.
    rearing, interventions
        As declared.
    """

    def __init__(self, juvenile: Juvenile, rearing: Rearing, interventions: Sequence[Intervention]) -> None:
        subject = juvenile.origin
        self._subject, self._rearing, self._interventions = subject, rearing, tuple(interventions)
        self._rows: list[Mapping[str, float]] = list(juvenile.rows)
        self._lived = juvenile.lived
        self._log, self._swaps = [juvenile.log], [juvenile.swaps]
        self._halted, self._diverged = juvenile.halted, juvenile.diverged
        self._age, self._weights = max(juvenile.ages), juvenile.weights
        evaluated = max(age for age in juvenile.ages if (age - subject.age) % rearing.evaluate_every == 0)
        self._sound = evaluated, juvenile.ages[evaluated]
        self._ages = {
            age: weights
            for age, weights in juvenile.ages.items()
            if age < subject.age or age - subject.age in rearing.keep
        }

    @property
    def rows(self) -> Sequence[Mapping[str, float]]:
        """What was measured in each epoch of this rearing after which it was evaluated."""
        return self._rows

    @property
    def growing(self) -> bool:
        """Whether it has an epoch to come: it has neither halted nor diverged nor come to its end."""
        return not self._halted and self._diverged < 0 and self._lived < self._rearing.epochs

    def live(self) -> None:
        """Count an epoch after which nothing is measured."""
        self._lived += 1

    def pause(self, weights: Weights) -> None:
        """Keep the weights that it has now, a copy."""
        self._age, self._weights = self._subject.age + self._lived, weights

    def complete(self, row: Mapping[str, float], weights: Weights, halting: Sequence[Halting]) -> None:
        """Write down an epoch after which it was evaluated.

        A subject whose loss is no longer finite has diverged: it keeps the weights of the evaluation before.

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
        self._lived += 1
        age = self._subject.age + self._lived
        if not all(map(math.isfinite, row.values())):
            self._diverged = age
            self._age, self._weights = self._sound
            return
        self._age, self._weights = self._sound = age, weights
        if self._lived in self._rearing.keep:
            self._ages[age] = weights
        if halting:
            along = {name: [past[name] for past in self._rows] for name in row}
            every = self._rearing.evaluate_every
            along["epoch"] = [float(every * number) for number in range(1, len(self._rows) + 1)]
            self._halted = any(intervention.halts(along) for intervention in halting)

    def note(self, rows: events.Whole, swaps: gains.Rounds) -> None:
        """Write down the events (event, 5) and rounds of swaps (round, 3) of an epoch, before it is complete."""
        self._log.append(rows)
        self._swaps.append(swaps)

    def juvenile(self, lived: int, updates: int, state: State, memory: Mapping[int, Mapping[str, Tensor]]) -> Juvenile:
        """Return the subject as it is, with what its litter knows: epochs lived, updates, state and memory."""
        return Juvenile(
            origin=self._subject,
            lived=lived,
            updates=updates,
            rows=tuple(self._rows),
            ages=dict(sorted({**self._ages, self._sound[0]: self._sound[1], self._age: self._weights}.items())),
            state=state,
            halted=self._halted,
            diverged=self._diverged,
            memory=memory,
            log=events.joined(self._log),
            swaps=gains.joined(self._swaps),
        )

    def adult(self, way: str, acted_upon: Mapping[int, tuple[str, int]] | None = None) -> Subject:
        """Return the subject it has become, its history with provenance.

        Parameters
        ----------
        way : str
            How it was computed.
        acted_upon : mapping of int to (site, number of its units), optional
            For each intervention that has events, by its place.
        """
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
        classes = bool(self._subject.environment.classes)
        lived = history(self._rows, self._subject.age, self._rearing, classes)
        if "epoch" in before.dims:
            earlier = events.without(before)
            lived = xr.concat([earlier, lived], dim="epoch", join="exact", combine_attrs="drop_conflicts")
        lived = self._logged(before, acted_upon or {}).written_into(lived)
        lived = gains.written_into(lived, gains.joined([gains.of(before), *self._swaps]))
        return attrs.evolve(
            self._subject,
            ages={**self._ages, self._age: self._weights},
            rearing=self._rearing,
            interventions=self._interventions,
            history=records.with_provenance(lived, phases=phases),
            diverged=self._diverged,
        )

    def _logged(self, before: xr.Dataset, acted_upon: Mapping[int, tuple[str, int]]) -> events.Log:
        """Return all events of its life."""
        rows = events.joined(self._log)
        units = dict(acted_upon.values())
        places = {place: list(units).index(site) for place, (site, _) in acted_upon.items()}
        rows[:, 0] = [places[place] for place in rows[:, 0].tolist()]
        return events.Log.of(before).then(units, rows)
