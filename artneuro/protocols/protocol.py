"""Protocol: a declared experiment. It is an assay, which measures subjects as they are, a cohort study, which also
compares them with each other, or a twin study, which rears twins of each subject and compares them. `run` lives here; a
protocol says what it needs and what it measures.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

import xarray as xr

from artneuro import joining, records
from artneuro.cohort import Arm, Cohort
from artneuro.errors import ActivityError, DesignError, Problem, SpecificationError
from artneuro.fields import Spec
from artneuro.labels import DIMS, FLAGS, Label
from artneuro.rearing.beginnings import Course, rear_courses
from artneuro.registry import family
from artneuro.seeds import Stream
from artneuro.subject import Subject, identities


@family("protocol")
class Protocol(Spec, ABC):
    """A declared experiment: what it needs and what it measures; an `Assay`, a `CohortStudy` or a `TwinStudy`.

    A subclass of one of these is final, registered, and lists the variables it records in `outputs`.
    """

    __slots__ = ()

    outputs: ClassVar[Mapping[str, Label]]
    """Every variable of the record, with meaning, unit and dims (without `subject`)."""

    flags: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Variable that is 1 where others must not be relied on -> these others. No claim about them is decided there."""

    needs_classes: ClassVar[bool] = False
    """Whether what it measures is defined for classes alone, and not where targets are values."""

    of_classes: ClassVar[tuple[str, ...]] = ()
    """Variables that are not recorded where targets are values."""

    def arms(self) -> Mapping[str, Arm]:
        """Return the arms that the protocol brings; empty for a pure assay."""
        return {}

    def levels(self) -> Mapping[str, tuple[Any, ...]]:
        """Return the levels of dims, as far as the declaration tells them, so that claims can be checked."""
        return {}

    def material(self) -> str:
        """Return what identifies all that it reads besides subjects, such as a brain from files; most read nothing.

        A measurement is made anew where it changes.
        """
        return ""

    def cautions(self, record: xr.Dataset) -> Iterable[str]:
        """Yield what whoever reads the record must know, in sentences; every test of its variables repeats them."""
        return ()

    @final
    def classless(self, subject: Subject) -> Iterator[Problem]:
        """Yield that a subject has no classes to name, where they are needed."""
        if self.needs_classes and not subject.environment.classes:
            advice = "What it measures is not defined for values: measure subjects that name classes."
            yield Problem("environment", "one whose targets are classes", "one whose targets are values", advice)

    def relate(self, parts: Sequence[xr.Dataset], subjects: Sequence[Subject]) -> Sequence[xr.Dataset]:
        """Return what is said of each subject once all have been measured; of most protocols, what was measured."""
        return parts

    @final
    def collect(self, parts: Sequence[xr.Dataset], subjects: Sequence[Subject]) -> xr.Dataset:
        """Join the measurements of subjects into one record with provenance."""
        record = joining.of_subjects(self.relate(parts, subjects), identities(subjects), title=type(self).__name__)
        record = record.assign_attrs(cautions="\n".join(self.cautions(record)))
        for flag, doubted in self.flags.items():
            for name in doubted:
                if flag in record and name in record:
                    record[name].attrs[FLAGS] = flag
        return records.with_provenance(
            record,
            protocol=self.named(),
            environments=sorted({subject.environment.fingerprint for subject in subjects}),
            weights={subject.id: subject.fingerprint for subject in subjects},
        )


class Examination(Protocol):
    """Measures each reared subject by itself, without changing it: an `Assay`, or the first half of a `CohortStudy`."""

    __slots__ = ()

    def refusals(self, subject: Subject) -> Iterable[Problem]:
        """Yield why a subject like this (it may be naive) cannot be measured; asked before any rearing."""
        return ()

    def levels_of(self, subject: Subject) -> Mapping[str, tuple[Any, ...]]:
        """Return the levels that a subject like this (it may be naive) tells, of dims and of what lies along them."""
        return {}

    @final
    def unfit(self, subject: Subject) -> Sequence[Problem]:
        """Return why a subject cannot be measured, if it cannot."""
        return tuple(self.classless(subject)) or tuple(self.refusals(subject))

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
        found = [problem.within(type(self).__name__) for problem in self.unfit(subject)]
        if found:
            raise SpecificationError(found)
        return self._measure(subject, subject.stream.child("assay", type(self).__name__))

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


