"""The run folder: what lies where in it, what of it is sound, and what is left of runs that were killed.

::

    study.yaml  plan.json                    what was asked, with a key for every task
    provenance.json  log.jsonl  run.log      when, where and how fast it was answered
    subjects/<key>/                          subject.json, history.nc, weights-<age>.safetensors
    beginnings/<key>.safetensors             paused where twins part, or on the way there; removed in the end
    tracked/<key>/weights-<age>.safetensors  weights of an age that is not kept; removed once they are measured
    parts/<key>.nc                           what one protocol measured on one subject at one age
    records/<name>.nc                        the parts joined, one record a protocol; History.nc
    statistics/  figures/  hypotheses.json  report.html

*Result files* are all of these but `provenance.json`, `log.jsonl`, `run.log`, `report.html` and the variable
`wall_time` of `history.nc`: those are the record of the run itself. Result files have the same bytes however often a
run was killed, wherever it was taken up again and however many workers it had.

Subjects and parts lie under their content keys. Those of an older declaration stay, so that going back to it costs
nothing; `plan.json` names the ones that belong to the present one.
"""

import json
import math
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, final

import attrs
import xarray as xr

from artneuro import files, identity, records
from artneuro.environment.environment import Environment
from artneuro.errors import RecordError, RunError
from artneuro.study.contents import NAME, require_plain
from artneuro.study.lock import NAME as LOCK
from artneuro.study.lock import locked
from artneuro.study.planned import Grown
from artneuro.subject import Subject

LOG, PAGE = "log.jsonl", "run.log"
PLAN, STUDY = "plan.json", "study.yaml"
DECLARED = "declared"
"""What the log calls the line that says which hypotheses were declared, and when."""
RUN_ITSELF = frozenset({LOCK, "provenance.json", LOG, PAGE, "report.html"})
"""What in a run folder is no result."""
SEARCH = "tune.json"
"""The file by which the folder of a search is known, that of a run by its `plan.json`; see `artneuro.study.tuning`."""
LONGEST = 2**20
"""Characters of a line of the log, at most; a run writes some hundreds, and with a trace some thousands."""
PLANNED = ("declaration", "hypotheses", "environments", "subjects", "twins", "records")
"""Parts of `plan.json`, each a mapping."""


