import json
import os
import signal
import threading

import pytest

from artneuro import records
from artneuro.errors import DataError, RunError, SpecificationError
from artneuro.study import execution
from artneuro.study.declaration import load_study
from artneuro.study.events import Analysing, Dropped, Expected, Finished, Looking, Planned, Progressed, Remark, Retried
from artneuro.study.execution import run_study
from artneuro.study.fitting import tight
from artneuro.study.lock import locked
from artneuro.study.status import status
from artneuro.study.store import read_json

HYPOTHESES = {"L1": {"claim": "slow < fast", "of": "Census.accuracy"}}


def test_a_study_leaves_a_run_folder(small_study, tmp_path):
    heard = []
    study = small_study(hypotheses=HYPOTHESES)
    folder = run_study(study, tmp_path / "run", listen=heard.append, command="artneuro run small.yaml")
    names = {path.name for path in folder.iterdir()}
    assert names >= {
        "study.yaml",
        "plan.json",
        "provenance.json",
        "log.jsonl",
        "subjects",
        "parts",
        "records",
        "statistics",
        "hypotheses.json",
        "figures",
        "report.html",
    }
    assert load_study(folder / "study.yaml") == study
    assert {path.name for path in (folder / "records").iterdir()} == {"Census.nc", "History.nc"}
    assert records.read(folder / "records" / "Census.nc").sizes["subject"] == 4
    assert read_json(folder / "provenance.json")["sessions"][0]["outcome"] == "done"
    assert heard[0] == Planned(tasks=6, done=0)
    assert sum(isinstance(event, Finished) for event in heard) == 6
    assert any(isinstance(event, Progressed) and event.epochs == 2 for event in heard)


def test_run_again_there_is_nothing_to_do(small_study, tmp_path, tasks_done):
    folder = run_study(small_study(), tmp_path)
    before = tasks_done(folder)
    heard = []
    run_study(small_study(), tmp_path, listen=heard.append)
    assert heard[:2] == [Looking(subjects=4, parts=4), Planned(tasks=0, done=8)]
    assert tasks_done(folder) == before


def test_what_a_run_will_take_is_told_at_its_head(small_study, tmp_path, monkeypatch):
    heard = []
    run_study(small_study(), tmp_path, listen=heard.append, foresee=True)
    first = heard[0]
    assert isinstance(first, Expected)
    assert first.workers == 1
    assert min(first.seconds, first.memory, first.disk) > 0
    assert "Expected, from a short calibration: " in (tmp_path / "run.log").read_text()
    run_study(small_study(), tmp_path, listen=heard.append, foresee=True)
    assert sum(isinstance(event, Expected) for event in heard) == 1  # nothing was left to do


def test_a_run_that_memory_and_disk_may_be_too_small_for_says_so_and_works(small_study, tmp_path, monkeypatch):
    heard = []
    monkeypatch.setattr("artneuro.study.execution.tight", lambda *given: tight(2**60, 2**60, *given[2:]))
    run_study(small_study(), tmp_path, listen=heard.append, foresee=True)
    of_memory, of_disk = [event.text for event in heard if isinstance(event, Remark)]
    assert of_memory.startswith("This may need 1073741824.0 GiB of memory, and there are ")
    assert f"are free where {tmp_path} lies" in of_disk


def test_what_cannot_be_foreseen_does_not_hinder_a_run(small_study, tmp_path, monkeypatch):
    def fault(*given, **named):
        raise ZeroDivisionError("nothing to divide by")

    heard = []
    monkeypatch.setattr("artneuro.study.execution.forecast", fault)
    run_study(small_study(), tmp_path, listen=heard.append, foresee=True)
    assert heard[0] == Remark(
        "What this run will take could not be foreseen (ZeroDivisionError: nothing to divide by)."
    )
    assert isinstance(heard[-2], Finished | Analysing)


def test_a_changed_arm_is_run_again_alone(small_study, small_cohort, tmp_path, tasks_done):
    run_study(small_study(), tmp_path)
    before = len(tasks_done(tmp_path))
    arms = {"slow": {"rearing": {"epochs": 1, "batch": 128}}, "fast": []}
    run_study(small_study(cohort=small_cohort(arms=arms)), tmp_path)
    assert tasks_done(tmp_path)[before:] == [
        "rear slow-0 to slow-1 (2 subjects)",
        "Census of slow-0",
        "Census of slow-1",
    ]
    last = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])
    assert (last["event"], last["superseded"]) == ("run done", {"subjects": 2, "parts": 2})
    assert records.read(tmp_path / "records" / "Census.nc").sizes["subject"] == 4


