import os
import shutil

import attrs
import pytest

from artneuro.study.inspection import Inspection


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "provenance.json").write_text('{"started": "now"}')
    return tmp_path / "run"


def test_where_everything_is_as_it_must_be_nothing_is_said_and_nothing_left(folder):
    assert Inspection.of(folder).complaint() == ""
    assert [path.name for path in folder.iterdir()] == ["provenance.json"]


def test_a_folder_that_is_not_seen_is_told_from_another_one_of_the_same_path(folder):
    inspection = Inspection.of(folder)
    (folder / "provenance.json").write_text('{"started": "yesterday"}')
    assert inspection.complaint() == f"sees another folder under the path of the run folder, {folder}"
    shutil.rmtree(folder)
    assert inspection.complaint() == f"does not see the run folder {folder} (No such file or directory)"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_said(folder):
    inspection = Inspection.of(folder)
    folder.chmod(0o500)
    assert inspection.complaint() == f"may not write to the run folder {folder} (Permission denied)"
    folder.chmod(0o700)


def test_other_versions_are_named_with_those_that_are_asked_for(folder):
    inspection = Inspection.of(folder)
    asked = {**inspection.versions, "torch": "1.0", "the code of artneuro": "0123"}
    complaint = attrs.evolve(inspection, versions=asked).complaint()
    assert complaint.startswith("has torch ")
    assert " instead of 1.0, the code of artneuro " in complaint
    assert complaint.endswith(" instead of 0123")


def test_a_relative_path_is_made_absolute(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    from pathlib import Path

    inspection = Inspection.of(Path("run"))
    monkeypatch.chdir("/")
    assert inspection.complaint() == ""
