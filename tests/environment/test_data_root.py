from pathlib import Path

import numpy as np
import pytest

from artneuro.environment.arrays import Arrays
from artneuro.environment.data_root import data_root_at, inside, resolve_data_root


def test_argument_before_variable_before_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARTNEURO_DATA", str(tmp_path / "variable"))
    assert resolve_data_root("argument") == tmp_path / "argument"
    assert resolve_data_root() == tmp_path / "variable"
    for unset in (lambda: monkeypatch.setenv("ARTNEURO_DATA", ""), lambda: monkeypatch.delenv("ARTNEURO_DATA")):
        unset()
        assert resolve_data_root() == tmp_path / "data"


def test_within_a_study_its_data_root_goes_before_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("ARTNEURO_DATA", str(tmp_path / "variable"))
    with data_root_at(tmp_path / "study"):
        assert resolve_data_root() == tmp_path / "study"
        assert resolve_data_root(tmp_path / "argument") == tmp_path / "argument"
        with data_root_at(None):  # names none, so nothing changes
            assert resolve_data_root() == tmp_path / "study"
    with pytest.raises(RuntimeError), data_root_at(tmp_path / "study"):
        raise RuntimeError
    assert resolve_data_root() == tmp_path / "variable"


def test_the_home_folder_may_be_named(monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    assert resolve_data_root("~/data") == Path("/home/someone/data")
    assert resolve_data_root("/~nobody-of-this-name") == Path("/~nobody-of-this-name")
    assert resolve_data_root("~nobody-of-this-name/data").name == "data"


@pytest.mark.parametrize("path", ["a", "a/b.npz", "a\\b.npz", "..a/b", "a..b", "~/a"])
def test_places_in_the_data_root_hold(path):
    assert inside().holds(path)


def test_links_in_the_data_root_are_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    targets = np.arange(4) % 2
    images = np.zeros((4, 2, 2), dtype=np.float32)
    np.savez(
        elsewhere / "own.npz", train_images=images, train_targets=targets, test_images=images, test_targets=targets
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "own.npz").symlink_to(elsewhere / "own.npz")
    assert len(Arrays(path="own.npz").load(tmp_path / "data").test.targets) == 4


@pytest.mark.parametrize("path", ["..", "../a", "a/../../b", "a\\..\\b", "/a/../b", "", "  ", "a\0b"])
def test_what_leads_out_is_refused(path):
    assert not inside().holds(path)


@pytest.mark.parametrize("path", ["/a/b", "//host/a", "\\\\host\\a", "\\a", "C:\\a", "c:a"])
def test_absolute_paths_of_any_system_are_refused(path):
    assert not inside().holds(path)
