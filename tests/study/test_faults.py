"""What machines, people and time do to a run folder: each is caused here, said in words, and mended by another run."""

import errno
import itertools
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from artneuro import identity, netcdf, records, tensor_files
from artneuro.errors import RecordError, RunError
from artneuro.study import code, execution, store, tasks
from artneuro.study.analysis import analyse
from artneuro.study.events import Analysing, Finished, Remark, Started
from artneuro.study.execution import run_study
from artneuro.study.status import status
from artneuro.study.store import read_json


@pytest.fixture(scope="module")
def study(small_study, small_cohort):
    arms = {"slow": {"rearing": {"epochs": 1, "batch": 256}}, "fast": []}
    return small_study(
        cohort=small_cohort(rearing={"epochs": 2, "batch": 256, "keep": [1]}, arms=arms),
        protocols=[{"Census": {"noise": 0.5}}, {"Census": {"noise": 0.5}, "as": "Early", "ages": [1]}],
        hypotheses={"L1": {"claim": "slow < fast", "of": "Census.accuracy"}},
        analyses=[{"pairwise": {"of": "Census.accuracy", "between": "arm"}}],
        figures=[{"strip": {"of": "Census.accuracy"}}],
    )


@pytest.fixture(scope="module")
def undisturbed(study, tmp_path_factory):
    """The folder of a run that nothing happened to."""
    return run_study(study, tmp_path_factory.mktemp("undisturbed") / "run")


@pytest.fixture
def folder(undisturbed, tmp_path):
    """A copy of it, for something to happen to."""
    shutil.copytree(undisturbed, tmp_path / "run")
    return tmp_path / "run"


def again(study, folder, **how):
    """Run a study again; return the remarks and the tasks that were done."""
    heard = []
    run_study(study, folder, listen=heard.append, **how)
    remarks = [event.text for event in heard if isinstance(event, Remark)]
    return remarks, [event.task for event in heard if isinstance(event, Finished)]


