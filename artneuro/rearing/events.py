"""Events: which units were born anew, woken or silenced, and when; and how old units are."""

from collections.abc import Mapping, Sequence
from typing import final

import attrs
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from artneuro import records
from artneuro.labels import Label

Whole = NDArray[np.int64]

_NONE = "-1 where there is no such event"

LABELS: Mapping[str, Label] = {
    "event_epoch": Label(
        "age at the event, in epochs that were complete; -1 where there is no such event", "epoch", ("event",)
    ),
    "event_step": Label(
        "updates of the weights before the event, since birth; -1 where there is none", "update", ("event",)
    ),
    "event_alive": Label(
        "whether the unit lives from now on (1), or has fallen silent (0); -1 where there is none", "1", ("event",)
    ),
    "unit_age": Label("age of the unit; -1 where it is silent", "update", ("unit",)),
}
"""Variables of a history besides those along `epoch`, where units were turned over; one event befalls one unit."""


@final
@attrs.frozen(eq=False)
class Log:
    """The events of one subject's life.

    Parameters
    ----------
    units : mapping of str to int
        Site -> number of its units, of every site where events may happen.
    rows : Tensor or array, shape (event, 5), int64
        Place of the site in `units` (while a subject is reared: of the intervention among those of its arm), epoch,
        step, number of the unit, and whether it lives from now on.
    """

    units: Mapping[str, int] = attrs.field(factory=dict)
    rows: Whole = attrs.field(factory=lambda: np.zeros((0, 5), dtype=np.int64))

    @classmethod
    def of(cls, history: xr.Dataset) -> "Log":
        """Read the log from a history."""
        if "event_unit" not in history:
            return cls()
        names, counts = np.unique(history.unit_site.values, return_counts=True)
        units = dict(zip(names.tolist(), counts.tolist(), strict=True))
        places = [list(units).index(site) for site in history.event_site.values.tolist()]
        along = (places, *(history[name].values for name in ("event_epoch", "event_step", "event_unit", "event_alive")))
        return cls(units, np.stack([np.asarray(each, dtype=np.int64) for each in along], axis=1))

    def then(self, units: Mapping[str, int], rows: Whole) -> "Log":
        """Return the log with later events, whose sites are those of `units`."""
        both = {**self.units, **units}
        moved = rows.copy()
        moved[:, 0] = np.array([list(both).index(site) for site in units], dtype=np.int64)[rows[:, 0]]
        return Log(both, np.concatenate([self.rows, moved]))

    def upto(self, age: int) -> "Log":
        """Return the events before an age, in epochs."""
        return Log(self.units, self.rows[self.rows[:, 1] < age])

    def ages(self, updates: int) -> dict[str, Whole]:
        """Return the age of every unit (unit,) by site, after so many updates since birth; -1 where it is silent."""
        sites = list(self.units)
        found: dict[str, Whole] = {site: np.full(count, updates) for site, count in self.units.items()}
        for place, _, step, unit, alive in self.rows:
            found[sites[place]][unit] = updates - step if alive else -1
        return found

    def written_into(self, history: xr.Dataset) -> xr.Dataset:
        """Return a history with the log and the age of every unit at its end; the same where there are no sites."""
        if not self.units:
            return history
        sites = list(self.units)
        age = self.ages(int(history.updates[-1]) if history.sizes.get("epoch") else 0)
        values = {
            "event_epoch": self.rows[:, 1],
            "event_step": self.rows[:, 2],
            "event_alive": self.rows[:, 4],
            "unit_age": np.concatenate(list(age.values())),
        }
        coords = {
            "event_site": np.array([sites[place] for place in self.rows[:, 0]], dtype="U"),
            "event_unit": self.rows[:, 3],
            "unit_site": np.repeat(sites, list(self.units.values())),
            "unit_index": np.concatenate([np.arange(count) for count in self.units.values()]),
        }
        return history.merge(records.dataset(values, LABELS, coords), combine_attrs="override")


def rows(place: int, epoch: int, step: int, units: Sequence[int], alive: bool) -> Whole:
    """Return one event each of some units as rows (event, 5); see `Log`.

    Examples
    --------
    >>> rows(0, epoch=2, step=40, units=[7, 3], alive=True).tolist()
    [[0, 2, 40, 7, 1], [0, 2, 40, 3, 1]]
    """
    return np.array([(place, epoch, step, unit, alive) for unit in units], dtype=np.int64).reshape(-1, 5)


def without(history: xr.Dataset) -> xr.Dataset:
    """Return a history without logs and ages of units: what lies along `epoch`."""
    return history.drop_dims(["event", "unit", "swap_round"], errors="ignore")


def joined(parts: Sequence[Whole]) -> Whole:
    """Return rows (event, 5) one after the other; none where there are no parts."""
    return np.concatenate([np.zeros((0, 5), dtype=np.int64), *parts])
