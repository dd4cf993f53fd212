"""The wiring of single networks, as figures need it: weights, their ends, and what is known of the units."""

from typing import Any, final

import attrs
import numpy as np
import xarray as xr

from artneuro.errors import Problem, SpecificationError
from artneuro.figures.pictures import Pictures, pictures
from artneuro.selection import Where

SOURCE, TARGET, SITE, POSITION = "connection_source", "connection_target", "unit_site", "position"

Array = np.ndarray[Any, Any]


@final
@attrs.frozen(eq=False)
class Wiring:
    """The connections of one network at one age.

    Parameters
    ----------
    weights, sources, targets : array (connection,)
        Not-a-number for a connection that the network lacks; places along the dim `unit`.
    layers : list of str
        Of every unit.
    groups : list of str or None
        What tells the units apart; None for one without.
    positions : array (unit, axis), optional
    """

    weights: Array
    sources: Array
    targets: Array
    layers: list[str]
    groups: list[str | None]
    positions: Array | None


@final
@attrs.frozen(eq=False)
class Wired:
    """The wiring of every picture."""

    pictures: Pictures
    each: tuple[Wiring, ...]
    of: str
    group: str | None
    about: xr.DataArray

    @property
    def levels(self) -> list[str]:
        """Return what tells units apart, numbers by size and names in the order of the units."""
        levels = list(dict.fromkeys(group for one in self.each for group in one.groups if group is not None))
        return sorted(levels, key=float) if all(map(_is_number, levels)) else levels


def wired(record: xr.Dataset, of: str, along: str | None, group: str | None, field: str, where: Where) -> Wired:
    """Return the wiring of every subject, at every place along a dim.

    Parameters
    ----------
    record, of, along, where
        As for `artneuro.figures.network`.
    group : str, optional
        Variable or coordinate along `unit` that tells units apart.
    field : str
        Where it was declared, for the error.

    Raises
    ------
    SpecificationError, DesignError
        As for `artneuro.figures.pictures.pictures`; also where the record has no connections.
    """
    lacking = [name for name in (SOURCE, TARGET, SITE) if name not in record.variables]
    if lacking:
        came = f"a record without {' and '.join(lacking)}"
        raise SpecificationError([Problem("of", "a variable of a record that has connections between units", came)])
    along_unit = [str(name) for name, variable in record.variables.items() if "unit" in variable.dims]
    if group is not None and group not in along_unit:
        raise SpecificationError([Problem(field, f"a variable along unit ({', '.join(along_unit)})", repr(group))])
    beside = [SOURCE, TARGET, SITE, *([POSITION] if POSITION in record else [])]
    beside += [group] if group is not None and group not in beside else []
    shown = pictures(record, of, {"of": "connection"}, along, where, beside)
    return Wired(shown, tuple(_wiring(one.data, of, group) for one in shown.each), of, group, record[of])


def _wiring(data: xr.Dataset, of: str, group: str | None) -> Wiring:
    sites = [str(site) for site in data[SITE].values]
    # a subject that has fewer units than others has no position or group for those it lacks
    return Wiring(
        weights=data[of].values.astype(float),
        sources=data[SOURCE].values.astype(int),
        targets=data[TARGET].values.astype(int),
        layers=sites,
        groups=[None] * len(sites) if group is None else [_named(value) for value in data[group].values.tolist()],
        positions=data[POSITION].transpose("unit", ...).values.astype(float) if POSITION in data else None,
    )


def _named(value: Any) -> str | None:
    """Return a group as a name, for modules that have numbers are told apart, not ordered.

    Examples
    --------
    >>> _named(2.0), _named("hidden"), _named(float("nan"))
    ('2', 'hidden', None)
    """
    if isinstance(value, float):
        return None if np.isnan(value) else f"{value:g}"
    return str(value)


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
