"""Tune a study: rear trials, learn from them, and say which values were best.

::

    tune.json  study.yaml           what was asked
    provenance.json  log.jsonl      when, where and how fast it was answered
    trials/<key>.nc                 how the subjects of one trial grew up
    trials.json                     the journal: every trial in order, its values, state and objective
    records/Tuning.nc               the history of the search, labelled
    figures/tuning.svg, .png        the objective by trial and by every value searched
    best.yaml                       the best values, as a profile for the study file
"""

from pathlib import Path
from typing import Any

import attrs

from artneuro import files, records
from artneuro.errors import RunError
from artneuro.figures import Tuning, save
from artneuro.study import document, provenance
from artneuro.study.crew import Crew
from artneuro.study.declaration import Declaration
from artneuro.study.events import Listener, Remark
from artneuro.study.overrides import keys_of
from artneuro.study.store import SEARCH, Store, read_json
from artneuro.study.tasks import Bench
from artneuro.study.tuning.record import NAME, tuning_record
from artneuro.study.tuning.sampler import library
from artneuro.study.tuning.search import Search, Trial, best
from artneuro.study.tuning.space import Space, Values, planned, search_space
from artneuro.study.upbringing import Computing

PROFILE = "tuned"
"""Name of the profile in `best.yaml`."""


def tune_study(
    declaration: Declaration,
    out: Path | str,
    data_root: Path | str | None = None,
    workers: int | Crew = 1,
    device: str = "cpu",
    listen: Listener | None = None,
    command: str = "",
    *,
    file: Path | str | None = None,
) -> Path:
    """Search the hyper-parameters that a study file declares, or go on with a search that was interrupted.

    Trials that the folder has already are kept; a larger `budget` goes on from them. The test stimuli of the study are
    never looked at.

    Parameters
    ----------
    declaration : Declaration
        The study file, from `artneuro.study.declaration.declared`.
    out : path
        Folder of the search.
    data_root : path, optional
        Folder of the data sets.
    workers : int or Crew
        Worker processes, or a `Crew` of them, as `run_study` takes it; at most `at_once` of them have work. They never
        change a result.
    device : str
        Torch device.
    listen : callable, optional
        Called with every event, as it happens.
    command : str
        The command line, for the provenance.
    file : path, optional
        The study file, for the provenance.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SpecificationError
        Where what is searched does not fit the study; nothing has been written then.
    RunError
        Where the folder is in use or holds something else, a trial failed, or none was completed.
    """
    tell: Listener = listen or (lambda event: None)
    root = None if data_root is None else Path(data_root)
    library()
    space = search_space(declaration)
    plan = planned(space, root, device)
    (environment,) = plan.environments.values()
    asked = workers if isinstance(workers, Crew) else Crew(workers)
    crew = attrs.evolve(asked, workers=min(asked.workers, space.tune.at_once))
    store = Store(Path(out))
    with store.claimed(SEARCH):
        _require_same_study(store, space)
        store.write_json(SEARCH, _asked(space, plan.computing, environment.fingerprint))
        files.write_text(store.folder / "study.yaml", document.dump(declaration.study.plain()))
        whole = attrs.evolve(plan, study=declaration.study)
        provenance.begin(store, whole, crew.kind, crew.counted, command, None if file is None else Path(file))
        if crew.workers < asked.workers:
            have = f"{crew.workers} of {asked.workers} workers have work"
            tell(Remark(f"{have}: `tune.at_once` is {space.tune.at_once}."))
        bench = Bench(store, root, device, plan.computing.threads, dict(plan.environments))
        executor = crew.gather(bench, tell)
        search = Search(space, plan.computing, environment, bench, tell)
        outcome = "interrupted"
        try:
            search.do(executor)
            outcome = "done"
        finally:
            executor.close()
            provenance.end(store, whole, outcome)
        _conclude(store, space, [search.done[number] for number in range(space.tune.budget)])
    return store.folder


def overrides(values: Values) -> list[str]:
    """Return values as arguments of `--set`.

    Examples
    --------
    >>> overrides({"cohort.rearing.batch": 32, "cohort.rearing.schedule": {"step": {"every": 4}}})
    ['cohort.rearing.batch=32', 'cohort.rearing.schedule={step: {every: 4}}']
    """
    return [f"{path}={document.flow(value)}" for path, value in values.items()]


def profile(values: Values) -> dict[str, Any]:
    """Return values as a profile of a study file has them.

    Examples
    --------
    >>> profile({"cohort.rearing.epochs": 5, "cohort.rearing.optimizer.sgd.lr": 0.1})
    {'cohort': {'rearing': {'epochs': 5, 'optimizer': {'sgd': {'lr': 0.1}}}}}
    """
    nested: dict[str, Any] = {}
    for path, value in values.items():
        *outer, last = keys_of(path)
        inner = nested
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return nested


def _require_same_study(store: Store, space: Space) -> None:
    asked = read_json(store.folder / SEARCH) if (store.folder / SEARCH).exists() else {}
    name = space.declaration.study.study
    if asked.get("study", name) != name:
        raise RunError(f"{store.folder}: holds a search of the study {asked['study']!r}. Choose another folder: --out.")


def _asked(space: Space, computing: Computing, environment: str) -> dict[str, Any]:
    return {
        "study": space.declaration.study.study,
        "arm": space.arm,
        "tune": space.tune.plain(),
        "environment": environment,
        "computing": computing.rearing(),
        "optuna": library().__version__,
    }


def _conclude(store: Store, space: Space, trials: list[Trial]) -> None:
    """Write record, figure and best values."""
    if not any(trial.grown.sizes for trial in trials):
        raise RunError(f"{store.folder}: no trial could be reared; the first says: {trials[0].reason}")
    record = tuning_record(space, trials)
    records.write(record, store.record(NAME))
    found = best(dict(enumerate(trials)), space.tune.rising)
    if found is None:
        (store.folder / "best.yaml").unlink(missing_ok=True)
        raise RunError(f"{store.folder}: no trial was completed. Narrow the ranges: subjects diverge in them.")
    figure = Tuning()
    caption = figure.caption({NAME: record})
    save(figure.draw({NAME: record}), store.folder / "figures", "tuning", title=NAME, caption=caption)
    files.write_text(store.folder / "best.yaml", document.dump({"profiles": {PROFILE: profile(found.values)}}))