@final
@attrs.frozen
class Store:
    """One run folder.

    Parameters
    ----------
    folder : Path
        Where it lies; it need not exist yet.
    """

    folder: Path

    @contextmanager
    def claimed(self, mark: str = PLAN) -> Iterator[None]:
        """Hold the folder for the block: alone, made if need be, and cleared of half-written files.

        Parameters
        ----------
        mark : str
            The file by which a folder of this kind is known; it is written first. A run's is also known by its log
            where its plan is lost.

        Raises
        ------
        RunError
            Where another run is active in it, it cannot be written, or it holds something else than a run.
        """
        entries = {entry.name for entry in self.folder.iterdir()} if self.folder.is_dir() else set()
        foreign = sorted(name for name in entries - {LOCK} if not name.startswith(f".{mark}."))
        if foreign and mark not in entries and not (mark == PLAN and LOG in entries and self.declared()):
            raise RunError(
                f"{self.folder}: holds {foreign[0]!r} and no {mark}, so it is not a folder of artneuro's. "
                "Choose a new or empty folder with --out."
            )
        if entries:
            require_plain(self.folder)
        with locked(self.folder):
            try:
                for half in self.folder.rglob(".*.part"):  # of a run that was killed
                    if half.is_file():
                        half.unlink(missing_ok=True)
                yield
            except BrokenPipeError:  # of whoever listened to the run, not of the folder
                raise
            except OSError as error:
                place = error.filename or self.folder
                raise RunError(
                    f"{place}: {error.strerror or error}. What is done is kept; run again to go on."
                ) from error

    def subject(self, key: str) -> Path:
        """Return the folder of the subject under a key."""
        return self.folder / "subjects" / key

    def beginning(self, key: str) -> Path:
        """Return the file of the shared beginning under a key."""
        return self.folder / "beginnings" / f"{key}.safetensors"

    def tracked(self, key: str, age: int) -> Path:
        """Return the file of the weights that the subject under a key had at an age that is not kept."""
        return self.folder / "tracked" / key / f"weights-{age}.safetensors"

    def discard_interim(self) -> None:
        """Remove shared beginnings and tracked ages: a run that has reared and measured everything needs none."""
        for name in ("beginnings", "tracked"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def part(self, key: str) -> Path:
        """Return the file of the part under a key."""
        return self.folder / "parts" / f"{key}.nc"

    def record(self, name: str) -> Path:
        """Return the file of a record."""
        return self.folder / "records" / f"{name}.nc"

    def joined(self) -> list[Path]:
        """Return the files of all records that are there, of the present plan or not."""
        return sorted((self.folder / "records").glob("*.nc"))

    def declares(self, study: str) -> bool:
        """Tell whether `study.yaml` says this."""
        path = self.folder / STUDY
        try:
            return files.read_text(path) == study
        except (OSError, ValueError):
            return False

    def plan(self) -> dict[str, Any]:
        """Return the plan that was last declared here; empty where there is none.

        Raises
        ------
        RecordError
            Where the file is damaged; the text names it.
        """
        path = self.folder / PLAN
        declared: dict[str, Any] = read_json(path) if path.exists() else {}
        whole = isinstance(declared, dict) and all(isinstance(declared.get(part, {}), dict) for part in PLANNED)
        whole = whole and _dated(declared.get("hypotheses", {}))
        if not whole or not all(NAME.holds(name) for name in declared.get("records", {})):
            raise RecordError(f"{path}: not a plan as a run writes it")
        return declared

    def records(self) -> dict[str, xr.Dataset]:
        """Return the records of the present plan by name; one that could not be made is left out.

        Raises
        ------
        RecordError
            Where a file is damaged, or is the record of another plan; the text names it.
        """
        plan = self.plan()
        found = {}
        for name in plan.get("records", {}):
            path = self.record(name)
            if path.exists():
                found[name] = records.read(path, sealed=True)
                if found[name].attrs.get("key") != record_key(plan, name):
                    raise RecordError(f"{path}: not joined from what is planned here. Run again: it is joined anew.")
        return found

    def find_subject(
        self, key: str, environment: Environment, weights: Literal["now", "asked"] = "now"
    ) -> Subject | None:
        """Return the subject under a key, or None where it is not complete.

        Parameters
        ----------
        weights : "now" or "asked"
            When its weights are read and verified, as for `Subject.load`.

        Raises
        ------
        RecordError
            Where one of its files is damaged; the text names it.
        """
        return Subject.load(self.subject(key), environment, weights=weights, key=key) if self.complete(key) else None

    def complete(self, key: str) -> bool:
        """Tell whether the subject under a key was written to the end; whether it is sound, reading it tells."""
        return (self.subject(key) / identity.NAME).exists()

    def grown(self, key: str) -> Grown:
        """Return how the subject under a key has come out, as its identity says; its weights are not looked at.

        Raises
        ------
        RecordError
            Where it is not there or damaged; the text names it.
        """
        facts = identity.read(self.subject(key))
        try:
            return Grown(max(facts["ages"]), int(facts["diverged"]))
        except (KeyError, TypeError, ValueError) as error:
            raise RecordError(f"{self.subject(key) / identity.NAME}: not a whole subject ({error!r})") from error

    def label_subject(self, key: str, arm: str, source: Mapping[str, Any]) -> None:
        """Write into `subject.json` the arm and the source of stimuli as declared now; neither is part of the key."""
        facts = identity.read(self.subject(key))
        labelled = {**facts, "arm": arm, "environment": {**facts["environment"], "source": source}}
        if labelled != facts:
            identity.write(labelled, self.subject(key))

    def discard_subject(self, key: str) -> None:
        """Remove a subject; `subject.json` first, so that what is left is never taken for complete."""
        (self.subject(key) / identity.NAME).unlink(missing_ok=True)
        shutil.rmtree(self.subject(key), ignore_errors=True)

    def write_part(self, key: str, part: xr.Dataset, weights: str) -> None:
        """Write a part, with its key and the fingerprint of the weights that it was measured on."""
        records.write(part.assign_attrs(key=key, weights=weights), self.part(key))

    def find_part(self, key: str, weights: str | None) -> xr.Dataset | None:
        """Return the part under a key, or None where it is not done.

        Parameters
        ----------
        weights : str or None
            Fingerprint of the weights that it must have been measured on; None where they are no longer there.

        Raises
        ------
        RecordError
            Where the file is damaged, or was measured on other weights; the text names it.
        """
        if not self.part(key).exists():
            return None
        part = records.read(self.part(key), sealed=True)
        if weights is not None and part.attrs.get("weights") != weights:
            raise RecordError(f"{self.part(key)}: measured on other weights than those of its subject now")
        if part.attrs.get("key") != key:
            raise RecordError(f"{self.part(key)}: of another part, {part.attrs.get('key', 'which is not named')}")
        return part

    def write_json(self, name: str, facts: Any) -> None:
        """Write a JSON file of the run folder; what is not finite becomes null, since JSON has no word for it."""
        text = json.dumps(_finite(facts), indent=1, ensure_ascii=False, allow_nan=False)
        files.write_text(self.folder / name, text + "\n")

    def log(self, event: str, facts: Mapping[str, Any]) -> None:
        """Append one line to `log.jsonl`."""
        line = json.dumps({"time": now(), "event": event, **facts}, ensure_ascii=False) + "\n"
        with (self.folder / LOG).open("ab+") as log:
            if log.tell():  # a run that was killed within a line: it ends here
                log.seek(-1, os.SEEK_END)
                line = line if log.read(1) == b"\n" else f"\n{line}"
            log.write(line.encode())

    def logged(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of `log.jsonl` in order, without those that a killed run or a full disk has cut short."""
        path = self.folder / LOG
        if not path.is_file():
            return
        with path.open(encoding="utf-8", errors="replace") as log:
            while text := log.readline(LONGEST):
                with suppress(ValueError, RecursionError):
                    line = json.loads(text)
                    if isinstance(line, dict) and "event" in line:
                        yield line

    def declared(self) -> dict[str, Any]:
        """Return study and hypotheses as the log last has them; empty where no run was ever declared here."""
        require_plain(self.folder)
        last: dict[str, Any] = {}
        for line in self.logged():
            if line["event"] == DECLARED and _dated(line.get("hypotheses")):
                last = {name: line[name] for name in ("study", "hypotheses") if name in line}
        return last

    def write_index(
        self, index: str, entries: Sequence[Mapping[str, Any]], files_of: Callable[[Mapping[str, Any]], Iterable[str]]
    ) -> None:
        """Write the index of a folder of results, and remove files that only its former index names.

        Files that no index names are a user's own, and stay.
        """
        path = self.folder / index
        former: set[str] = set()
        if path.exists():
            with suppress(RecordError, TypeError, KeyError, AttributeError):  # damaged: what it named stays
                former = {str(name) for entry in read_json(path) for name in files_of(entry)}
        for name in former.difference(*map(files_of, entries)):
            there = path.parent / Path(name).name  # never in another folder, whatever the index says
            if os.path.isfile(there):
                there.unlink()
        self.write_json(index, list(entries))


def record_key(plan: Mapping[str, Any], name: str) -> str:
    """Return the key of a record under a plan: what identifies all subjects and parts that it is joined from."""
    return records.content_key(name, plan["records"][name], plan.get("subjects"))


def _dated(hypotheses: Any) -> bool:
    """Tell whether these are hypotheses of which each says when it was declared."""
    return isinstance(hypotheses, dict) and all(
        isinstance(one, dict) and one.get("declared") in ("before", "after") for one in hypotheses.values()
    )


def now() -> str:
    """Return the time, in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_json(path: Path) -> Any:
    """Read a JSON file of a run folder.

    Raises
    ------
    RecordError
        Where it is missing or damaged; the text names it.
    """
    try:
        return json.loads(files.read_text(path))
    except (OSError, ValueError, RecursionError) as error:
        raise RecordError(f"{path}: not a readable file of a run ({error})") from error
