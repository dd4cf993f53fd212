"""Reading: the account of a run from its folder."""

import csv
import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import attrs
import xarray as xr

from artneuro import files
from artneuro.errors import RecordError, RunError
from artneuro.fields import Spec, plain
from artneuro.statistics.verdict import Verdict
from artneuro.study.account import Account, Answer, Group, Picture, Table
from artneuro.study.ages import in_words as ages_in_words
from artneuro.study.contents import require_plain
from artneuro.study.declared import declared_study
from artneuro.study.in_words import in_words
from artneuro.study.references import HISTORY
from artneuro.study.store import Store, read_json
from artneuro.study.study import Entry, Study

MOST_ROWS = 200
"""Rows of a table that the report shows; the file beside it has them all."""

SHARED = ("anatomy", "environment", "rearing")
"""What all arms share, unless an arm has its own."""

Sizes = Sequence[tuple[Mapping[str, Any], str]]
"""An environment as the plan declares it, and the size of its sets in words."""

T = TypeVar("T")


def read_account(folder: Path | str) -> Account:
    """Read what a run asked, found and left out.

    Raises
    ------
    RunError
        Where it is not a run folder.
    RecordError
        Where a file is damaged; the text names it and says how to make it again.
    """
    folder = Path(folder)
    if not (folder / "plan.json").is_file() or not (folder / "study.yaml").is_file():
        raise RunError(f"{folder}: not a run folder: it has no plan.json and study.yaml")
    require_plain(folder)
    store = Store(folder)
    study = declared_study(store)
    records = store.records()
    provenance = read_json(folder / "provenance.json") if (folder / "provenance.json").exists() else {}
    sessions = _formed(folder / "provenance.json", lambda: tuple(dict(one) for one in provenance.get("sessions", ())))
    sizes = _formed(folder / "provenance.json", lambda: _sizes(store.plan(), provenance.get("stimuli", {})))
    return Account(
        study=study.study,
        question=study.question,
        source=study.source,
        verdicts=_entries(folder / "hypotheses.json", _verdict),
        late=[label for label in _entries(folder / "hypotheses.json", _late) if label],
        groups=_formed(store.record(HISTORY), lambda: _groups(study, records.get(HISTORY), sizes)),
        cohort=_cohort(study, sizes),
        protocols=[(entry.name, _measured(entry)) for entry in study.protocols],
        pictures=_entries(folder / "figures" / "figures.json", _picture),
        answers=_entries(folder / "statistics" / "results.json", _answer),
        losses=_formed(
            store.record(HISTORY),
            lambda: _losses(_formed(folder / "plan.json", lambda: list(store.plan()["subjects"])), records),
        ),
        sessions=sessions,
        environments=_formed(folder / "provenance.json", lambda: tuple(provenance.get("environments", ()))),
        declaration=(folder / "study.yaml").read_text(encoding="utf-8"),
        remarks=_remarks(folder, study, records, sessions),
    )


def read_comparison(folder: Path, studies: Mapping[str, Study], records: Mapping[str, xr.Dataset]) -> Account:
    """Read what runs say together; there is nothing to run again, and no verdict on what was declared for one alone.

    Parameters
    ----------
    folder : Path
        Folder of the comparison.
    studies : mapping of run to Study
    records : mapping of name to Dataset
        As `artneuro.statistics.compare` joined them.
    """
    subjects = {
        (str(arm), int(seed)): str(run)
        for record in records.values()
        for arm, seed, run in zip(record["arm"].values, record["seed"].values, record["run"].values, strict=True)
    }
    arms = dict.fromkeys(arm for arm, _ in subjects)
    groups = []
    for label in arms:
        seeds = sorted(seed for arm, seed in subjects if arm == label)
        run = next(run for (arm, _), run in subjects.items() if arm == label)
        treated = studies[run].arms.get(label.partition("/")[2])
        groups.append(
            Group(
                label=label,
                seeds=f"{seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else str(seeds[0]),
                asked=len(seeds),
                sound=len(seeds),
                interventions=in_words(treated.interventions) if treated else "see the run",
            )
        )
    cautions = (caution for record in records.values() for caution in record.attrs["cautions"].splitlines())
    return Account(
        study=f"comparison of {', '.join(studies)}",
        question=" ".join(dict.fromkeys(study.question for study in studies.values())),
        groups=groups,
        pictures=_entries(folder / "figures" / "figures.json", _picture),
        answers=_entries(folder / "statistics" / "results.json", _answer),
        losses=[(name, str(record.attrs["excluded"])) for name, record in records.items() if record.attrs["excluded"]],
        remarks=tuple(dict.fromkeys(cautions)),
    )


def _entries(index: Path, make: Callable[[Path, Mapping[str, Any]], T]) -> tuple[T, ...]:
    """Return one thing an entry of an index; none where the run has not come so far."""
    if not index.exists():
        return ()
    entries = read_json(index)
    return _formed(index, lambda: tuple(make(index.parent, entry) for entry in entries))


def _formed(path: Path, make: Callable[[], T]) -> T:
    try:
        return make()
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        advice = "Make it again with `artneuro analyse` or `artneuro run`."
        raise RecordError(f"{path}: not as a run writes it ({type(error).__name__}: {error}). {advice}") from error


