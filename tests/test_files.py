import os

import pytest

from artneuro import files


def test_a_file_appears_whole(tmp_path):
    files.write_text(tmp_path / "new" / "a.txt", "complete")
    assert (tmp_path / "new" / "a.txt").read_text() == "complete"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.txt"]


def test_files_are_flushed_where_it_is_worth_it(tmp_path, monkeypatch):
    flushed = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    with files.flushed(False):
        with files.flushed(True):
            files.write_text(tmp_path / "a.txt", "worth it")
        assert len(flushed) == 2  # the file and its folder
        files.write_text(tmp_path / "b.txt", "sooner made again")
    assert len(flushed) == 2
    files.write_text(tmp_path / "c.txt", "by default")
    assert len(flushed) == 4
    assert (tmp_path / "b.txt").read_text() == "sooner made again"


def _broken_write(path):
    with files.whole(path) as beside:
        beside.write_text("half")
        raise RuntimeError("power cut")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    with pytest.raises(RuntimeError, match="power cut"):
        _broken_write(path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]
