"""Dask clusters of separate processes on loopback, and what happens to them in the middle of a study."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import attrs
import psutil
import pytest

from artneuro import endless, netcdf, records
from artneuro.errors import RunError
from artneuro.study.cluster import Dask
from artneuro.study.crew import Crew
from artneuro.study.events import Finished, Gathered, Progressed, Remark, Started
from artneuro.study.execution import run_study
from artneuro.study.executors import Task

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


class Cluster:
    """A scheduler and workers, each a process of its own, as somebody starts them by hand."""

    def __init__(self, folder, modules):
        self.folder, self.workers = folder, []
        paths = os.pathsep.join([str(ROOT), str(modules)])
        self.env = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
        self.file = folder / "scheduler.json"
        self.begin(free_port())

    def begin(self, port):
        self.file.unlink(missing_ok=True)
        ports = ["--host", "127.0.0.1", "--port", port, "--dashboard-address", "127.0.0.1:0"]
        self.scheduler = self.start("dask_scheduler", *ports, "--scheduler-file", str(self.file))
        until(self.file.exists)
        self.address = json.loads(self.file.read_text())["address"]

    def start(self, command, *options):
        with (self.folder / "log").open("a") as log:
            line = [sys.executable, "-m", f"distributed.cli.{command}", *options]
            return subprocess.Popen(line, stdout=log, stderr=log, env=self.env, cwd=self.folder)

    def work(self, count, *options):
        """Have so many workers at work: those that are there, and new ones with these options."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) > count:
            end(self.workers.pop())
        options = options or ("--nthreads", "1", "--no-nanny")
        for _ in range(count - len(self.workers)):
            self.workers.append(self.start("dask_worker", self.address, *options, "--no-dashboard"))

    def close(self):
        for process in [*self.workers, self.scheduler]:
            end(process)


def free_port():
    """Return a port below those of outgoing connections: one that looks for a lost scheduler might take its port."""
    for port in range(20000 + os.getpid() % 5000, 30000):
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return str(port)
    return pytest.fail("no port is free")


def end(process):
    """Kill a process and wait until it is gone."""
    process.kill()
    process.wait()


def until(true):
    """Wait until something is true; two minutes are for ever."""
    for _ in range(1200):
        if true():
            return
        time.sleep(0.1)
    pytest.fail("that never came")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, lab_folder):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), lab_folder)
    try:
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="module")
def study(small_study, small_cohort):
    """Three subjects an arm, who grow up in no hurry."""
    arms = {"slow": {"rearing": {"epochs": 20, "batch": 128}}, "fast": []}
    return small_study(cohort=small_cohort(n=3, rearing={"epochs": 30, "batch": 64}, arms=arms))


@pytest.fixture(scope="module")
def undisturbed(study, tmp_path_factory, result_files):
    """The result files of one process."""
    return result_files(run_study(study, tmp_path_factory.mktemp("undisturbed") / "run"))


def test_a_cluster_on_this_machine_leaves_the_files_of_one_process(study, undisturbed, result_files, tmp_path):
    heard = []
    run_study(study, tmp_path, workers=Crew(2, "dask"), listen=heard.append)
    assert result_files(tmp_path) == undisturbed
    (gathered,) = [event for event in heard if isinstance(event, Gathered)]
    assert gathered.workers == 2
    assert gathered.dashboard.startswith("http://127.0.0.1:")
    first = next(place for place, event in enumerate(heard) if isinstance(event, Finished))
    (reared, *_), (begun, *_) = (
        [event.task for event in heard[first:] if isinstance(event, kind)] for kind in (Finished, Started)
    )
    assert reared.startswith("rear")  # whoever is reared first is measured at once, not after all others
    assert begun.startswith(f"Census of {reared.split()[1].partition('-')[0]}-")


@attrs.frozen
class Telling(Task):
    """Tells what its worker was equipped with."""

    name = kind = "telling"
    count = 1

    def do(self, bench, tell):
        """Take long enough that the other worker takes the next one."""
        time.sleep(2)
        return (bench,)


def test_each_worker_of_this_machine_has_its_own_bench():
    """That is how each takes the next card."""
    with closing(Dask("bench", 2, equip=lambda bench, place: f"{bench}-{place}")) as executor:
        for _ in range(2):
            executor.submit(Telling())
        told = [executor.wait(lambda *news: None)[1].remarks for _ in range(2)]
    assert sorted(told) == [("bench-0",), ("bench-1",)]


@attrs.frozen
class Reading(Task):
    """Reads a file, and is not patient."""

    path: Path
    name = kind = "reading"
    count = 1

    def do(self, bench, tell):
        """Use all the processor time there is, for ever."""
        endless.PATIENCE = 0.0
        netcdf.read(self.path, sealed=True)


def test_a_worker_that_reads_a_file_without_end_is_ended_and_the_file_named(tmp_path, endless_file):
    path = tmp_path / "endless.nc"
    endless_file(path)
    with closing(Dask("bench", 1, patience=4.0)) as executor:
        executor.submit(Reading(path))
        _, outcome = executor.wait(lambda *news: None)
        assert outcome.error.startswith(f"{path}: reading it does not come to an end")
        executor.submit(Telling())
        assert executor.wait(lambda *news: None)[1].remarks == ("bench",)