def cut_short(whole):
    return whole[: len(whole) // 2]


def emptied(whole):
    return b""


def garbled(whole):
    """The middle third written over, as a bad block of a disk is."""
    third = len(whole) // 3
    return whole[:third] + b"\xa5" * third + whole[2 * third :]


@pytest.mark.parametrize("damaged", [cut_short, garbled, emptied])
def test_damaged_files_are_named_and_made_again(study, undisturbed, folder, result_files, damaged):
    """One of each kind at once; no number comes from any of them."""
    plan = read_json(folder / "plan.json")
    animals = {name: f"subjects/{subject['key']}" for name, subject in plan["subjects"].items()}
    ((part,),) = (plan["records"]["Census"]["parts"]["slow-1"],)
    kinds = {
        "provenance.json": "written anew; what it said of earlier sessions is lost",
        "statistics/results.json": "written anew",
        "figures/figures.json": "written anew",
        "records/Census.nc": "joins it again",
        f"parts/{part['key']}.nc": "measures it again",
        f"{animals['fast-0']}/weights-1.safetensors": "rears the subject again",  # an age that is not the last
        f"{animals['fast-1']}/history.nc": "rears the subject again",
        f"{animals['slow-0']}/subject.json": "rears the subject again",
    }
    for name in kinds:
        (folder / name).write_bytes(damaged((folder / name).read_bytes()))
    remarks, _ = again(study, folder)
    for name, consequence in kinds.items():
        (told,) = [remark for remark in remarks if str(folder / name) in remark]
        assert consequence in told
    assert len(remarks) == len(kinds)
    assert result_files(folder) == result_files(undisturbed)


@pytest.mark.parametrize("damaged", [cut_short, garbled, emptied])
def test_a_damaged_plan_is_written_anew_and_records_are_joined_again(study, undisturbed, folder, result_files, damaged):
    (folder / "plan.json").write_bytes(damaged((folder / "plan.json").read_bytes()))
    (remark,), done = again(study, folder)
    assert str(folder / "plan.json") in remark
    assert "written anew; which hypotheses came before the data is taken from log.jsonl" in remark
    assert done == []
    assert result_files(folder) == result_files(undisturbed)


def test_a_part_without_the_digest_of_its_bytes_is_not_opened_and_measured_again(
    study, undisturbed, folder, result_files
):
    """Only a damaged file, or one that another program wrote, is without; HDF5 might read it for ever."""
    part = min((folder / "parts").iterdir())
    whole = part.read_bytes()
    part.write_bytes(whole[: whole.rindex(netcdf.MARK)])
    remarks, _ = again(study, folder)
    (told,) = remarks
    assert f"{part}: not a readable record (it does not end with the digest of its bytes)" in told
    assert "measures it again" in told
    assert result_files(folder) == result_files(undisturbed)


def reading(path):
    """What can be read from a file of results, as text, in which not-a-number is like itself."""
    try:
        if path.suffix == ".nc":
            return repr(records.read(path).to_dict())
        if path.name == identity.NAME:
            return repr(identity.read(path.parent))
        tensors, facts = tensor_files.read(path)
    except RecordError:
        return "damaged"
    return repr(({name: tensor.tolist() for name, tensor in tensors.items()}, facts))


def test_no_byte_of_a_record_or_of_weights_changes_unnoticed(undisturbed, folder):
    """Of several places in every file: it is refused, or the byte was none that anybody reads."""
    refused = 0
    told = [path for path in folder.rglob("*") if path.suffix in (".nc", ".safetensors") or path.name == identity.NAME]
    for path in sorted(told):
        whole, sound = path.read_bytes(), reading(path)
        assert sound != "damaged"
        for share in (0.3, 0.6, 0.9):
            place = int(share * len(whole))
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
            found = reading(path)
            assert found in ("damaged", sound)
            refused += found == "damaged"
    assert refused > 10


def test_a_subject_in_the_place_of_another_is_reared_again(study, undisturbed, folder, result_files):
    one, other = (path.parent for path in sorted(folder.glob("subjects/*/subject.json"))[:2])
    shutil.rmtree(one)
    shutil.copytree(other, one)
    remarks, done = again(study, folder)
    assert [remark.partition(". This run")[2] for remark in remarks] == [" rears the subject again."]
    assert f"{one / identity.NAME}: of another subject, {other.name}" in remarks[0]
    assert len(done) == 1
    assert result_files(folder) == result_files(undisturbed)


def test_a_damaged_file_whose_task_fails_takes_nothing_else_along(study, folder, monkeypatch):
    """Neither a part that cannot be measured again nor a subject that cannot be reared again ends the run."""
    plan = read_json(folder / "plan.json")
    ((part,),) = (plan["records"]["Census"]["parts"]["slow-1"],)
    history = folder / "subjects" / plan["subjects"]["fast-0"]["key"] / "history.nc"
    for path in (folder / "parts" / f"{part['key']}.nc", history):
        path.write_bytes(garbled(path.read_bytes()))

    def fail(*asked):
        raise RecordError("it cannot be done")

    monkeypatch.setattr(tasks.MeasurePart, "do", fail)
    monkeypatch.setattr(tasks.RearLitter, "do", fail)
    with pytest.raises(RunError, match="Census of slow-1: it cannot be done"):
        again(study, folder)
    record = records.read(folder / "records" / "Census.nc")
    assert set(record.subject.values) == {"slow-0", "fast-1"}
    assert {name.split()[0] for name in record.attrs["excluded"].split(", ")} == {"slow-1", "fast-0"}
    assert read_json(folder / "hypotheses.json")


def leave(path):
    """Nothing happens to it."""


@pytest.mark.parametrize("lose", [leave, lambda path: path.write_text("{"), Path.unlink])
def test_numbers_of_a_former_declaration_go_before_those_of_the_next_come(study, folder, monkeypatch, lose):
    """Killed in between, nobody can read the old beside the new, with a lost plan neither; going back costs nothing."""
    import attrs

    def end(*asked):
        raise KeyboardInterrupt

    before = {path.name for path in folder.rglob("*") if path.suffix in (".svg", ".csv")}
    assert before
    first, *rest = study.protocols
    changed = attrs.evolve(first, protocol=attrs.evolve(first.protocol, noise=0.25))
    lose(folder / "plan.json")
    with monkeypatch.context() as killed:
        killed.setattr(tasks.MeasurePart, "do", end)
        with pytest.raises(KeyboardInterrupt):
            again(attrs.evolve(study, protocols=[changed, *rest]), folder)
    kept = set() if lose is not leave else {"History", *(entry.name for entry in rest)}
    assert {path.stem for path in (folder / "records").iterdir()} == kept
    assert not {path.name for path in folder.rglob("*") if path.suffix in (".svg", ".csv")}
    analyse(folder)
    assert {one["verdict"] for one in read_json(folder / "hypotheses.json")} == {"undecided"}
    _, done = again(study, folder)
    assert done == []
    assert {path.name for path in folder.rglob("*") if path.suffix in (".svg", ".csv")} == before


def test_verdicts_on_former_hypotheses_go_before_the_next_come(study, folder, monkeypatch):
    """Records are those of both declarations, and stay."""
    import attrs

    hypotheses = {label: attrs.evolve(one, claim="fast < slow") for label, one in study.hypotheses.items()}
    records_before = sorted((folder / "records").iterdir())

    def end(*asked):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(execution, "join", end)
        with pytest.raises(KeyboardInterrupt):
            again(attrs.evolve(study, hypotheses=hypotheses), folder)
    assert sorted((folder / "records").iterdir()) == records_before
    assert not (folder / "hypotheses.json").exists()
    assert not (folder / "report.html").exists()
    analyse(folder)
    assert {one["claim"] for one in read_json(folder / "hypotheses.json")} == {one.claim for one in hypotheses.values()}


def test_a_record_of_no_present_declaration_goes(study, folder):
    import attrs

    entry, _ = study.protocols
    renamed = attrs.evolve(study, protocols=[attrs.evolve(entry, name="Other")], analyses=[], hypotheses={}, figures=[])
    (folder / "plan.json").unlink()
    again(renamed, folder)
    assert {path.stem for path in (folder / "records").iterdir()} == {"History", "Other"}


def test_a_hypothesis_from_after_the_data_stays_one_when_the_plan_is_lost(study, small_study, folder):
    import attrs

    late = {**study.hypotheses, "L2": next(iter(study.hypotheses.values()))}
    study = attrs.evolve(study, hypotheses=late)
    again(study, folder)
    for lose in (lambda path: path.write_text("{"), Path.unlink):
        lose(folder / "plan.json")
        again(study, folder)
        assert [one["declared"] for one in read_json(folder / "hypotheses.json")] == ["before", "after"]


@pytest.mark.parametrize("gone", ["plan.json", "study.yaml", "provenance.json", "hypotheses.json", "subjects"])
def test_what_was_removed_comes_back(study, undisturbed, folder, result_files, gone):
    lost = folder / gone
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    remarks, _ = again(study, folder)
    assert result_files(folder) == result_files(undisturbed)
    assert [f"{lost}: it was here, and is gone" in remark for remark in remarks] == [True] * (gone == "plan.json")


def test_status_knows_a_run_whose_plan_is_lost(study, folder):
    (folder / "plan.json").unlink()
    assert (status(folder).study, status(folder).state) == (study.study, "done")


def test_a_lost_plan_of_another_study_is_still_that_of_another(study, folder):
    import attrs

    (folder / "plan.json").unlink()
    with pytest.raises(RunError, match=f"holds a run of the study '{study.study}'"):
        again(attrs.evolve(study, study="other"), folder)


def failing(monkeypatch, number, at):
    """Let the operating system refuse from the `at`-th flush on, as a full disk does."""
    flushed = itertools.count(1)
    fsync = os.fsync

    def refuse(handle):
        if next(flushed) >= at:
            raise OSError(number, os.strerror(number))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refuse)


