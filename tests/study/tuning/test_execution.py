"""A whole search: what it writes, that it can be killed, that workers change nothing, that the test set is not seen."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from artneuro import provenance, read
from artneuro.environment import Digits
from artneuro.errors import RunError, SpecificationError
from artneuro.labels import check_schema
from artneuro.study import document
from artneuro.study.crew import Crew
from artneuro.study.declaration import declared
from artneuro.study.events import Dropped, Finished, Planned, Remark
from artneuro.study.store import RUN_ITSELF
from artneuro.study.tuning.execution import overrides, profile, tune_study

RATE = "cohort.rearing.optimizer.sgd.lr"
OVER = {
    RATE: {"low": 1e-3, "high": 1.0, "log": True},
    "cohort.rearing.batch": {"low": 8, "high": 60},
    "cohort.rearing.schedule": ["constant", {"step": {"every": 2}}],
}


def results(folder):
    """The bytes of every result file."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.name not in RUN_ITSELF}


def journal(folder):
    return json.loads((folder / "trials.json").read_text())


def test_a_search_leaves_journal_record_figure_and_best_values(declare, tmp_path):
    declaration = declare(over=OVER, subjects=2, pruning="median", budget=10, startup=4)
    folder = tune_study(declaration, tmp_path / "run")
    trials = journal(folder)
    assert [trial["trial"] for trial in trials] == list(range(10))
    assert {trial["state"] for trial in trials[:4]} == {"complete"}
    assert "pruned" in {trial["state"] for trial in trials}
    assert all(trial["epochs"] == 3 for trial in trials if trial["state"] == "complete")
    assert all(trial["epochs"] < 3 for trial in trials if trial["state"] == "pruned")
    assert sorted(path.stem for path in (folder / "trials").glob("*.nc")) == sorted(trial["key"] for trial in trials)
    record = read(folder / "records" / "Tuning.nc")
    check_schema(record)
    assert dict(record.sizes) == {"trial": 10, "subject": 2, "epoch": 3}
    reached = np.array([trial["reached"] for trial in trials])
    np.testing.assert_array_equal(record["reached"], reached)
    complete = record["state"].values == "complete"
    np.testing.assert_array_equal(record["objective"].values[complete], reached[complete])
    assert np.isnan(record["objective"].values[~complete]).all()
    lowest = [np.nanmin(record["objective"].values[: place + 1]) for place in range(10)]
    np.testing.assert_array_equal(record["best_objective"], lowest)
    last = record["validation_loss"].isel(epoch=-1).mean("subject")
    np.testing.assert_allclose(record["objective"].values[complete], last.values[complete], rtol=1e-15)  # of one sum
    assert np.isnan(record["validation_loss"].values[~complete][:, :, -1]).all()
    np.testing.assert_array_equal(record[RATE], [trial["values"][RATE] for trial in trials])
    assert record[RATE].attrs == {"long_name": "learning rate", "units": "1", "scale": "log"}
    assert record["cohort.rearing.batch"].dtype.kind == "i"
    assert set(record["cohort.rearing.schedule"].values.tolist()) == {"constant", '{"step": {"every": 2}}'}
    assert provenance(record)["tune"]["budget"] == 10
    assert (folder / "figures" / "tuning.svg").is_file()
    best = trials[int(np.nanargmin(record["objective"]))]
    assert document.read(folder / "best.yaml").bare() == {"profiles": {"tuned": profile(best["values"])}}


def test_the_best_values_are_the_same_as_profile_and_as_options(declare, tmp_path):
    declaration = declare(over=OVER, budget=3, startup=3)
    folder = tune_study(declaration, tmp_path / "run")
    best = min(journal(folder), key=lambda trial: trial["reached"])["values"]
    path = tmp_path / "tuned.yaml"
    as_options = declared(path, overrides=overrides(best)).study
    path.write_text(path.read_text() + (folder / "best.yaml").read_text())
    assert declared(path, "tuned").study == as_options
    assert as_options.cohort.rearing.optimizer.lr == best[RATE]
    assert as_options == declaration.over(best)