def test_going_back_to_an_older_declaration_costs_nothing(small_study, small_cohort, tmp_path, tasks_done):
    run_study(small_study(), tmp_path)
    first = (tmp_path / "records" / "Census.nc").read_bytes()
    run_study(small_study(cohort=small_cohort(n=3)), tmp_path)
    before = tasks_done(tmp_path)
    run_study(small_study(), tmp_path)
    assert tasks_done(tmp_path) == before
    assert (tmp_path / "records" / "Census.nc").read_bytes() == first


def test_renaming_an_arm_costs_nothing_and_is_followed(small_study, small_cohort, tmp_path, tasks_done):
    run_study(small_study(), tmp_path)
    before = tasks_done(tmp_path)
    arms = {"brief": {"rearing": {"epochs": 1, "batch": 256}}, "fast": []}
    run_study(small_study(cohort=small_cohort(arms=arms)), tmp_path)
    assert tasks_done(tmp_path) == before
    arms_now = {read_json(path)["arm"] for path in tmp_path.glob("subjects/*/subject.json")}
    assert arms_now == {"brief", "fast"}
    assert set(records.read(tmp_path / "records" / "Census.nc").arm.values) == {"brief", "fast"}


def test_a_hypothesis_is_declared_before_or_after_the_data(small_study, tmp_path):
    def declared():
        return {label: entry["declared"] for label, entry in read_json(tmp_path / "plan.json")["hypotheses"].items()}

    run_study(small_study(hypotheses=HYPOTHESES), tmp_path)
    assert declared() == {"L1": "before"}
    later = {**HYPOTHESES, "L2": {"claim": "slow > fast", "of": "Census.accuracy"}}
    run_study(small_study(hypotheses=later), tmp_path)
    assert declared() == {"L1": "before", "L2": "after"}
    run_study(small_study(hypotheses=later), tmp_path)
    assert declared() == {"L1": "before", "L2": "after"}
    assert [verdict["declared"] for verdict in read_json(tmp_path / "hypotheses.json")] == ["before", "after"]


def test_a_run_that_is_active_is_not_joined_by_another(small_study, tmp_path, monkeypatch):
    """It is said before anything is planned."""
    monkeypatch.setattr(execution, "plan_study", lambda *_: pytest.fail("it was planned"))
    with locked(tmp_path), pytest.raises(RunError, match=rf"in use by another run \(process {os.getpid()} on"):
        run_study(small_study(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_the_folder_of_another_study_is_refused(small_study, tmp_path):
    run_study(small_study(protocols=[]), tmp_path)
    with pytest.raises(RunError, match="holds a run of the study 'small'"):
        run_study(small_study(study="large"), tmp_path)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"protocols": [{"Census": {"site": "hidden9"}}]}, SpecificationError),
        ({"cohort": {"anatomy": "mlp", "environment": "mnist", "rearing": {}}}, DataError),
    ],
)
def test_what_cannot_be_planned_leaves_nothing(small_study, tmp_path, change, error):
    with pytest.raises(error):
        run_study(small_study(**change), tmp_path / "run", data_root=tmp_path)
    assert not (tmp_path / "run").exists()


def test_a_truncated_record_is_joined_again(small_study, tmp_path, tasks_done):
    run_study(small_study(), tmp_path)
    path = tmp_path / "records" / "Census.nc"
    whole, before = path.read_bytes(), tasks_done(tmp_path)
    path.write_bytes(whole[:1000])
    heard = []
    run_study(small_study(), tmp_path, listen=heard.append)
    assert path.read_bytes() == whole
    assert tasks_done(tmp_path) == before
    (remark,) = [event.text for event in heard if isinstance(event, Remark)]
    assert str(path) in remark


def test_failed_tasks_are_named_at_the_end_and_the_rest_is_done(small_study, tmp_path):
    study = small_study(protocols=[{"Census": {"breaks": "fast-1"}}, {"Census": {}, "as": "sound"}])
    expected = r"1 tasks? failed.*\n  Census of fast-1: ZeroDivisionError: a mistake in a protocol\n"
    with pytest.raises(RunError, match=expected):
        run_study(study, tmp_path)
    assert records.read(tmp_path / "records" / "Census.nc").attrs["excluded"] == "fast-1 (not measured)"
    assert records.read(tmp_path / "records" / "sound.nc").sizes["subject"] == 4
    assert (tmp_path / "report.html").exists()
    assert read_json(tmp_path / "provenance.json")["sessions"][-1]["outcome"] == "failed"