@pytest.mark.parametrize("at", [1, 9, 23, 45])
@pytest.mark.parametrize("number", [errno.ENOSPC])
def test_a_full_disk_ends_the_run_and_what_is_done_is_kept(
    study, undisturbed, result_files, tmp_path, monkeypatch, number, at
):
    with monkeypatch.context() as patch:
        failing(patch, number, at)
        patch.setattr(tasks, "WORTH_FLUSHING", 0.0)  # every file is waited for, so that each can fail
        with pytest.raises(RunError, match="No space left on device"):
            run_study(study, tmp_path / "run")
    assert not list((tmp_path / "run").rglob("*.part"))
    log = tmp_path / "run" / "run.log"
    assert not log.exists() or re.search("run interrupted: .*No space left", log.read_text())
    again(study, tmp_path / "run")
    assert result_files(tmp_path / "run") == result_files(undisturbed)


@contextmanager
def mounted(place, *options):
    """A file system in memory at a place; skips where that is not allowed."""
    place.mkdir(exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", place], capture_output=True)
    if made.returncode:
        pytest.skip("no right to mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)  # netCDF's library holds open what it could not finish


@pytest.mark.parametrize("size", [60, 150, 250])
def test_a_disk_that_is_really_full(study, undisturbed, result_files, tmp_path, size):
    """Whoever writes then, and netCDF's library, which says "HDF error": with more room the run goes on."""
    disk = tmp_path / "disk"
    with mounted(disk, f"size={size}k"):
        with pytest.raises(RunError, match="No space left on device"):
            run_study(study, disk / "run")
        assert not list(disk.rglob("*.part"))
        subprocess.run(["mount", "-o", "remount,size=100m", disk], check=True)
        again(study, disk / "run")
        assert result_files(disk / "run") == result_files(undisturbed)


@contextmanager
def read_only(place):
    """A folder in which nobody may write: by its mode or, for root, who may write anywhere, by its mount."""
    place.mkdir()
    if os.geteuid() == 0:
        with mounted(place, "ro"):
            yield
        return
    place.chmod(0o500)
    yield


def test_a_read_only_folder_is_said(study, tmp_path):
    with read_only(tmp_path / "place"), pytest.raises(RunError, match=r"cannot be written .*--out"):
        run_study(study, tmp_path / "place" / "run")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_became_read_only_within_a_run_can_be_taken_up(study, folder, undisturbed, result_files):
    shutil.rmtree(folder / "parts")
    (folder / "parts").mkdir(mode=0o500)
    with pytest.raises(RunError, match="Permission denied"):
        run_study(study, folder)
    (folder / "parts").chmod(0o700)
    again(study, folder)
    assert result_files(folder) == result_files(undisturbed)


def test_a_clock_that_goes_backwards_changes_no_result(study, undisturbed, result_files, tmp_path, monkeypatch):
    past = itertools.count(0, -3600)

    class Clock(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.fromtimestamp(2e9 + next(past), zone or UTC)

    monkeypatch.setattr(store, "datetime", Clock)
    monkeypatch.setattr(time, "time", lambda: 2e9 + next(past))
    folder = run_study(study, tmp_path / "run")
    sessions = read_json(folder / "provenance.json")["sessions"]
    assert sessions[0]["ended"] < sessions[0]["started"]
    assert all(line["seconds"] >= 0 for line in store.Store(folder).logged() if line["event"] == "done")
    assert again(study, folder) == ([], [])
    assert result_files(folder) == result_files(undisturbed)


def test_a_version_that_changes_no_code_that_matters_makes_nothing_anew(study, folder, monkeypatch):
    monkeypatch.setattr(records, "__version__", "99.0")
    records.environment_facts.cache_clear()
    try:
        assert again(study, folder) == ([], [])
        now = records.provenance(records.read(folder / "records" / "Census.nc"))["versions"]["artneuro"]
    finally:
        monkeypatch.undo()
        records.environment_facts.cache_clear()
    assert now == "99.0"  # the record was joined by the new one; its parts say who measured them


def test_code_that_matters_makes_anew_what_rests_on_it_and_no_more(study, folder, monkeypatch):
    digest = code.digest

    def changed(*modules):
        return digest(*modules) + ("x" if "lab" in modules else "")

    monkeypatch.setattr(code, "digest", changed)
    _, done = again(study, folder)
    assert sorted({task.partition(" of ")[0] for task in done}) == ["Census", "Early"]  # nobody is reared again


def test_another_torch_makes_everything_anew(study, folder, undisturbed, tasks_done, monkeypatch):
    facts = {**records.environment_facts(), "torch": "99.0"}
    monkeypatch.setattr(records, "environment_facts", lambda: facts)
    assert again(study, folder) == ([], tasks_done(undisturbed))


def test_stimuli_that_changed_are_another_experiment(small_study, small_cohort, tmp_path, result_files):
    """Files of a data set are told by what they hold; a subject of the former is never taken for one of these."""
    from PIL import Image

    data = tmp_path / "data"
    for part, label in itertools.product(("train", "test"), "ab"):
        (data / "own" / part / label).mkdir(parents=True)
        for number in range(6):
            Image.new("L", (4, 4), 40 * number + ord(label)).save(data / "own" / part / label / f"{number}.png")
    place = {"image_folder": {"path": "own"}}
    study = small_study(cohort=small_cohort(environment=place, rearing={"epochs": 1, "batch": 4}, arms={"only": []}))
    run_study(study, tmp_path / "run", data)
    Image.new("L", (4, 4), 250).save(data / "own" / "train" / "a" / "0.png")
    _, done = again(study, tmp_path / "run", data_root=data)
    assert done[0] == "rear only-0 to only-1 (2 subjects)"
    new = result_files(run_study(study, tmp_path / "new", data))
    found = result_files(tmp_path / "run")
    assert {name: found[name] for name in new} == new


def test_a_brain_that_changes_after_the_plan_is_not_measured(small_study, small_cohort, own_root, tmp_path):
    """A protocol's own files are told by what they hold, as stimuli are."""
    images, responses = (
        np.random.default_rng(0).integers(0, 255, (12, 8, 8, 1), np.uint8),
        np.random.default_rng(1).random((12, 3)),
    )
    np.savez(own_root / "b.npz", images=images, activity=responses)
    protocols = [{"NeuralPrediction": {"brain": {"file": {"path": "b.npz"}}}}]
    study = small_study(cohort=small_cohort(n=1, arms={"a": []}), protocols=protocols)

    def change(event):
        if isinstance(event, Started) and event.task.startswith("Neural"):
            np.savez(own_root / "b.npz", images=images, activity=2 * responses[::-1])

    with pytest.raises(
        RunError, match="what NeuralPrediction reads besides stimuli has changed since the plan was made"
    ):
        run_study(study, tmp_path / "run", listen=change)
    assert not list((tmp_path / "run").glob("parts/*.nc"))
    run_study(study, tmp_path / "run")
    assert len(list((tmp_path / "run").glob("parts/*.nc"))) == 1


def test_answers_go_where_records_are_about_to_change(small_study, tmp_path):
    """A part that failed is there the next time, and the verdict without it must not stand beside."""
    study = small_study(
        protocols=[{"Census": {}}], hypotheses={"L1": {"claim": "fast > slow", "of": "Census.accuracy"}}
    )
    run_study(study, tmp_path)
    next(tmp_path.glob("parts/*.nc")).unlink()

    def stop(event):
        if isinstance(event, Analysing):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(study, tmp_path, listen=stop)
    assert not (tmp_path / "hypotheses.json").exists()
    assert not (tmp_path / "report.html").exists()
