"""Tracking: assays that follow a cohort while it is reared, at ages whose weights are not kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import xarray as xr

from artneuro import joining
from artneuro.cohort import Cohort
from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.labels import DIMS
from artneuro.protocols.protocol import Examination, Protocol, TwinStudy
from artneuro.rearing.tracking import rear_tracked, untrackable
from artneuro.subject import Subject

Parts = dict[int, xr.Dataset]
"""What was measured on a subject, by age."""


def track(
    cohort: Cohort,
    assays: Mapping[str, Examination],
    ages: Iterable[int],
    progress: Callable[[str, int, int], Any] | None = None,
) -> tuple[Cohort, dict[str, xr.Dataset]]:
    """Rear a cohort and measure its subjects meanwhile, at ages whose weights are then forgotten.

    Records are, bit for bit, those of measuring each subject ``at`` the same ages after a rearing that keeps them
    all, and the adults are those of ``cohort.rear()``. In a study file, ``ages: {every: 5}`` beside a protocol does
    the same.

    Parameters
    ----------
    cohort : Cohort
        As it is before its rearing.
    assays : mapping of str to Assay
        What is measured, under the name of its record.
    ages : iterable of int
        When, in epochs from birth, such as ``range(0, 21, 5)``; the beginning and the end of the rearing count. They
        must lie within the rearing of every arm.
    progress : callable, optional
        Called with (arm, epoch, epochs) as each epoch ends.

    Returns
    -------
    Cohort
        Grown up.
    dict of str to Dataset
        For each assay its record along ``subject`` and ``epoch``; not-a-number where a subject had stopped before an
        age. Who diverged is left out; the attribute ``excluded`` says who lacks what.

    Raises
    ------
    SpecificationError
        Before anything is reared: an age outside the rearing of an arm, a protocol that cannot be asked at several
        ages, subjects that cannot be measured.
    DesignError
        Where all have diverged.

    Examples
    --------
    >>> import artneuro as an
    >>> cohort = an.Cohort.of(
    ...     anatomy=an.anatomy("mlp", widths=(8,)), environment=an.environment("digits"),
    ...     rearing=an.Rearing(epochs=4), n=2)
    >>> adults, records = an.track(cohort, {"Information": an.InformationStudy(count=64)}, ages=range(0, 5, 2))
    >>> dict(records["Information"].fisher_trace.sizes), sorted(adults.subjects[0].ages)
    ({'subject': 2, 'epoch': 3}, [4])
    """
    wanted = sorted(set(ages))
    _refuse(cohort, assays, wanted)
    adults: list[Subject] = []
    measured: dict[str, list[Parts]] = {name: [] for name in assays}
    for label, arm in cohort.arms.items():
        litter = [subject for subject in cohort if subject.arm == label]
        found: dict[str, list[Parts]] = {name: [{} for _ in litter] for name in assays}

        def measure(place: int, subject: Subject, found: dict[str, list[Parts]] = found) -> None:
            for name, assay in assays.items():
                found[name][place][subject.age] = assay.measure(subject)

        tell = None if progress is None else (lambda epoch, epochs, label=label: progress(label, epoch, epochs))
        rearing = cohort.rearing[label]
        adults += rear_tracked(wanted, litter, rearing, arm.interventions, visit=measure, progress=tell)
        for name, parts in found.items():
            measured[name] += parts
    grown = attrs.evolve(cohort, subjects=tuple(adults))
    return grown, {name: _record(name, assays[name], wanted, adults, parts) for name, parts in measured.items()}


def untracked(protocol: Protocol) -> Iterator[Problem]:
    """Yield why a protocol cannot be asked at several ages."""
    if isinstance(protocol, TwinStudy):
        came = "ages, for a twin study, which compares twins when they are reared"
        yield Problem("ages", "nothing", came, "Leave `ages` out.")
        return
    along = [name for name, label in protocol.outputs.items() if "epoch" in label.dims]
    if along:
        came = f"ages, for a protocol that records {along[0]} along epoch itself"
        yield Problem("ages", "nothing", came, "Leave `ages` out.")


def _refuse(cohort: Cohort, assays: Mapping[str, Examination], ages: Sequence[int]) -> None:
    """Ask every arm for its ages, and one subject of each whether it can be measured."""
    problems = [problem.within(name) for name, assay in assays.items() for problem in untracked(assay)]
    for label in () if problems else cohort.arms:
        litter = [subject for subject in cohort if subject.arm == label]
        problems += untrackable(ages, [subject.age for subject in litter], cohort.rearing[label])
        problems += [problem.within(name) for name, assay in assays.items() for problem in assay.refusals(litter[0])]
    if problems:
        raise SpecificationError(dict.fromkeys(problems))


def _record(
    name: str, assay: Examination, ages: Sequence[int], adults: Sequence[Subject], parts: Sequence[Parts]
) -> xr.Dataset:
    sound = [(adult, along) for adult, along in zip(adults, parts, strict=True) if adult.diverged < 0 and along]
    if not sound:
        raise DesignError(f"{name}: no subject to measure; {len(adults)} came, all had diverged or stopped before")
    reached = sorted({age for _, along in sound for age in along})
    record = assay.collect([along_age(along, reached) for _, along in sound], [adult for adult, _ in sound])
    lost = [
        f"{adult.id} (epoch {adult.diverged})"
        if adult.diverged >= 0
        else f"{adult.id} (not at {age}: its rearing ended at {adult.age})"
        for adult in adults
        for age in ages
        if adult.diverged >= 0 or age > adult.age
    ]
    return record.assign_attrs(excluded=", ".join(dict.fromkeys(lost)))


def along_age(parts: Mapping[Any, xr.Dataset], ages: Sequence[int]) -> xr.Dataset:
    """Return what was measured on one subject along `epoch`; not-a-number at ages that it did not reach."""
    had = [age for age in ages if age in parts]
    label = {"long_name": DIMS["epoch"].long_name, "units": DIMS["epoch"].units}
    along = joining.joined_along(
        [parts[age] for age in had], xr.DataArray(had, dims="epoch", name="epoch", attrs=label)
    )
    return along if len(had) == len(ages) else along.reindex(epoch=list(ages))