def test_a_worker_that_is_killed_while_it_starts_is_started_again(study, undisturbed, result_files, tmp_path):
    killed = []

    def kill():
        while not killed:
            for child in psutil.Process().children():
                with suppress(psutil.NoSuchProcess):
                    if "spawn_main" in " ".join(child.cmdline()):
                        child.kill()
                        killed.append(child.pid)
                        return
            time.sleep(0.01)

    killing = threading.Thread(target=kill)
    killing.start()
    try:
        run_study(study, tmp_path, workers=Crew(2, "dask"))
        assert killed
    finally:
        killed.append(None)
        killing.join()
    assert result_files(tmp_path) == undisturbed


def test_a_script_without_a_guard_is_told_so(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("from artneuro.study.cluster import Dask\n\nDask('bench', 2)\n")
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "RunError: worker processes cannot start" in ended.stderr
    assert 'needs `if __name__ == "__main__":` around the call' in ended.stderr


def test_a_worker_that_is_lost_in_the_middle_costs_nothing_but_time(
    cluster, study, undisturbed, result_files, tmp_path
):
    cluster.work(3)

    def lose(event):
        if isinstance(event, Progressed) and event.task.startswith("rear fast") and cluster.workers[0].poll() is None:
            cluster.workers[0].kill()

    heard = []
    run_study(
        study,
        tmp_path,
        workers=Crew(3, scheduler=cluster.address),
        listen=lambda event: (heard.append(event), lose(event)),
    )
    assert cluster.workers[0].poll() is not None
    assert [event.workers for event in heard if isinstance(event, Gathered)] == [3]
    (gone,) = [event.text for event in heard if isinstance(event, Remark)]
    assert re.search(r"The worker tcp://\S+ is gone; others begin anew: (rear|Census)", gone)
    assert result_files(tmp_path) == undisturbed


def test_failing_and_hanging_tasks_are_named_and_the_rest_is_done(cluster, small_study, tmp_path):
    """On two workers; the one that hangs ends, and the other goes on alone."""
    cluster.work(2)
    study = small_study(protocols=[{"Census": {"breaks": "fast-1", "hangs": "slow-0"}}])
    with pytest.raises(RunError, match="2 tasks failed") as failed:
        run_study(study, tmp_path, workers=Crew(2, scheduler=cluster.address, patience=5.0))
    assert "\n  Census of fast-1: ZeroDivisionError: a mistake in a protocol\n" in str(failed.value)
    assert "\n  Census of slow-0: it hung: its worker process used no processor time for 5 s" in str(failed.value)
    measured = records.read(tmp_path / "records" / "Census.nc")
    assert measured.subject.values.tolist() == ["slow-1", "fast-0"]
    until(lambda: sum(worker.poll() is None for worker in cluster.workers) == 1)


def test_a_scheduler_that_goes_away_ends_the_run_which_goes_on_when_it_is_back(
    cluster, study, undisturbed, result_files, tasks_done, tmp_path
):
    cluster.work(2)

    measured = []

    def lose(event):
        if isinstance(event, Finished) and event.task.startswith("Census"):
            measured.append(event.task)
            if len(measured) == 1:  # so that others are left, whoever came first
                end(cluster.scheduler)

    with pytest.raises(RunError, match=r"scheduler went away.* What is done is kept: run again to go on\."):
        run_study(study, tmp_path, workers=Crew(2, scheduler=cluster.address), listen=lose)
    before = tasks_done(tmp_path)
    cluster.work(0)  # without a scheduler they end by themselves, sooner or later
    cluster.begin(cluster.address.rpartition(":")[2])
    cluster.work(2)
    run_study(study, tmp_path, workers=Crew(2, scheduler=cluster.address))
    assert result_files(tmp_path) == undisturbed
    assert tasks_done(tmp_path)[: len(before)] == before
    assert tasks_done(tmp_path).count(measured[0]) == 1


def test_workers_that_cannot_work_are_named_before_any_work(cluster, small_study, tmp_path):
    cluster.work(1)
    cluster.work(2, "--nthreads", "2", "--no-nanny")
    with pytest.raises(RunError, match=r"1 of 2 workers cannot work for this run; nothing was done:") as refused:
        run_study(small_study(), tmp_path, workers=Crew(2, scheduler=cluster.address))
    assert "has 2 threads; start it with `--nthreads 1`" in str(refused.value)
    assert not list(tmp_path.glob("subjects/*"))
    end(cluster.workers.pop())


def test_a_folder_that_workers_do_not_see_is_said_before_any_work(cluster, tmp_path):
    """As on two machines: what stands in the inspection is looked for by the workers, not here."""
    from artneuro.study.cluster import Dask
    from artneuro.study.inspection import Inspection

    cluster.work(1)
    elsewhere = Inspection(tmp_path / "of-another-machine", "0123", {})
    with pytest.raises(RunError, match="1 of 1 workers cannot work") as refused:
        Dask(None, 1, cluster.address, inspection=elsewhere)
    assert f"does not see the run folder {tmp_path}/of-another-machine" in str(refused.value)
    assert "All workers must see the run folder under the same path" in str(refused.value)


def test_where_no_scheduler_answers_the_address_is_said(tmp_path, small_study, monkeypatch):
    monkeypatch.setattr("artneuro.study.cluster.ANSWER", 1)
    with pytest.raises(RunError, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler answers there"):
        run_study(small_study(), tmp_path, workers=Crew(1, scheduler="tcp://127.0.0.1:9"))
