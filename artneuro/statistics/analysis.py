"""Analysis: a declared statistical test on the variables of records."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import final

import xarray as xr

from artneuro.errors import Problem
from artneuro.fields import Spec, define_spec, param
from artneuro.registry import family
from artneuro.selection import Where
from artneuro.statistics.design import Design, Question, refusals
from artneuro.statistics.gathering import gather
from artneuro.statistics.result import Result

AVERAGE_DOC = "dims to average over within each subject; nothing is averaged unless it is named here"
WHERE_DOC = "what is selected first: dim or coordinate -> level or list of levels"


@family("analysis")
@define_spec
class Analysis(Spec, ABC):
    """A declared statistical test.

    A subclass is final, registered, and as thin as can be: it says what it asks, and hands its parameters to the
    function of the same name.
    """

    where: Where = param({}, doc=WHERE_DOC)
    average: tuple[str, ...] = param((), doc=AVERAGE_DOC)

    @abstractmethod
    def _asks(self) -> Question:
        """Return which variables and factors the test needs."""

    @abstractmethod
    def _test(self, record: xr.Dataset) -> Result:
        """Return the answer from one record that holds every variable under its address."""

    @final
    def _question(
        self,
        variables: Mapping[str, str | Sequence[str]],
        factors: Mapping[str, str | Sequence[str] | None],
        compares: bool = True,
        pooling: bool = False,
    ) -> Question:
        """Return the question that fields of the declaration ask, each given as it was declared."""

        def names(given: str | Sequence[str] | None) -> tuple[str, ...]:
            return () if given is None else (given,) if isinstance(given, str) else tuple(given)

        return Question(
            {field: names(given) for field, given in variables.items()},
            {field: names(given) for field, given in factors.items()},
            self.where,
            self.average,
            compares,
            pooling,
        )

    @property
    @final
    def addresses(self) -> tuple[str, ...]:
        """The variables that it is of, each as Record.variable."""
        return tuple(address for addresses in self._asks().variables.values() for address in addresses)

    @final
    def refusals(self, design: Design) -> Iterable[Problem]:
        """Yield why the records of a design could not be analysed like this; asked before anything runs."""
        return refusals(self._asks(), design)

    @final
    def run(self, records: Mapping[str, xr.Dataset]) -> Result:
        """Analyse records by name.

        Raises
        ------
        DesignError
            Where the records cannot answer; the message says why and what would.
        """
        return self._test(gather(records, self.addresses))
