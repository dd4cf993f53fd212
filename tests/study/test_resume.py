"""Killed while files appear and run again, a study ends with the result files of an undisturbed run.

`test_kills.py` kills at random moments.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from artneuro.study.execution import run_study

DECLARED = {
    "protocols": [
        {"Census": {"noise": 0.5}},
        {"Census": {"noise": 0.5}, "as": "Followed", "ages": {"every": 1}},
        {"DeprivationStudy": {"deficits": {"flip": {"VerticalFlip": {}}}, "removals": [1, 2]}},
    ],
    "hypotheses": {"L1": {"claim": "slow < fast", "of": "Census.accuracy"}},
    "analyses": [{"pairwise": {"of": "Census.accuracy", "between": "arm"}}],
    "figures": [{"strip": {"of": "Census.accuracy", "marks": "pairwise"}}],
}

NURSERY = '''
"""Forks a child for every line `at folder`; it runs the study there, and kills itself in its `at`-th rename."""
import os, signal, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
import lab
import torch
from artneuro.study.declaration import load_study
from artneuro.study.execution import run_study

torch.set_num_threads(1)
renamed = 0
replace = Path.replace

def dying(at):
    def counted(self, target):
        global renamed
        renamed += 1
        if renamed == at and at % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(self, target)
        if renamed == at:
            os.kill(os.getpid(), signal.SIGKILL)
    return counted

print("ready", flush=True)
for line in sys.stdin:
    at, folder = line.split(maxsplit=1)
    child = os.fork()
    if child == 0:
        Path.replace = dying(int(at))
        run_study(load_study(sys.argv[2]), folder.strip())
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
'''


def begin(nursery, folder, at=0):
    """Begin a run that kills itself in its `at`-th rename; return the process."""
    nursery.stdin.write(f"{at} {folder}\n")
    nursery.stdin.flush()
    return int(nursery.stdout.readline())


def ended(nursery):
    return int(nursery.stdout.readline())


def test_the_results_are_all_there_to_be_compared(undisturbed):
    kinds = {Path(name).parts[0] for name in undisturbed}
    assert kinds >= {
        "study.yaml",
        "plan.json",
        "subjects",
        "parts",
        "records",
        "statistics",
        "figures",
        "hypotheses.json",
    }
    assert (
        sum(name.endswith(".safetensors") for name in undisturbed) == 4 + 8
    )  # two more twins of each subject; nothing tracked is left
    assert {Path(name).suffix for name in undisturbed} == {
        ".yaml",
        ".json",
        ".nc",
        ".safetensors",
        ".csv",
        ".svg",
        ".png",
    }


def test_killed_while_files_appear_it_ends_with_the_same_results(nursery, undisturbed, result_files, tmp_path):
    """Before and after renames in turn, from the first file to the last."""
    deaths = 0
    for at in range(1, 220, 6):
        begin(nursery, tmp_path, at)
        if (status := ended(nursery)) == 0:
            break
        assert status == -signal.SIGKILL
        deaths += 1
    assert status == 0
    assert deaths >= 5
    assert result_files(tmp_path) == undisturbed


@pytest.mark.slow
def test_two_workers_give_the_same_results_as_one(small_study, undisturbed, result_files, tmp_path):
    assert result_files(run_study(small_study(**DECLARED), tmp_path, workers=2)) == undisturbed


@pytest.mark.slow
def test_a_run_killed_with_its_workers_ends_with_the_same_results(
    lab_folder, declaration, undisturbed, result_files, tmp_path
):
    script = tmp_path / "run.py"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(lab_folder)!r})\n"
        "import lab\n"
        "from artneuro.study.declaration import load_study\n"
        "from artneuro.study.execution import run_study\n"
        "if __name__ == '__main__':\n"
        f"    run_study(load_study({str(declaration)!r}), sys.argv[1], workers=2)\n"
    )
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    folder = tmp_path / "run"
    for awaited in ("log.jsonl", "records"):  # the first task is done; all tasks are done
        process = subprocess.Popen([sys.executable, str(script), str(folder)], env=here)
        while process.poll() is None and not (folder / awaited).exists():
            time.sleep(0.01)
        process.kill()
        process.wait()
    subprocess.run([sys.executable, str(script), str(folder)], env=here, check=True)
    assert result_files(folder) == undisturbed
