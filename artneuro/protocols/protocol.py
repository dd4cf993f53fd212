"""Protocol: a declared experiment. `run` lives here, once; a protocol says which arms it needs and what it measures."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, final

import xarray as xr

from artneuro import records
from artneuro.cohort import Arm, Cohort
from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.fields import Spec
from artneuro.labels import Label
from artneuro.registry import family
from artneuro.seeds import Stream
from artneuro.subject import Subject, identities


@family("protocol")
class Protocol(Spec, ABC):
    """A declared experiment: the arms it needs (maybe none) and the assay it makes.

    A subclass is final, registered, lists the variables it records in `outputs`, and implements `_measure`.
    """

    __slots__ = ()

    outputs: ClassVar[Mapping[str, Label]]
    """Every variable of the record, with meaning, unit and dims (without `subject`)."""

    def arms(self) -> Mapping[str, Arm]:
        """Return the arms that the protocol brings; empty for a pure assay."""
        return {}

    def refusals(self, subject: Subject) -> Iterable[Problem]:
        """Yield why a subject like this (it may be naive) cannot be measured; asked before any rearing."""
        return ()

    @abstractmethod
    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        """Measure one subject without changing it; the dataset has no `subject` dim.

        Parameters
        ----------
        rng : Stream
            The subject's randomness for this protocol alone.
        """

    @final
    def measure(self, subject: Subject) -> xr.Dataset:
        """Measure one subject, having checked that it can be.

        Raises
        ------
        SpecificationError
            Where the protocol refuses the subject.
        """
        found = [problem.within(type(self).__name__) for problem in self.refusals(subject)]
        if found:
            raise SpecificationError(found)
        return self._measure(subject, subject.stream.child("assay", type(self).__name__))

    @final
    def collect(self, parts: Sequence[xr.Dataset], subjects: Sequence[Subject]) -> xr.Dataset:
        """Join the measurements of subjects into one record with provenance."""
        record = records.of_subjects(parts, identities(subjects), title=type(self).__name__)
        return records.with_provenance(
            record,
            protocol=self.named(),
            environments=sorted({subject.environment.fingerprint for subject in subjects}),
            weights={subject.id: subject.fingerprint for subject in subjects},
        )

    @final
    def run(self, subjects: Subject | Cohort | Iterable[Subject]) -> xr.Dataset:
        """Measure a subject or a cohort and return one labelled record.

        Subjects that diverged have no behaviour to measure: they are left out, and named in the record's attribute
        ``excluded``.
        """
        everyone = [subjects] if isinstance(subjects, Subject) else list(subjects)
        sound = [subject for subject in everyone if subject.diverged < 0]
        if not sound:
            raise DesignError(f"{type(self).__name__}: no subject to measure; {len(everyone)} came, all had diverged")
        record = self.collect([self.measure(subject) for subject in sound], sound)
        lost = [f"{subject.id} (epoch {subject.diverged})" for subject in everyone if subject.diverged >= 0]
        return record.assign_attrs(excluded=", ".join(lost))
