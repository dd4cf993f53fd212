"""Run a study: rear what is missing, measure what is missing, join the records, and answer the question."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs

from artneuro import files
from artneuro.environment.data_root import data_root_at
from artneuro.errors import RunError, Terminated
from artneuro.study import document, provenance
from artneuro.study.analysis import conclude
from artneuro.study.answers import withdraw
from artneuro.study.crew import Crew
from artneuro.study.events import Analysing, Expected, Listener, Planned, Remark
from artneuro.study.fitting import in_pieces, require_disk, require_memory, tight
from artneuro.study.forecast import forecast
from artneuro.study.holder import Holder
from artneuro.study.in_words import in_words
from artneuro.study.joining import join
from artneuro.study.journal import Journal
from artneuro.study.litters import cut
from artneuro.study.lock import refuse_held
from artneuro.study.memory import largest_litters
from artneuro.study.mending import mend
from artneuro.study.pace import Pace
from artneuro.study.plan import Plan, plan_study
from artneuro.study.references import HISTORY
from artneuro.study.report import write_report
from artneuro.study.store import DECLARED, PLAN, STUDY, Store
from artneuro.study.study import Study
from artneuro.study.tasks import Bench
from artneuro.study.work import Survey, Work, counts, survey

MOST_SHOWN = 10
"""Failed tasks that the error names; the log has them all."""


def run_study(
    study: Study,
    out: Path | str,
    data_root: Path | str | None = None,
    workers: int | Crew = 1,
    device: str = "cpu",
    listen: Listener | None = None,
    command: str = "",
    *,
    threads: int = 1,
    file: Path | str | None = None,
    foresee: bool = False,
) -> Path:
    """Run a study into a folder, or take up a run of it that was interrupted.

    What an earlier run of the folder has done, under the same keys, is verified and kept; damaged files are named and
    their tasks done again.

    Parameters
    ----------
    study : Study
        The declaration.
    out : path
        The run folder.
    data_root : path, optional
        Folder of the data sets.
    workers : int or Crew
        How many worker processes; with 1, everything is done in this process. Or a `Crew`, which also says whether they
        are those of a Dask cluster. Who works never changes a result.
    device : str
        Torch device.
    listen : callable, optional
        Called with every event, as it happens.
    command : str
        The command line, for the provenance.
    threads : int
        Threads that a measurement computes with. It decides the last bits of results and is part of their keys; the
        threads of rearing are declared in the study.
    file : path, optional
        The study file, for the provenance: the commit of its repository.
    foresee : bool
        Whether to tell first what the run will take, from a calibration of some seconds.

    Returns
    -------
    Path
        The run folder.

    Raises
    ------
    RunError
        Where the folder is in use, cannot be written or holds another study; or at the end, where tasks failed: it
        names them, and all others are done. Where the disk has no room for the weights, or a worker no memory for one
        subject.
        Where a cluster cannot be reached, or is lost.
    SpecificationError, DataError
        Where the study cannot be planned; nothing has been written then.
    """
    root = None if data_root is None else Path(data_root)
    crew = workers if isinstance(workers, Crew) else Crew(workers)
    store = Store(Path(out))
    refuse_held(store.folder)  # `claimed` asks again; a plan takes its time
    plan = plan_study(study, root, device, threads)
    journal = Journal(store, listen or (lambda event: None))
    tell = journal.hear
    with data_root_at(root), store.claimed():
        before = mend(store, tell)
        _require_same_study(store, study, before)
        bench = Bench(store, root, device, threads, dict(plan.environments))
        found = survey(plan, bench, tell)
        require_disk(store.folder, plan, found.to_rear)
        _declare(store, plan, found, before)
        _begin(journal, found, crew)
        provenance.begin(store, plan, crew.kind, crew.counted, command, None if file is None else Path(file))
        outcome, why = "interrupted", ""
        try:
            failures = _do(plan, bench, found, tell, crew, foresee)
            tell(Analysing(len(study.analyses), len(study.hypotheses), len(study.figures)))
            failures = join(plan, bench, tell) | failures
            conclude(store, tell, store.plan())
            outcome = "failed" if failures else "done"
        except BaseException as reason:
            why = _why(reason)
            raise
        finally:
            store.log(f"run {outcome}", {"superseded": _superseded(store, plan)} | ({"error": why} if why else {}))
            journal.note(f"run {outcome}{': ' if why else ''}{why}")
            provenance.end(store, plan, outcome)
        write_report(store.folder)
    if failures:
        raise RunError(_listing(failures, store.folder))
    return store.folder


def _require_same_study(store: Store, study: Study, before: Mapping[str, Any]) -> None:
    if before.get("study", study.study) != study.study:
        raise RunError(f"{store.folder}: holds a run of the study {before['study']!r}. Choose another folder: --out.")


def _declare(store: Store, plan: Plan, found: Survey, before: Mapping[str, Any]) -> None:
    """Write what is asked, before it is answered.

    A hypothesis that first appears when part of the data is there already is marked as declared after.
    """
    declared = plan.plain()
    for label, hypothesis in declared["hypotheses"].items():
        known = before.get("hypotheses", {}).get(label, {})
        same = known.get("key") == hypothesis["key"]
        hypothesis["declared"] = "before" if not found.done else known["declared"] if same else "after"
    text = document.dump(plan.study.plain())
    _withdraw(store, found, before, declared, text)
    store.write_json(PLAN, declared)
    store.log(DECLARED, {"study": plan.study.study, "hypotheses": declared["hypotheses"]})
    files.write_text(store.folder / STUDY, text)


def _withdraw(store: Store, found: Survey, before: Mapping[str, Any], declared: Mapping[str, Any], study: str) -> None:
    """Remove what was joined and answered under another declaration; beside this one, nobody must read it.

    Where it is not known what a record was joined from, it goes as well. The parts that records were joined from stay,
    so that going back costs nothing. Answers also go where something is left to do, with which records will change.
    """
    former, present = before.get("records", {}), declared["records"]
    stale = [path for path in store.joined() if path.stem not in present or former.get(path.stem) != present[path.stem]]
    if before.get("subjects") != declared["subjects"]:
        stale.append(store.record(HISTORY))
    for path in stale:
        path.unlink(missing_ok=True)
    if stale or found.left or not store.declares(study):
        withdraw(store)


def _begin(journal: Journal, found: Survey, crew: Crew) -> None:
    """Note who begins, and how much there is to do."""
    holder = Holder.here()
    facts = {"workers": crew.workers, "executor": crew.kind, "kinds": found.kinds()}
    journal.store.log("run begun", {**attrs.asdict(holder), **facts})
    who = f"workers of {crew.scheduler}" if crew.scheduler else f"workers: {crew.workers}"
    journal.note(f"run begun by process {holder.process} on {holder.host}; {crew.kind}, {who}")


def _foresee(plan: Plan, found: Survey, workers: int, crew: Crew, store: Store, listen: Listener) -> None:
    """Tell what is still to be done will take; that is a service, and a fault in it is not one of the run."""
    try:
        outlook = forecast(plan, workers, found, cores=workers if crew.scheduler else None)
    except Exception as failure:
        listen(Remark(f"What this run will take could not be foreseen ({type(failure).__name__}: {failure})."))
        return
    listen(Expected(outlook.seconds, workers, outlook.memory, outlook.disk))
    for sentence in tight(outlook.memory, outlook.disk, plan.computing.device, store.folder):
        listen(Remark(sentence))


def _do(plan: Plan, bench: Bench, found: Survey, listen: Listener, crew: Crew, foresee: bool) -> dict[str, str]:
    """Do what is left; return what failed, by task, with the reason."""
    with closing((crew if found.left else Crew()).gather(bench, listen)) as executor:
        if foresee and found.left:
            _foresee(plan, found, executor.places, crew, bench.store, listen)
        require_memory(plan, found.to_rear, executor.places, executor.memory)
        largest = largest_litters(plan, executor.places, executor.memory)
        growths = cut(found.to_rear, plan.beginnings, executor.places, largest)
        if told := in_pieces(plan, found.to_rear, executor.places, largest):
            listen(Remark(told))
        litters = sum(1 for growth in growths for _ in growth.walk())
        listen(Planned(litters + len(found.to_measure) + found.to_come.total(), found.done))
        work = Work(plan, bench, listen, Pace(counts(growths, found)))
        work.do(growths, found.to_measure, executor)
    if not work.failures:
        bench.store.discard_interim()
    return work.failures


def _why(reason: BaseException) -> str:
    """Say why a run ends before its time."""
    if isinstance(reason, Terminated):
        return "ended by SIGTERM, which batch systems send before they kill"
    if isinstance(reason, KeyboardInterrupt):
        return "stopped from the keyboard"
    if isinstance(reason, SystemExit):  # 1, say, which the terminal's library leaves with where nobody reads its output
        return f"the program was left with status {reason.code}"
    return in_words(reason) or type(reason).__name__


def _superseded(store: Store, plan: Plan) -> dict[str, int]:
    """Return how many subjects and parts in the run folder belong to older declarations alone."""
    present = {"subjects": set(plan.animals), "parts": {part.key for part in plan.parts}}
    lying = {kind: {path.stem for path in (store.folder / kind).glob("*")} for kind in present}
    return {kind: len(lying[kind] - present[kind]) for kind in present}


def _listing(failures: Mapping[str, str], folder: Path) -> str:
    shown = [f"  {task}: {reason}" for task, reason in list(failures.items())[:MOST_SHOWN]]
    more = [f"  and {len(failures) - MOST_SHOWN} more"] if len(failures) > MOST_SHOWN else []
    count = "1 task" if len(failures) == 1 else f"{len(failures)} tasks"
    head = f"{folder}: {count} failed; all others are done, and the results are without these:"
    foot = f"Details are in {folder / 'log.jsonl'}. Run again to try them again."
    return "\n".join([head, *shown, *more, foot])
