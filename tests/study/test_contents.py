import os

import pytest

from artneuro.errors import RunError
from artneuro.study import contents


def test_what_vanishes_meanwhile_is_passed_over(tmp_path, monkeypatch):
    """Half a file becomes a whole one, under another name, between being listed and being looked at."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / ".half.part").touch()
    (tmp_path / "link").symlink_to("nowhere")
    scandir = os.scandir

    def vanishing(folder):
        entries = sorted(scandir(folder), key=lambda entry: entry.name)
        (tmp_path / "folder" / ".half.part").unlink(missing_ok=True)
        if (tmp_path / "folder").is_dir() and folder == tmp_path:
            (tmp_path / "folder").rmdir()
        return Listed(entries)

    class Listed(list):
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    monkeypatch.setattr(os, "scandir", lambda folder: vanishing(folder) if os.path.isdir(folder) else scandir(folder))
    with pytest.raises(RunError, match="link: a link"):
        contents.require_plain(tmp_path)
