import subprocess
from importlib.metadata import version

import pytest

from artneuro import records
from artneuro.study import provenance
from artneuro.study.plan import plan_study
from artneuro.study.store import Store, read_json


@pytest.fixture
def plan(small_study):
    return plan_study(small_study(), threads=3)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "run")


def sessions(store):
    return read_json(store.folder / "provenance.json")["sessions"]


def test_a_session_says_when_where_and_with_what(plan, store):
    provenance.begin(store, plan, "processes", 2, command="artneuro run a.yaml", file=None)
    provenance.end(store, plan, "done")
    (session,) = sessions(store)
    assert session["started"] <= session["ended"]
    said = ("outcome", "executor", "workers", "threads", "device")
    assert [session[name] for name in said] == ["done", "processes", 2, 3, "cpu"]
    assert session["command"] == "artneuro run a.yaml"
    assert session["declaration"] == plan.study.fingerprint
    assert session["versions"]["torch"]
    assert read_json(store.folder / "provenance.json")["environments"] == list(plan.environments)
    digits = {"train": 1297, "test": 500, "classes": 10}
    assert read_json(store.folder / "provenance.json")["stimuli"] == dict.fromkeys(plan.environments, digits)


def test_the_packages_that_made_the_statistics_are_named_and_records_do_not_change(plan, store):
    provenance.begin(store, plan, "serial", 1, "", None)
    noted = sessions(store)[0]["versions"]
    for name in ("pingouin", "statsmodels", "pandas", "scikit-learn", "torchvision", "seaborn", "matplotlib"):
        assert noted[name] == version(name)
    # a record names only what its numbers come from: it is part of its bytes
    assert set(records.environment_facts()) == {"artneuro", "python", "torch", "numpy", "xarray", "scipy"}


def test_a_killed_session_has_no_end_and_the_next_is_added(plan, store):
    provenance.begin(store, plan, "serial", 1, "", None)
    provenance.begin(store, plan, "serial", 1, "", None)
    provenance.end(store, plan, "done")
    assert [session["outcome"] for session in sessions(store)] == [None, "done"]


def test_the_commit_of_the_study_file_is_noted(plan, store, tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("study: a\n")
    for arguments in (["init", "-q"], ["add", "a.yaml"], ["commit", "-q", "-m", "A study"]):
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *arguments], check=True)
    head = subprocess.run(["git", "-C", str(tmp_path), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    provenance.begin(store, plan, "serial", 1, "", file)
    file.write_text("study: b\n")
    provenance.begin(store, plan, "serial", 1, "", file)
    noted = [session["study_file"] for session in sessions(store)]
    commit = head.stdout.strip()
    assert noted == [{"name": "a.yaml", "commit": commit, "changed_since": changed} for changed in (False, True)]


def test_programs_that_a_repository_names_are_not_run(plan, store, tmp_path):
    """Its status would run them: a file system monitor, and filters of files."""
    file, ran = tmp_path / "a.yaml", tmp_path / "ran"
    file.write_text("study: a\n")
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "a.yaml"], ["commit", "-q", "-m", "A study"]):
        subprocess.run(["git", "-C", str(tmp_path), *who, *arguments], check=True)
    for key in ("core.fsmonitor", "filter.x.clean", "filter.x.process"):
        subprocess.run(["git", "-C", str(tmp_path), "config", key, f"touch {ran}; cat"], check=True)
    (tmp_path / ".gitattributes").write_text("* filter=x\n")
    file.write_text("study: b\n")
    provenance.begin(store, plan, "serial", 1, "", file)
    assert sessions(store)[0]["study_file"]["changed_since"] is True
    assert not ran.exists()
    subprocess.run(["git", "-C", str(tmp_path), "status"], capture_output=True, check=False)
    assert ran.exists()  # else this would test nothing


def test_a_file_that_is_in_no_commit_has_changed_since(plan, store, tmp_path):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "Nothing"]):
        subprocess.run(["git", "-C", str(tmp_path), *who, *arguments], check=True)
    (tmp_path / "a.yaml").write_text("study: a\n")
    provenance.begin(store, plan, "serial", 1, "", tmp_path / "a.yaml")
    assert sessions(store)[0]["study_file"]["changed_since"] is True


def test_a_file_outside_a_repository_has_no_commit(plan, store, tmp_path):
    provenance.begin(store, plan, "serial", 1, "", tmp_path / "a.yaml")
    assert sessions(store)[0]["study_file"] == {"name": "a.yaml", "commit": None, "changed_since": None}