def test_who_works_on_a_search_is_chosen_as_for_a_run(declare, tmp_path):
    """Two workers, of whom one has work: a search with a crew gives the journal of one without."""
    declaration = declare(over=OVER, budget=2, startup=2, at_once=1)
    heard = []
    crews = {"crew": Crew(2, "processes"), "alone": 1}
    journals = [
        journal(tune_study(declaration, tmp_path / name, None, crew, listen=heard.append))
        for name, crew in crews.items()
    ]
    assert journals[0] == journals[1]
    assert heard[0] == Remark("1 of 2 workers have work: `tune.at_once` is 1.")


class Killed(BaseException):
    """Ends a search at once, as a signal does: no code of artneuro's catches it."""


@pytest.mark.parametrize("at_once", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_killed_while_files_appear_it_ends_with_the_same_results(declare, tmp_path, monkeypatch, at_once):
    declaration = declare(over=OVER, pruning="median", budget=7, startup=3, at_once=at_once)
    whole = results(tune_study(declaration, tmp_path / "whole"))
    folder, deaths = tmp_path / "killed", 0
    replace = Path.replace
    for at in range(2, 60, 2):
        count = 0

        def dying(path, target, at=at):
            nonlocal count
            count += 1
            if count == at and at % 4 == 2:  # before the rename, and after it, in turn
                raise Killed
            replace(path, target)
            if count == at:
                raise Killed

        monkeypatch.setattr(Path, "replace", dying)
        try:
            tune_study(declaration, folder)
            break
        except Killed:
            deaths += 1
    monkeypatch.undo()
    assert deaths >= 5
    assert results(tune_study(declaration, folder)) == whole


@pytest.mark.slow
def test_workers_change_nothing(declare, tmp_path):
    declaration = declare(over=OVER, pruning="median", budget=6, startup=3, at_once=2)
    one = results(tune_study(declaration, tmp_path / "one"))
    two = results(tune_study(declaration, tmp_path / "two", workers=2))
    assert one == two


def test_more_workers_than_trials_at_once_are_told_to_be_idle(declare, tmp_path):
    heard = []
    tune_study(declare(budget=1), tmp_path / "run", workers=3, listen=heard.append)
    assert [event.text for event in heard if isinstance(event, Remark)] == [
        "1 of 3 workers have work: `tune.at_once` is 1."
    ]


def test_trials_that_may_be_under_way_at_once_are_chosen_without_each_other(declare, tmp_path):
    alone = journal(tune_study(declare(budget=5, startup=1), tmp_path / "alone"))
    beside = journal(tune_study(declare(budget=5, startup=1, at_once=3), tmp_path / "beside"))
    # trial 2 may not know of 1, and only trial 0 is there for both
    assert [one["values"] == other["values"] for one, other in zip(alone, beside, strict=True)][:1] == [True]
    assert alone[2]["values"] != beside[2]["values"]


def test_a_larger_budget_goes_on_and_what_is_there_is_not_reared_again(declare, tmp_path):
    first = journal(tune_study(declare(budget=4), tmp_path / "run"))
    heard = []
    more = journal(tune_study(declare(budget=6), tmp_path / "run", listen=heard.append))
    assert more[:4] == first
    assert heard[0] == Planned(2, 4)
    assert [event.task for event in heard if isinstance(event, Finished)] == ["trial 4", "trial 5"]
    assert journal(tune_study(declare(budget=4), tmp_path / "run")) == first


def test_without_pruning_what_was_cut_short_is_reared_to_its_end(declare, tmp_path):
    """The limits of a trial are part of its key."""
    pruned = tune_study(declare(budget=6, pruning="median"), tmp_path / "run")
    assert "pruned" in {trial["state"] for trial in journal(pruned)}
    again = journal(tune_study(declare(budget=6), tmp_path / "run"))
    assert {trial["state"] for trial in again} == {"complete"}
    assert again == journal(tune_study(declare(budget=6), tmp_path / "fresh"))


def test_a_damaged_trial_is_named_and_reared_again(declare, tmp_path):
    declaration = declare(budget=4)
    folder = tune_study(declaration, tmp_path / "run")
    whole = results(folder)
    damaged = folder / "trials" / f"{journal(folder)[1]['key']}.nc"
    damaged.write_bytes(damaged.read_bytes()[:100])
    heard = []
    assert results(tune_study(declaration, folder, listen=heard.append)) == whole
    (remark,) = [event.text for event in heard if isinstance(event, Remark)]
    assert str(damaged) in remark
    assert "reared again" in remark
    assert [event.task for event in heard if isinstance(event, Finished)] == ["trial 1"]
    assert [event.task for event in heard if isinstance(event, Dropped)] == ["trial 2", "trial 3"]


def test_another_seed_of_the_search_or_the_split_is_another_search(declare, tmp_path):
    keys = [
        [trial["key"] for trial in journal(tune_study(declare(budget=2, **changes), tmp_path / f"run{place}"))]
        for place, changes in enumerate([{}, {"seed": 1}, {"split_seed": 1}, {"first_seed": 77}])
    ]
    assert len({key for run in keys for key in run}) == 8


def test_the_test_stimuli_are_never_seen(declare, tmp_path):
    """Two environments with the same training stimuli, one of which is tested on nonsense: the same search."""
    digits = Digits(train_size=150, test_size=50).load()
    train = {"train_images": digits.train.images.numpy(), "train_targets": digits.train.targets.numpy()}
    tests = {
        "sense": (digits.test.images.numpy(), digits.test.targets.numpy()),
        "nonsense": (np.full((10, 1, 8, 8), 1e9, dtype=np.float32), np.arange(10)[::-1].copy()),
    }
    found = {}
    for name, (images, targets) in tests.items():
        (tmp_path / name).mkdir()
        np.savez(tmp_path / name / "own.npz", **train, test_images=images, test_targets=targets)
        cohort = {"environment": {"arrays": {"path": "own.npz"}}}
        declaration = declare(cohort, over=OVER, pruning="median", budget=6, startup=3)
        found[name] = results(tune_study(declaration, tmp_path / name / "run", tmp_path / name))
    assert found["sense"] == found["nonsense"]


def test_what_was_held_out_decides(declare, tmp_path):
    """The proof above would prove nothing of a search that looks at no stimuli at all."""
    folders = [tmp_path / "one", tmp_path / "other"]
    one, other = (journal(tune_study(declare(budget=1, split_seed=seed), folders[seed]))[0] for seed in (0, 1))
    assert one["values"] == other["values"]
    assert one["reached"] != other["reached"]


def test_an_accuracy_is_to_rise(declare, tmp_path):
    declaration = declare(objective="validation_accuracy", at="best", budget=5, pruning="median")
    folder = tune_study(declaration, tmp_path / "run")
    record = read(folder / "records" / "Tuning.nc")
    assert (np.diff(record["best_objective"]) >= 0).all()
    assert record["best_objective"][-1] == record["objective"].max() <= 1
    highest = record["validation_accuracy"].mean("subject").max("epoch")
    complete = record["state"].values == "complete"
    np.testing.assert_array_equal(record["objective"].values[complete], highest.values[complete])
    best = document.read(folder / "best.yaml").bare()["profiles"]["tuned"]
    winner = int(np.nanargmax(record["objective"].values))
    assert best["cohort"]["rearing"]["optimizer"]["sgd"]["lr"] == record[RATE].values[winner]


def test_trials_that_diverge_and_cannot_be_reared_are_part_of_the_history(declare, tmp_path):
    cohort = {
        "anatomy": {"mlp": {"widths": [8], "batch_norm": True}},
        "rearing": {"epochs": 2, "batch": 40, "optimizer": {"sgd": {"lr": 0.1}}},
    }
    # 120 stimuli: batches of 17 leave one stimulus alone, which batch norm cannot learn from
    over = {"cohort.rearing.batch": [40, 17], RATE: [0.1, 1e38]}
    heard = []
    folder = tune_study(declare(cohort, over=over, budget=14, startup=14), tmp_path / "run", listen=heard.append)
    record = read(folder / "records" / "Tuning.nc")
    for batch, rate, state in zip(record["cohort.rearing.batch"], record[RATE], record["state"], strict=True):
        assert state == ("refused" if batch == 17 else "diverged" if rate == 1e38 else "complete")
    assert {"refused", "diverged", "complete"} == set(record["state"].values.tolist())
    assert np.isnan(record["reached"].values[record["state"].values != "complete"]).all()
    assert any("could not be reared" in event.text for event in heard if isinstance(event, Remark))
    assert all(trial["reason"] for trial in journal(folder) if trial["state"] == "refused")


def test_where_no_trial_is_completed_it_says_so(declare, tmp_path):
    with pytest.raises(RunError, match=r"no trial was completed\. Narrow the ranges"):
        tune_study(declare(over={RATE: {"low": 1e29, "high": 1e30}}, budget=2), tmp_path / "run")
    assert {trial["state"] for trial in journal(tmp_path / "run")} == {"diverged"}


def test_a_subject_that_stops_early_is_judged_by_its_last_value(declare, tmp_path):
    cohort = {
        "arms": {"stop": [{"EarlyStop": {"patience": 1, "of": "test_loss", "margin": 10.0}}]},
        "rearing": {"epochs": 6, "batch": 40, "optimizer": {"sgd": {"lr": 0.1}}},
    }
    record = read(tune_study(declare(cohort, budget=2), tmp_path / "run") / "records" / "Tuning.nc")
    assert record["state"].values.tolist() == ["complete", "complete"]
    assert record["epochs"].values.tolist() == [2, 2]
    np.testing.assert_array_equal(record["objective"], record["validation_loss"].values[:, 0, 1])


def test_nothing_is_written_where_the_search_is_refused(declare, tmp_path):
    with pytest.raises(SpecificationError, match="required a number > 0"):
        tune_study(declare(over={RATE: [0.1, -1]}), tmp_path / "run")
    with pytest.raises(SpecificationError, match=r"yaml:\d+: tune\.validation: required 10 \(one a class\) to 140"):
        tune_study(declare(validation=145), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_of_another_kind_or_study_is_refused(declare, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match=r"no tune\.json"):
        tune_study(declare(), tmp_path / "mine")
    tune_study(declare(budget=1), tmp_path / "run")
    path = tmp_path / "tuned.yaml"
    path.write_text(path.read_text().replace("study: tuned", "study: other"))
    with pytest.raises(RunError, match="holds a search of the study 'tuned'"):
        tune_study(declared(path), tmp_path / "run")


@pytest.mark.slow
def test_killed_by_a_signal_the_command_goes_on_to_the_same_results(declare, tmp_path):
    declare(over=OVER, pruning="median", budget=12, startup=4, at_once=2, subjects=3)
    command = [sys.executable, "-m", "artneuro.cli", "tune", str(tmp_path / "tuned.yaml"), "-q"]
    subprocess.run([*command, "--out", str(tmp_path / "whole")], check=True)
    killed = tmp_path / "killed"
    process = subprocess.Popen([*command, "--workers", "2", "--out", str(killed)])
    while process.poll() is None and len(list((killed / "trials").glob("*.nc"))) < 5:
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not (killed / "records").exists()
    subprocess.run([*command, "--out", str(killed)], check=True)
    assert results(killed) == results(tmp_path / "whole")
    xr.testing.assert_identical(*(read(path / "records" / "Tuning.nc") for path in (killed, tmp_path / "whole")))
