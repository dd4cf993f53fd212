"""A study file that uses every part of one; and a laboratory in which a whole study takes a second."""

import hashlib
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from artneuro import records
from artneuro.fields import build
from artneuro.study import document
from artneuro.study.execution import run_study
from artneuro.study.store import RUN_ITSELF
from artneuro.study.study import Study

STUDY = """\
study: memory
question: Do networks that memorise depend more on their units?
source: "Morcos et al. 2018: arXiv 1803.06959"
cohort:
  n: 4
  anatomy: {mlp: {widths: [16, 8]}}
  environment: {digits: {}}
  rearing: {epochs: 6, batch: 64, optimizer: {sgd: {lr: 1e-1, momentum: 0.9}}, keep: [2]}
  arms:
    clean: []
    half: [{LabelCorruption: {fraction: 0.5}}]
    long: {interventions: [{LabelCorruption: {fraction: 1.0}}], rearing: {epochs: 9, keep: [2]}}
protocols:
  - LesionStudy: {site: hidden2, order: random, repeats: 10, fractions: 21}
  - LesionStudy: {site: hidden1}
    as: early
    arms: [clean, half]
    ages: [2]
analyses:
  - anova: {of: LesionStudy.auc, between: arm, posthoc: tukey, average: [site, order, clamp]}
hypotheses:
  L1: {claim: "clean > half > long", of: LesionStudy.auc}
figures:
  - curve: {of: LesionStudy.accuracy, x: fraction, hue: arm}
  - learning_curve: {}
profiles:
  smoke: {cohort: {n: 3, rearing: {epochs: 5}}, protocols: {LesionStudy: {repeats: 2}}}
  none:
"""


@pytest.fixture
def text() -> str:
    """The study file."""
    return STUDY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where it lies."""
    path = tmp_path / "memory.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path


LAB = '''
"""Members of families for tests, in a module that worker processes can import."""

import os
import signal
import threading
from pathlib import Path
from typing import ClassVar, final

import torch

from artneuro import records
from artneuro.errors import Problem
from artneuro.fields import define_spec, param
from artneuro.labels import Label
from artneuro.protocols.protocol import Assay
from artneuro.registry import register


@final
@register("Census")
@define_spec
class Census(Assay):
    """Accuracy on the test stimuli with noise on them, and what must go wrong."""

    noise: float = param(0.0, doc="standard deviation of the noise")
    site: str = param("hidden1", doc="a site that subjects must have")
    breaks: str = param("", doc="id of the subject on which it raises")
    dies: str = param("", doc="file that is made when it first kills its own process")
    hangs: str = param("", doc="id of the subject on which it waits for what never comes")

    outputs: ClassVar = {
        "accuracy": Label("accuracy on test stimuli", "1"),
        "class_accuracy": Label("accuracy by class", "1", ("class",)),
    }

    def refusals(self, subject):
        if self.site not in subject.sites():
            yield Problem("site", "a site of the anatomy", repr(self.site))

    def _measure(self, subject, rng):
        if self.dies:
            try:
                Path(self.dies).touch(exist_ok=False)  # by one worker, where two come at once
                os.kill(os.getpid(), signal.SIGKILL)
            except FileExistsError:
                pass
        if self.hangs == subject.id:
            threading.Event().wait(600)
        if self.breaks == subject.id:
            raise ZeroDivisionError("a mistake in a protocol")
        environment = subject.environment
        seen = environment.present(environment.test.images)
        seen = seen + self.noise * torch.randn(seen.shape, generator=rng.child("noise").torch())
        with torch.no_grad():
            right = (subject.model()(seen).argmax(1) == environment.test.targets).float()
        classes = range(len(environment.classes))
        by_class = [float(right[environment.test.targets == each].mean()) for each in classes]
        values = {"accuracy": float(right.mean()), "class_accuracy": by_class}
        return records.dataset(values, self.outputs, {"class": list(environment.classes)})
'''


@pytest.fixture(scope="session")
def lab_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the module `lab`, on the path of this process and so of its workers."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "lab.py").write_text(LAB, encoding="utf-8")
    sys.path.insert(0, str(folder))
    importlib.import_module("lab")
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def small_cohort() -> Callable[..., dict[str, Any]]:
    """A function that returns a small cohort as plain data; keywords replace its keys."""

    def cohort(**changes: Any) -> dict[str, Any]:
        return {
            "n": 2,
            "anatomy": {"mlp": {"widths": [8]}},
            "environment": {"digits": {}},
            "rearing": {"epochs": 2, "batch": 256, "optimizer": {"sgd": {"lr": 0.1}}},
            "arms": {"slow": {"rearing": {"epochs": 1, "batch": 256}}, "fast": []},
            **changes,
        }

    return cohort


@pytest.fixture(scope="session")
def small_study(lab_folder: Path, small_cohort: Callable[..., dict[str, Any]]) -> Callable[..., Study]:
    """A function that declares a study which takes a second; keywords replace its keys."""

    def declare(**changes: Any) -> Study:
        plain = {
            "study": "small",
            "question": "Does noise make a difference?",
            "cohort": small_cohort(),
            "protocols": [{"Census": {"noise": 0.5}}],
        }
        return build(Study, {**plain, **changes})

    return declare


@pytest.fixture(scope="session")
def tasks_done() -> Callable[[Path], list[str]]:
    """A function that lists the tasks which the log of a run folder has as done, in order."""

    def listed(folder: Path) -> list[str]:
        lines = map(json.loads, (folder / "log.jsonl").read_text(encoding="utf-8").splitlines())
        return [line["task"] for line in lines if line["event"] == "done"]

    return listed


@pytest.fixture(scope="session")
def result_files() -> Callable[[Path], dict[str, str]]:
    """A function that returns the digest of every result file by its path within the run folder.

    Digests, so that where two runs differ the test names the files and prints no pages of bytes.
    """

    def found_in(folder: Path) -> dict[str, str]:
        found = {}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_dir() or name.parts[0] in RUN_ITSELF:
                continue
            if name.name == "history.nc":  # all of it but the wall time
                history = records.read(path).drop_vars("wall_time")
                held = json.dumps(history.to_dict(), default=str).encode()
            else:
                held = path.read_bytes()
            found[str(name)] = hashlib.sha256(held).hexdigest()
        return found

    return found_in


@pytest.fixture(scope="module")
def declaration(request: pytest.FixtureRequest, small_study: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study file of what a module calls DECLARED."""
    path = tmp_path_factory.mktemp("study") / "small.yaml"
    path.write_text(document.dump(small_study(**request.module.DECLARED).plain()))
    return path


@pytest.fixture(scope="module")
def undisturbed(
    request: pytest.FixtureRequest, small_study: Any, result_files: Any, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """The result files of that study where nothing comes between."""
    return result_files(
        run_study(small_study(**request.module.DECLARED), tmp_path_factory.mktemp("undisturbed") / "run")
    )


@pytest.fixture(scope="module")
def nursery(request: pytest.FixtureRequest, lab_folder: Any, declaration: Path) -> Iterator[subprocess.Popen[str]]:
    """A process, whose program a module calls NURSERY, that has imported everything and forks the runs to be killed."""
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    # forking a process that has threads is a DeprecationWarning of later Pythons
    quiet = ["-W", "ignore::DeprecationWarning"]
    arguments = [sys.executable, *quiet, "-c", request.module.NURSERY, str(lab_folder), str(declaration)]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=here)
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.stdin.close()
    process.wait()
    process.stdout.close()