class Assay(Examination):
    """Measures a reared subject without changing it; who else is measured makes no difference."""

    __slots__ = ()


class CohortStudy(Examination):
    """Measures each subject, and then compares all subjects of the record with each other.

    What is measured of one subject (such as the activity of its units) is kept and joined as that of an assay; the
    comparison is made anew whenever a record is. A subject keeps its line in the record: what it shares with another
    lies along `other`, and what is to be tested has one value a subject.
    """

    __slots__ = ()

    @abstractmethod
    def _relate(self, parts: Sequence[xr.Dataset], subjects: Sequence[Subject]) -> Sequence[xr.Dataset]:
        """Compare subjects, of each of which one dataset was measured, and return one dataset for each."""

    @final
    def relate(self, parts: Sequence[xr.Dataset], subjects: Sequence[Subject]) -> Sequence[xr.Dataset]:
        """Compare subjects with each other, at each age where they were measured at several.

        Raises
        ------
        DesignError
            Where there are fewer than two.
        """
        if len(parts) < 2:
            raise DesignError(f"{type(self).__name__}: required two subjects or more to compare; came {len(parts)}")
        if not any("epoch" in part.dims for part in parts):
            return self._relate(parts, subjects)
        ages = parts[0].epoch.values.tolist()
        try:
            by_age = [self._relate([part.sel(epoch=age, drop=True) for part in parts], subjects) for age in ages]
        except ActivityError as error:
            raise DesignError(
                f"{type(self).__name__}: not all subjects were there at all ages, so they cannot be compared ({error})"
            ) from error
        label = {"long_name": DIMS["epoch"].long_name, "units": DIMS["epoch"].units}
        along = xr.DataArray(ages, dims="epoch", name="epoch", attrs=label)
        return [xr.concat(of_one, dim=along, coords="minimal", compat="equals") for of_one in zip(*by_age, strict=True)]


class TwinStudy(Protocol):
    """Rears twins of each subject, each treated otherwise, and compares them.

    A subject of its record stands for all its twins: one observation a variable and treatment, paired by birth.
    """

    __slots__ = ()

    @abstractmethod
    def courses(self, course: Course) -> Mapping[str, Course]:
        """Return how the twins of a subject grow up, treatment by treatment, from how the subject itself does."""

    def untreatable(self, newborn: Subject, course: Course) -> Iterable[Problem]:
        """Yield why the twins of a subject that is to grow up like this cannot be treated; asked before any rearing."""
        return ()

    @final
    def unfit(self, newborn: Subject, course: Course) -> Sequence[Problem]:
        """Return why the twins of a subject cannot be treated or compared, if they cannot."""
        return tuple(self.classless(newborn)) or tuple(self.untreatable(newborn, course))

    @abstractmethod
    def _compare(self, twins: Mapping[str, Subject]) -> xr.Dataset:
        """Compare the twins of one subject, given by treatment; some may have diverged. No `subject` dim."""

    @final
    def compare(self, twins: Mapping[str, Subject]) -> xr.Dataset:
        """Compare the reared twins of one subject, given by treatment as `courses` names them."""
        return self._compare(twins)

    @final
    def run(self, cohort: Cohort) -> xr.Dataset:
        """Rear twins of every subject of a cohort, compare them, and return one labelled record.

        Parameters
        ----------
        cohort : Cohort
            Its design is what counts: twins are reared from birth, whatever the subjects have become. What twins
            share of their lives is lived once.

        Raises
        ------
        SpecificationError
            Where the twins cannot be treated as declared.
        """
        subjects: list[Subject] = []
        parts: list[xr.Dataset] = []
        for label, arm in cohort.arms.items():
            course = Course(cohort.rearing[label], arm.interventions)
            of_arm = [subject for subject in cohort if subject.arm == label]
            newborn = [Subject.naive(each.anatomy, each.environment, each.seed, each.arm) for each in of_arm]
            found = [problem.within(type(self).__name__) for problem in self.unfit(newborn[0], course)]
            if found:
                raise SpecificationError(found)
            treated = self.courses(course)
            reared = rear_courses(newborn, list(treated.values()))
            parts += [self.compare(dict(zip(treated, twins, strict=True))) for twins in zip(*reared, strict=True)]
            subjects += newborn
        return self.collect(parts, subjects)
