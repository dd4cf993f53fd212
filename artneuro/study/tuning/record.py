"""Record: the history of a search, labelled, one place along `trial` for every trial."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import xarray as xr

from artneuro import records
from artneuro.labels import Label
from artneuro.rearing.history import MEASURES
from artneuro.study.tuning.search import Trial
from artneuro.study.tuning.space import Space
from artneuro.study.tuning.trial import JUDGED

NAME = "Tuning"
"""Name of the record."""

_GROWN = ("trial", "subject", "epoch")
HISTORY: Mapping[str, Label] = {
    name: attrs.evolve(label, dims=_GROWN)
    for name, label in {**{name: MEASURES[name] for name in ("train_loss", "train_accuracy")}, **JUDGED}.items()
}
"""How the subjects of every trial grew up; not-a-number where one did not live so long."""


def tuning_record(space: Space, trials: Sequence[Trial]) -> xr.Dataset:
    """Return the history of a search.

    Besides `HISTORY` it has, along `trial`: `objective`, of the trials that were completed; `reached`, also of those
    that were cut short, where they ended; `best_objective`, the best so far; `epochs`; as coordinates the `state` and
    every value searched, under its path. Values that are no numbers are written as text.

    Parameters
    ----------
    space : Space
    trials : sequence of Trial
        In order; at least one has been reared.
    """
    tune = space.tune
    reared = [trial.grown for trial in trials if trial.grown.sizes]
    epochs = np.arange(1, max(int(grown["epoch"][-1]) for grown in reared) + 1)
    along = {name: np.full((len(trials), tune.subjects, len(epochs)), np.nan) for name in HISTORY}
    for place, trial in enumerate(trials):
        for name, grown in along.items() if trial.grown.sizes else ():
            grown[place, :, : trial.grown.sizes["epoch"]] = trial.grown[name].values
    reached = np.array([np.nan if trial.reached is None else trial.reached for trial in trials])
    objective = np.where([trial.state == "complete" for trial in trials], reached, np.nan)
    judged = JUDGED[tune.objective]
    where = "in the last epoch" if tune.at == "last" else "in the best epoch"
    meant = f"{tune.objective.replace('_', ' ')}, mean over subjects, {where}"
    labels = {
        **HISTORY,
        "objective": Label(meant, judged.units, ("trial",)),
        "reached": Label(f"{meant}, or where it was cut short", judged.units, ("trial",)),
        "best_objective": Label(f"best so far: {meant}", judged.units, ("trial",)),
        "epochs": Label("epochs lived", "epoch", ("trial",)),
    }
    values: dict[str, Any] = {
        **along,
        "objective": objective,
        "reached": reached,
        "best_objective": (np.fmax if tune.rising else np.fmin).accumulate(objective),
        "epochs": [trial.grown.sizes.get("epoch", 0) for trial in trials],
    }
    animals = reared[0]
    coords = {
        "trial": [trial.number for trial in trials],
        "subject": animals["subject"].values,
        "arm": animals["arm"].values,
        "seed": animals["seed"].values,
        "epoch": epochs,
    }
    record = records.dataset(values, labels, coords, title=NAME)
    state = {"long_name": "how the trial ended", "units": "1"}
    record = record.assign_coords(state=("trial", [trial.state for trial in trials], state))
    for path, tried in tune.over.items():
        parameter = space.parameters[path]
        scale = "log" if tried.log else "linear" if tried.choices is None else "choices"
        about = {"long_name": parameter.doc or path, "units": parameter.units, "scale": scale}
        record = record.assign_coords({path: ("trial", _values([trial.values[path] for trial in trials]), about)})
    record.attrs |= {
        "searched": json.dumps(list(tune.over)),
        "direction": "maximize" if tune.rising else "minimize",
        "excluded": "",
    }
    return records.with_provenance(record, tune=tune.plain(), keys=[trial.key for trial in trials])


def _values(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return np.array(values)
    return np.array([value if isinstance(value, str) else json.dumps(value) for value in values])
