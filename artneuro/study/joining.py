"""Parts of subjects -> records: one labelled dataset a protocol, and the histories of all subjects as `History`."""

from collections.abc import Mapping, Sequence
from typing import Any

import xarray as xr

from artneuro import joining, records
from artneuro.errors import DesignError, RecordError
from artneuro.protocols.tracking import along_age
from artneuro.rearing.events import without
from artneuro.study.events import Listener, Remark
from artneuro.study.plan import Plan
from artneuro.study.planned import PlannedPart, PlannedSubject
from artneuro.study.references import HISTORY
from artneuro.study.store import record_key
from artneuro.study.study import Entry
from artneuro.study.tasks import Bench
from artneuro.subject import Subject, identities


def join(plan: Plan, bench: Bench, listen: Listener) -> dict[str, str]:
    """Write every record of the plan from what lies in the run folder; one without any subject is removed.

    A record names in its attribute ``excluded`` the subjects that it lacks, with the reason. A record that an earlier
    run left and that is damaged is named.

    Returns
    -------
    dict of str to str
        Records that cannot be made, with the reason; all others are. And subjects and parts that are damaged, and were
        not made again: records are without them.
    """
    for name in (*(entry.name for entry in plan.study.protocols), HISTORY):
        if bench.store.record(name).exists():
            try:
                records.read(bench.store.record(name), sealed=True)
            except RecordError as damage:
                listen(Remark(f"{damage}. This run joins it again."))
    # the run has verified all weights by now, and to join what was measured on them they need not be in memory
    failures: dict[str, str] = {}
    declared = plan.plain()
    found = {planned.id: _sound(planned, bench, failures) for planned in plan.subjects}
    subjects = {name: subject for name, subject in found.items() if subject is not None}
    for entry in plan.study.protocols:
        parts = [part for part in plan.parts if part.record == entry.name]
        try:
            record = _record(entry, parts, bench, subjects, failures)
        except DesignError as error:
            record, failures[f"record {entry.name}"] = None, str(error)
        if record is None:
            bench.store.record(entry.name).unlink(missing_ok=True)
        else:
            _write(record, entry.name, declared, bench)
    if subjects:
        _write(history(list(subjects.values())), HISTORY, declared, bench)
    return failures


def _write(record: xr.Dataset, name: str, declared: Mapping[str, Any], bench: Bench) -> None:
    records.write(record.assign_attrs(key=record_key(declared, name)), bench.store.record(name))


def _sound(planned: PlannedSubject, bench: Bench, failures: dict[str, str]) -> Subject | None:
    """Return a subject that is there and sound; one that is damaged is a failure, and not there."""
    try:
        return bench.subject(planned, "asked")
    except RecordError as damage:
        failures[f"subject {planned.id}"] = str(damage)
        return None


def _record(
    entry: Entry,
    parts: Sequence[PlannedPart],
    bench: Bench,
    known: Mapping[str, Subject],
    failures: dict[str, str],
) -> xr.Dataset | None:
    measured: dict[str, dict[int | None, xr.Dataset]] = {}
    subjects: dict[str, Subject] = {}
    excluded: list[str] = []
    asked: tuple[PlannedSubject, ...] = ()
    animals: list[Subject | None] = []
    for part in parts:
        name = part.subject.id
        if part.animals != asked:  # those of successive ages are the same, and read once
            asked, animals = part.animals, [known.get(one.id) or _sound(one, bench, failures) for one in part.animals]
        reared = [animal for animal in animals if animal is not None]
        found = _found(part, reared, bench, failures) if len(reared) == len(animals) else None
        if found is not None:
            measured.setdefault(name, {})[part.age] = found
            subjects[name] = _itself(part, reared, bench)
        elif (reason := f"{name} ({_reason(part, animals)})") not in excluded:
            excluded.append(reason)
    if not measured:
        return None
    ages = sorted({age for along in measured.values() for age in along if age is not None})
    whole = [along_age(along, ages) if ages else along[None] for along in measured.values()]
    record = entry.protocol.collect(whole, [subjects[name] for name in measured])
    return record.assign_attrs(excluded=", ".join(excluded))


def _itself(part: PlannedPart, reared: Sequence[Subject], bench: Bench) -> Subject:
    """Return the subject that a part is of: the one measured, or the newborn whose twins were compared."""
    if not part.twins:
        return reared[0]
    planned = part.subject
    return planned.upbringing.naive(planned.seed, planned.arm, bench.environment(planned.upbringing))


def _found(part: PlannedPart, reared: Sequence[Subject], bench: Bench, failures: dict[str, str]) -> xr.Dataset | None:
    try:
        return bench.part(part, reared) if part.measurable(reared) else None
    except RecordError as damage:
        failures[f"{part.record} of {part.subject.id}"] = str(damage)
        return None


def _reason(part: PlannedPart, animals: Sequence[Subject | None]) -> str:
    lacking = [planned for planned, animal in zip(part.animals, animals, strict=True) if animal is None]
    if lacking:
        return "not reared" if not part.twins else f"not reared: {'; '.join(planned.treatment for planned in lacking)}"
    subject = animals[0]
    assert subject is not None
    if subject.diverged >= 0 and not part.twins:
        return f"epoch {subject.diverged}"
    if part.age is not None and part.age > subject.age:
        return f"not at {part.age}: its rearing ended at {subject.age}"
    return "not measured"


def history(subjects: Sequence[Subject]) -> xr.Dataset:
    """Return the histories of subjects as one record (subject, epoch), not-a-number where one has no such epoch.

    Wall time stays out of it: it is never the same twice, and lies in the history of each subject. So do the logs of
    turnover and of swaps and the ages of units, which not all subjects have.
    """
    kept = [without(subject.history).drop_vars("wall_time", errors="ignore") for subject in subjects]
    joined = joining.of_subjects(kept, identities(subjects), title=HISTORY)
    return records.with_provenance(
        joined,
        environments=sorted({subject.environment.fingerprint for subject in subjects}),
        weights={subject.id: subject.fingerprint for subject in subjects},
    )
