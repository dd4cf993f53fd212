"""Plot: a declared figure. `draw` makes it from records; `caption` says what it shows."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from artneuro.fields import Spec
from artneuro.registry import family
from artneuro.selection import Where

Comparisons = Mapping[str, pd.DataFrame]
"""Pairwise comparisons by the name of the analysis that made them: one row a pair; see `marks.pairs`."""


@family("figure")
class Plot(Spec, ABC):
    """A declared figure. A subclass is final, registered, and draws with the function of its module."""

    __slots__ = ()

    where: Where
    title: str

    @abstractmethod
    def addresses(self) -> Mapping[str, str]:
        """Return the variables that it shows, as Record.variable, by the field that names them."""

    @abstractmethod
    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it.

        Parameters
        ----------
        records : mapping of name to Dataset
        comparisons : mapping of name to DataFrame, optional
            What a figure that marks pairs finds its p values in; the others have no use for it.

        Raises
        ------
        SpecificationError
            Where it names what the records do not have.
        DesignError
            Where no subject has a value to draw.
        """

    @abstractmethod
    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows, how many subjects stand behind it, what was averaged and who was left out."""


class MovingPlot(Plot, ABC):
    """A plot that can also be seen as a film: one figure after the other."""

    __slots__ = ()

    @abstractmethod
    def frames(self, records: Mapping[str, xr.Dataset]) -> list[Figure]:
        """Draw the figures of the film, all of one size and on one scale; none, if no film was asked for.

        Raises
        ------
        SpecificationError, DesignError
            As `draw`.
        """
