import importlib
import os
import select
import signal
import subprocess
import sys

import psutil
import pytest
import torch

from artneuro.errors import RunError
from artneuro.study.workers import Processes

MODULE = """
import os, signal, sys, time
from pathlib import Path
import attrs, torch
from artneuro.errors import DataError
from artneuro.study.executors import Task

@attrs.frozen
class Doing(Task):
    what: str
    kind = "doing"
    count = 1
    @property
    def name(self):
        return self.what
    def do(self, bench, tell):
        if self.what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.what == "leave":
            os._exit(3)
        if self.what == "fail":
            raise DataError("data: missing")
        if self.what == "sleep":
            print("asleep", flush=True)
            time.sleep(60)
        if self.what == "read":
            from artneuro import endless, netcdf
            endless.PATIENCE = 0.0
            netcdf.read(Path(__file__).parent / "endless.nc", sealed=True)
        if self.what == "busy":
            begun = time.process_time()
            while time.process_time() - begun < 4:
                tell(1, 2)
        if self.what == "grow":
            clock, now = time.monotonic, time.monotonic()
            for epoch in range(1, 1001):
                time.monotonic = lambda: now + epoch / 64  # a held clock: 64 epochs a second
                tell(epoch, 1000)
            time.monotonic = clock
        return (f"{bench} {torch.get_num_threads()} {os.getpid()}",)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with task classes in modules of their own, which workers can import."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "doings.py").write_text(MODULE)
    (folder / "passing.py").write_text(MODULE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield folder


@pytest.fixture(scope="module")
def doing(folder):
    return importlib.import_module("doings").Doing


@pytest.fixture(scope="module")
def processes(folder):
    executor = Processes("bench", workers=2, equip=lambda bench, place: f"{bench}-{place}")
    yield executor
    executor.close()


def ignore(*told):
    return None


def test_a_worker_that_dies_takes_only_its_own_task(doing, processes):
    processes.submit(doing("die"))
    processes.submit(doing("work"))
    ended = dict(processes.wait(ignore) for _ in range(2))
    assert ended[doing("die")].died
    assert "was killed by SIGKILL" in ended[doing("die")].error
    bench, threads, worker = ended[doing("work")].remarks[0].split()
    assert (bench, int(threads)) == ("bench-1", max(1, torch.get_num_threads() // 2))
    assert int(worker) != os.getpid()
    processes.submit(doing("leave"))
    processes.submit(doing("fail"))
    ended = dict(processes.wait(ignore) for _ in range(2))
    assert "exit status 3" in ended[doing("leave")].error
    assert ended[doing("fail")].error == "data: missing"
    assert not ended[doing("fail")].died
    processes.submit(doing("work"))
    assert processes.wait(ignore)[1].remarks[0].startswith("bench-0 ")  # in the place of the one that died first


def test_progress_comes_through_sparingly(doing, processes):
    told = []
    processes.submit(doing("grow"))
    task, outcome = processes.wait(lambda *news: told.append(news))
    assert outcome.error == ""
    assert told == [(task, epoch, 1000) for epoch in (*range(1, 1000, 7), 1000)]  # the first after a tenth of a second


def test_a_worker_that_hangs_is_ended_and_the_rest_goes_on(doing):
    """One sleeps, so uses no processor time; a busy one that takes longer than the patience is left alone."""
    executor = Processes("bench", workers=2, patience=3.0)
    try:
        executor.submit(doing("sleep"))
        executor.submit(doing("work"))
        ended = dict(executor.wait(ignore) for _ in range(2))
        assert ended[doing("sleep")].error.startswith("it hung: its worker process used no processor time for 3 s")
        assert not ended[doing("sleep")].died  # so that it is not tried again
        assert ended[doing("work")].error == ""
        executor.submit(doing("busy"))
        assert executor.wait(ignore)[1].error == ""
    finally:
        executor.close()


def test_a_worker_that_reads_a_file_without_end_is_ended_and_the_next_goes_on(doing, processes, folder, endless_file):
    """HDF5 uses all the processor time there is meanwhile, so it does not hang by that measure."""
    endless_file(folder / "endless.nc")
    processes.submit(doing("read"))
    _, outcome = processes.wait(ignore)
    assert outcome.error.startswith(f"{folder / 'endless.nc'}: reading it does not come to an end")
    assert not outcome.died
    processes.submit(doing("work"))
    assert processes.wait(ignore)[1].error == ""


def test_workers_that_cannot_start_end_the_run(folder):
    bench = importlib.import_module("passing").Doing("bench")
    (folder / "passing.py").rename(folder / "past.py")
    executor = Processes(bench, workers=2)
    executor.submit(bench)
    with pytest.raises(RunError, match="worker processes cannot start: the first ended with exit status 1"):
        executor.wait(ignore)
    executor.close()
    (folder / "past.py").rename(folder / "passing.py")


def test_a_worker_that_is_killed_while_it_starts_takes_only_its_own_task(doing):
    task = doing("work")
    executor = Processes("bench", workers=2)
    before = set(psutil.Process().children())
    executor.submit(task)
    (worker,) = set(psutil.Process().children()) - before
    worker.kill()
    ended, outcome = executor.wait(ignore)
    assert (ended, outcome.died) == (task, True)
    executor.submit(task)
    assert executor.wait(ignore)[1].error == ""
    executor.close()


def test_a_class_that_workers_cannot_find_is_said_in_words(processes, folder):
    task = importlib.import_module("passing").Doing("work")
    (folder / "passing.py").unlink()
    processes.submit(task)
    _, outcome = processes.wait(ignore)
    assert "could not read the task" in outcome.error
    assert "passing" in outcome.error
    assert not outcome.died


PARENT = """
import sys
sys.path.insert(0, sys.argv[1])
import doings
from artneuro.errors import RunError
from artneuro.study.workers import Processes
if __name__ == "__main__":
    executor = Processes("bench", workers=1)
    executor.submit(doings.Doing("work"))
    print(executor.wait(print)[1].remarks[0].split()[-1], flush=True)
    executor.submit(doings.Doing("sleep"))
    executor.wait(print)
"""


def test_workers_end_with_a_killed_parent(folder):
    script = folder / "parent.py"
    script.write_text(PARENT)
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, env=here)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    assert parent.stdout.readline() == b"asleep\n"
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    if not over(worker):
        os.kill(worker, signal.SIGKILL)
        pytest.fail("the worker outlived its parent")


def over(process):
    """Wait until a process has ended, and tell whether it did; a minute is for ever."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 60)[0])
    finally:
        os.close(handle)
