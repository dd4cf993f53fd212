"""Placements: where the units of one layer lie."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import final

import torch
from torch import Tensor

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec, define_spec, ge, param, some
from artneuro.registry import family, register

CENTRE = 0.5
"""Where a layer lies along the axes in which it has no extent."""


@family("placement")
class Placement(Spec, ABC):
    """Places for the units of one layer, as many as it has units, in the layer's own space."""

    __slots__ = ()

    @abstractmethod
    def places(self, units: int) -> Tensor:
        """Return the places (place, 3), float64: x, y and z, by default within the unit cube.

        Raises
        ------
        SpecificationError
            Where there are not as many places as units.
        """

    def material(self) -> str:
        """Return what identifies what places are read from; most are declared, and read from nothing."""
        return ""


def _cells(count: int) -> Tensor:
    """Return the centres of equal cells of the unit interval."""
    return (2 * torch.arange(count, dtype=torch.float64) + 1) / (2 * count)


def padded(*axes: Tensor) -> Tensor:
    """Return places (place, 3) from their coordinates along the first axes."""
    centre = torch.full_like(axes[0], CENTRE)
    return torch.stack([*axes, *[centre] * (3 - len(axes))], dim=1)


def require(field: str, places: int, units: int) -> None:
    """Refuse, by a `SpecificationError` that names the field, another number of places than of units."""
    if places != units:
        raise SpecificationError([Problem(field, f"{units} places, one for each unit", str(places))])


@final
@register("line")
@define_spec
class Line(Placement):
    """Evenly along x: place j of n at ``(2 j + 1) / (2 n)`` (Liu, Gan and Tegmark 2023, arXiv 2305.08746).

    Examples
    --------
    >>> Line().places(2)[:, 0].tolist()
    [0.25, 0.75]
    """

    def places(self, units: int) -> Tensor:
        """Return them."""
        return padded(_cells(units))


@final
@register("lattice")
@define_spec
class Lattice(Placement):
    """On a grid of one to three axes: the last axis varies fastest, and is x; the first of three is z.

    Examples
    --------
    >>> Lattice(sides=(2, 3)).places(6)[:4, :2].round(decimals=2).tolist()
    [[0.17, 0.25], [0.5, 0.25], [0.83, 0.25], [0.17, 0.75]]
    """

    sides: tuple[int, ...] = param(doc="places along each axis, such as 28, 28 for the pixels of a digit", check=some())
    spacing: float | None = param(
        None, doc="distance between neighbours; the lattice fills the unit cube, if left out", check=ge(0)
    )

    def problems(self) -> Iterator[Problem]:
        """Refuse more than three axes, and axes without places."""
        if len(self.sides) > 3 or any(side < 1 for side in self.sides):
            yield Problem("sides", "one to three whole numbers >= 1", str(list(self.sides)))

    def places(self, units: int) -> Tensor:
        """Return them, in the order of a tensor of that shape."""
        require("sides", math.prod(self.sides), units)
        along = [
            _cells(side) if self.spacing is None else torch.arange(side, dtype=torch.float64) * self.spacing
            for side in self.sides
        ]
        return padded(*(axis.flatten() for axis in reversed(torch.meshgrid(*along, indexing="ij"))))


@final
@register("ring")
@define_spec
class Ring(Placement):
    """Evenly on a circle around the centre, the first place at the right, counter-clockwise.

    Examples
    --------
    >>> Ring(radius=0.25).places(4)[:, :2].round(decimals=6).tolist()
    [[0.75, 0.5], [0.5, 0.75], [0.25, 0.5], [0.5, 0.25]]
    """

    radius: float = param(0.25, doc="of the circle", check=ge(0))

    def places(self, units: int) -> Tensor:
        """Return them."""
        angle = 2 * math.pi * torch.arange(units, dtype=torch.float64) / units
        return padded(CENTRE + self.radius * angle.cos(), CENTRE + self.radius * angle.sin())


@final
@register("given")
@define_spec
class Given(Placement):
    """At coordinates of your own.

    Examples
    --------
    >>> Given(at=((0.0, 1.0), (2.0, 3.0))).places(2).tolist()
    [[0.0, 1.0, 0.5], [2.0, 3.0, 0.5]]
    """

    at: tuple[tuple[float, ...], ...] = param(doc="x, or x and y, or x, y and z of every place", check=some())

    def problems(self) -> Iterator[Problem]:
        """Refuse places that differ in their number of coordinates."""
        lengths = sorted({len(place) for place in self.at})
        if len(lengths) > 1 or not 1 <= lengths[0] <= 3:
            yield Problem("at", "one to three coordinates, as many for every place", str(lengths))

    def places(self, units: int) -> Tensor:
        """Return them."""
        require("at", len(self.at), units)
        return padded(*torch.tensor(self.at, dtype=torch.float64).unbind(1))
