import os
import signal
import subprocess
import sys

import pytest

from artneuro.errors import RunError
from artneuro.study.holder import Holder
from artneuro.study.lock import holder, locked, refuse_held

HOLDER = """
import sys, time
from pathlib import Path
from artneuro.study.holder import Holder
from artneuro.study.lock import holder, locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_folder_in_use_is_refused_by_name_of_the_process(tmp_path):
    refused = pytest.raises(RunError, match=rf"in use by another run \(process {os.getpid()} on")
    with locked(tmp_path), refused, locked(tmp_path):
        pytest.fail("the lock was given twice")


def test_asking_whether_a_folder_is_held_touches_nothing(tmp_path):
    refuse_held(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with locked(tmp_path), pytest.raises(RunError, match=rf"in use by another run \(process {os.getpid()} on"):
        refuse_held(tmp_path)
    (tmp_path / ".lock").write_text("of somebody")
    refuse_held(tmp_path)
    assert (tmp_path / ".lock").read_text() == "of somebody"
    with locked(tmp_path):  # free again
        pass


def test_the_lock_is_free_again_after_the_block(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        _ = 1 / 0
    with locked(tmp_path):
        assert (tmp_path / ".lock").read_text() == Holder.here().line()


def test_the_lock_dies_with_a_killed_process(tmp_path):
    other = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(RunError, match=f"process {other.pid}"), locked(tmp_path):
        pytest.fail("the lock was given twice")
    other.send_signal(signal.SIGKILL)
    other.wait()
    other.stdout.close()
    with locked(tmp_path):  # it never waits: a lock that had outlived its holder would be refused
        assert (tmp_path / ".lock").read_text() == Holder.here().line()


@pytest.mark.parametrize("folder", ["/proc/run", "{tmp}/file/run"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, folder):
    (tmp_path / "file").write_text("not a folder")
    path = tmp_path.__class__(folder.format(tmp=tmp_path))
    with pytest.raises(RunError, match=r"cannot be written .*Choose another one with --out"), locked(path):
        pytest.fail("a lock where nothing can be written")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="Permission denied"), locked(tmp_path):
        pytest.fail("a lock in a folder that is read-only")


def test_the_last_holder_is_known_and_reading_it_leaves_the_lock(tmp_path):
    assert holder(tmp_path) is None
    with locked(tmp_path):
        assert holder(tmp_path) == Holder.here()
        with locked(tmp_path / "other"):  # another lock, which the look at this one did not take
            assert holder(tmp_path / "other") == Holder.here()