def test_subjects_that_diverge_are_recorded_and_the_study_goes_on_without_them(small_study, small_cohort, tmp_path):
    wild = {"rearing": {"epochs": 3, "batch": 256, "optimizer": {"sgd": {"lr": 1e30}}}}
    study = small_study(cohort=small_cohort(arms={"wild": wild, "fast": []}))
    heard = []
    run_study(study, tmp_path, listen=heard.append)
    remarks = [event.text for event in heard if isinstance(event, Remark)]
    assert [remark.partition(" in epoch")[0] for remark in remarks] == ["wild-0 diverged", "wild-1 diverged"]
    measured = records.read(tmp_path / "records" / "Census.nc")
    assert measured.subject.values.tolist() == ["fast-0", "fast-1"]
    assert measured.attrs["excluded"].startswith("wild-0 (epoch ")
    history = records.read(tmp_path / "records" / "History.nc")
    assert (history.diverged > 0).values.tolist() == [True, True, False, False]
    heard.clear()
    run_study(study, tmp_path, listen=heard.append)
    assert [event.tasks for event in heard if isinstance(event, Planned)] == [0]


def test_tasks_that_fall_away_are_told_so_that_progress_ends_with_all_of_them(small_study, small_cohort, tmp_path):
    heard = []
    wild = {"rearing": {"epochs": 3, "batch": 256, "optimizer": {"sgd": {"lr": 1e30}}}}
    figures = [{"learning_curve": {}}]
    run_study(
        small_study(cohort=small_cohort(arms={"wild": wild, "calm": []}), figures=figures),
        tmp_path / "run",
        listen=heard.append,
    )
    assert [event.task for event in heard if isinstance(event, Dropped)] == [
        "Census of wild-0",
        "Census of wild-1",
    ]
    (planned,) = [event.tasks for event in heard if isinstance(event, Planned)]
    assert sum(isinstance(event, Finished | Dropped) for event in heard) == planned
    assert heard[-1] == Analysing(analyses=0, hypotheses=0, figures=1)


def test_a_program_that_is_left_says_so(small_study, tmp_path):
    def leave(event):
        if isinstance(event, Finished):
            raise SystemExit(1)

    with pytest.raises(SystemExit):
        run_study(small_study(), tmp_path, listen=leave)
    assert status(tmp_path).trouble == "the program was left with status 1"


def test_an_interrupt_leaves_what_is_done(small_study, tmp_path, tasks_done):
    def stop(event):
        if isinstance(event, Finished) and event.task == "Census of slow-0":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(small_study(), tmp_path, listen=stop)
    assert read_json(tmp_path / "provenance.json")["sessions"][-1]["outcome"] == "interrupted"
    assert json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])["event"] == "run interrupted"
    found = status(tmp_path)
    assert (found.state, found.trouble) == ("interrupted", "stopped from the keyboard")
    run_study(small_study(), tmp_path)
    assert tasks_done(tmp_path).count("Census of slow-0") == 1


def test_a_worker_that_is_killed_costs_its_task_a_second_attempt(small_study, tmp_path):
    heard = []
    study = small_study(protocols=[{"Census": {"dies": str(tmp_path / "died")}}])
    run_study(study, tmp_path / "run", workers=2, listen=heard.append)
    (remark,) = [event.reason for event in heard if isinstance(event, Retried)]
    assert "was killed by SIGKILL" in remark
    assert remark.endswith("It is tried once more.")
    assert records.read(tmp_path / "run" / "records" / "Census.nc").attrs["excluded"] == ""


def test_an_interrupt_ends_the_workers(small_study, tmp_path, small_cohort):
    rearing = {"epochs": 100_000, "batch": 256}
    study = small_study(cohort=small_cohort(rearing=rearing, arms={"long": []}))

    def interrupt(event):
        if isinstance(event, Progressed) and not stopping.is_set():
            stopping.set()
            os.kill(os.getpid(), signal.SIGINT)

    stopping = threading.Event()
    heeding = signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            run_study(study, tmp_path, workers=2, listen=interrupt)
    finally:
        signal.signal(signal.SIGINT, heeding)
    assert not list(tmp_path.glob("subjects/*"))
    assert read_json(tmp_path / "provenance.json")["sessions"][-1]["outcome"] == "interrupted"
