"""Killed at random moments, fifty times and more, a study ends with the result files of an undisturbed run.

Runs are forked from a process that has imported everything, and so are their workers: starting Python takes longer than
the study. `test_resume.py` has the same with workers that start anew.
"""

import os
import random
import signal
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells which processes are of a group"),
]

DECLARED = {
    "protocols": [{"Census": {"noise": 0.5}}, {"Census": {"noise": 0.5}, "as": "Followed", "ages": {"every": 1}}],
    "hypotheses": {"L1": {"claim": "slow < fast", "of": "Census.accuracy"}},
    "analyses": [{"pairwise": {"of": "Census.accuracy", "between": "arm"}}],
    "figures": [{"strip": {"of": "Census.accuracy"}}],
}

NURSERY = '''
"""Forks a child for every line `workers folder`; it runs the study there, in a group of processes of its own."""
import multiprocessing, os, sys

sys.path.insert(0, sys.argv[1])
import lab
import torch
from artneuro.errors import RunError
from artneuro.study.declaration import load_study
from artneuro.study.execution import run_study

torch.set_num_threads(1)
context = multiprocessing.get_context
multiprocessing.get_context = lambda kind: context("fork")
print("ready", flush=True)
for line in sys.stdin:
    workers, folder = line.split(maxsplit=1)
    child = os.fork()
    if child == 0:
        os.setsid()
        try:
            run_study(load_study(sys.argv[2]), folder.strip(), workers=int(workers))
        except RunError as ended:
            os._exit(3 if "its worker process was killed by SIGKILL" in str(ended) else 1)  # twice, under one task
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
'''


def members(group):
    """The processes of a group that live."""
    for place in Path("/proc").iterdir():
        try:
            state, _, its_group = (place / "stat").read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(its_group) == group and state not in "ZX":
            yield int(place.name)


@pytest.mark.parametrize(("workers", "kills"), [(1, 30), (2, 30)])
def test_killed_at_random_moments_it_ends_with_the_same_results(
    nursery, undisturbed, result_files, tmp_path, workers, kills
):
    chance = random.Random(workers)
    killed = whole = 0
    while killed < kills or whole < 3:
        folder = tmp_path / str(whole)
        nursery.stdin.write(f"{workers} {folder}\n")
        nursery.stdin.flush()
        run = int(nursery.stdout.readline())
        time.sleep(chance.uniform(0.05, 1.2))
        living = sorted(members(run)) if killed < kills * (whole + 1) / 3 else []
        if living:
            os.kill(chance.choice(living), signal.SIGKILL)  # the run itself, or one of its workers
            killed += 1
        status = int(nursery.stdout.readline())
        assert status in ((0, 3, -signal.SIGKILL) if workers > 1 else (0, -signal.SIGKILL))
        patience = time.monotonic() + 30
        while any(members(run)):
            assert time.monotonic() < patience, "a worker outlived its run"
            time.sleep(0.01)
        if status == 0:
            assert result_files(folder) == undisturbed
            whole += 1
    assert killed >= kills