def _verdict(folder: Path, entry: Mapping[str, Any]) -> Verdict:
    values = {field.name: entry[field.name] for field in attrs.fields(Verdict)}
    numbers = {name: math.nan for name in ("effect", "low", "high", "p", "power") if values[name] is None}
    return Verdict(**{**values, **numbers, "notes": tuple(values["notes"])})


def _late(folder: Path, entry: Mapping[str, Any]) -> str:
    return "" if entry["declared"] == "before" else entry["label"]


def _answer(folder: Path, entry: Mapping[str, Any]) -> Answer:
    return Answer(
        name=entry["name"],
        of=entry["of"],
        sentences=tuple(entry["sentences"]),
        notes=tuple(entry["notes"]),
        tables=tuple(_table(folder, name, file) for name, file in entry["tables"].items()),
        refused=entry["refused"] or "",
    )


def _table(folder: Path, name: str, file: str) -> Table:
    with (folder / Path(file).name).open(encoding="utf-8", newline="") as opened:
        rows = csv.reader(opened)
        columns = tuple(next(rows, []))
        shown = tuple(map(tuple, islice(rows, MOST_ROWS)))
        return Table(name, Path(file).name, columns, shown, len(shown) + sum(1 for _ in rows))


def _picture(folder: Path, entry: Mapping[str, Any]) -> Picture:
    svg = files.read_text(folder / Path(entry["svg"]).name).encode() if entry["svg"] else b""
    return Picture(entry["name"], entry["title"], entry["caption"], svg, entry["refused"] or "")


def _groups(study: Study, history: xr.Dataset | None, sizes: Sizes) -> list[Group]:
    cohort = study.cohort
    seeds = f"{cohort.first_seed} to {cohort.first_seed + cohort.n - 1}" if cohort.n > 1 else f"{cohort.first_seed}"
    grown = [] if history is None else history["arm"].values[history["diverged"].values < 0].tolist()
    return [
        Group(
            label=label,
            seeds=seeds,
            asked=cohort.n,
            sound=grown.count(label),
            interventions=in_words(arm.interventions),
            changes=tuple(
                (name, in_words(own, apart_from=getattr(cohort, name)) + _size(own, sizes))
                for name in SHARED
                if (own := getattr(arm, name)) not in (None, getattr(cohort, name))
            ),
        )
        for label, arm in study.arms.items()
    ]


def _cohort(study: Study, sizes: Sizes) -> list[tuple[str, str]]:
    shared = {name: getattr(study.cohort, name) for name in SHARED}
    return [(name, in_words(value) + _size(value, sizes)) for name, value in shared.items()]


def _sizes(plan: Mapping[str, Any], stimuli: Mapping[str, Mapping[str, Any]]) -> Sizes:
    """Return what there is to see in each environment of a run, as far as its provenance says so."""
    return [
        (source, f": {seen['train']} training and {seen['test']} test stimuli of {seen['classes']} classes")
        for fingerprint, source in plan.get("environments", {}).items()
        if (seen := stimuli.get(fingerprint))
    ]


def _size(declared: Spec, sizes: Sizes) -> str:
    return next((words for source, words in sizes if source == plain(declared)), "")


def _measured(entry: Entry) -> str:
    arms = f"; arms: {', '.join(entry.arms)}" if entry.arms else ""
    ages = f"; at ages: {ages_in_words(entry.ages)}" if entry.ages else ""
    return f"{in_words(entry.protocol)}{arms}{ages}"


def _losses(subjects: Sequence[str], records: Mapping[str, xr.Dataset]) -> list[tuple[str, str]]:
    """Return who is not in which record; the history names those who diverged, or are not reared at all."""
    history = records.get(HISTORY)
    grown: dict[str, int] = {}
    if history is not None:
        grown = dict(zip(history["subject"].values.tolist(), history["diverged"].values.tolist(), strict=True))
    lost = [f"{subject} (not reared)" for subject in subjects if subject not in grown]
    lost += [f"{subject} (epoch {epoch})" for subject, epoch in grown.items() if epoch >= 0]
    told = {name: str(record.attrs.get("excluded", "")) for name, record in records.items()} | {
        HISTORY: ", ".join(lost)
    }
    return [(name, re.sub(r"\(epoch", "(diverged at epoch", who)) for name, who in told.items() if who]


def _remarks(
    folder: Path, study: Study, records: Mapping[str, xr.Dataset], sessions: Sequence[Mapping[str, Any]]
) -> list[str]:
    remarks = []
    outcome = sessions[-1].get("outcome") if sessions else None
    if outcome != "done":
        state = {"failed": "some of its tasks failed", "interrupted": "it was interrupted"}.get(
            outcome or "", "it has not ended"
        )
        remarks.append(f"The run is not complete: {state}. `artneuro run` takes it up where it stands.")
    missing = [entry.name for entry in study.protocols if entry.name not in records]
    if missing:
        remarks.append(f"There is no record yet of {', '.join(missing)}.")
    if not (folder / "statistics" / "results.json").exists():
        remarks.append(f"The records are not analysed yet: `artneuro analyse {folder.name}` does that.")
    return remarks
