"""What does a study cost beside its work, and what do two workers gain?

    python tests/benchmarks/bench_study.py overhead
    ARTNEURO_DATA=... python tests/benchmarks/bench_study.py workers
    ARTNEURO_DATA=... python tests/benchmarks/bench_study.py hundred

`overhead`: one small measurement on each of a thousand subjects of four units: first bare, reared as one litter and
measured one after the other in this process, without any file; then as a study, under each executor. Columns: the
time over the number of subjects, planning, joining and the start of workers included; what of it is not the bare time,
shared by the workers; the processor time of all processes that have ended; and the time within the tasks that measure,
of which reading a subject and writing a part are overhead, too.

`workers`: a cohort of 16 `tran_cnn` on CIFAR-10 (2,000 stimuli, four epochs, lesions at one site), by one worker, by
two processes and by a Dask cluster of two.

`hundred`: 100 MNIST perceptrons 784-128-128-10, reared for five epochs on all 60,000 images, lesioned and analysed, by
two workers.

Result files must be the same in all lines of a table. Clock times need a machine that does nothing else.
"""

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from pathlib import Path

from artneuro.cohort import Cohort
from artneuro.fields import build
from artneuro.study.crew import Crew
from artneuro.study.execution import run_study
from artneuro.study.store import RUN_ITSELF
from artneuro.study.study import Study

CREWS = {"serial": Crew(), "processes": Crew(2), "dask": Crew(2, "dask")}


def processor() -> float:
    """Processor time of this process and of those it has waited for, in seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def results(folder: Path) -> dict[str, bytes]:
    """The result files of a run, but for histories, which hold times."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != "history.nc")
    names = {path.relative_to(folder): path for path in paths}
    return {str(name): path.read_bytes() for name, path in names.items() if name.parts[0] not in RUN_ITSELF}


def logged(folder: Path) -> list[dict]:
    """Tasks that are done, as the log has them."""
    lines = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    return [line for line in lines if line["event"] == "done"]


def timed(study: Study, crew: Crew, folder: Path, data_root: Path | None) -> dict[str, float]:
    """Run a study and return what it took."""
    shutil.rmtree(folder, ignore_errors=True)
    clock, used = time.perf_counter(), processor()
    run_study(study, folder, data_root, workers=crew)
    done = logged(folder)
    rearing = [line["seconds"] for line in done if line["task"].startswith("rear")]
    return {
        "clock": time.perf_counter() - clock,
        "processor": processor() - used,
        "tasks": len(done),
        "rearing": sum(rearing),
        "measuring": sum(line["seconds"] for line in done) - sum(rearing),
    }


def alone(study: Study) -> float:
    """Rear and measure the subjects of a study as one would by hand; return the seconds that it takes."""
    design, (entry,) = study.cohort, study.protocols
    environment = design.environment.load(None, "cpu")
    begun = time.perf_counter()
    naive = Cohort.of(anatomy=design.anatomy, environment=environment, rearing=design.rearing, n=design.n)
    for subject in naive.rear():
        entry.protocol.measure(subject)
    return time.perf_counter() - begun


def overhead(folder: Path, given: argparse.Namespace) -> None:
    """Print the time of a task that takes none."""
    cohort = {
        "n": given.tasks,
        "anatomy": {"mlp": {"widths": [4]}},
        "environment": {"digits": {"train_size": 60, "test_size": 20}},
        "rearing": {"epochs": 1, "batch": 60},
    }
    protocols = [{"LesionStudy": {"site": "hidden1", "repeats": 1, "fractions": 2}}]
    study = build(Study, {"study": "overhead", "question": "What is free?", "cohort": cohort, "protocols": protocols})
    print(f"{given.tasks} subjects; milliseconds a task")
    print(f"{'':10s} {'clock':>8s} {'overhead':>10s} {'processor':>10s} {'task':>8s}")
    bare = 1000 * alone(study) / given.tasks
    print(f"{'bare':10s} {bare:8.1f}", flush=True)
    found: dict[str, dict[str, bytes]] = {}
    for name, crew in CREWS.items():
        if given.only in name:
            took = timed(study, crew, folder / name, None)
            found[name] = results(folder / name)
            each = [1000 * took[key] / given.tasks for key in ("clock", "processor", "measuring")]
            over = each[0] - bare / crew.workers
            print(f"{name:10s} {each[0]:8.1f} {over:10.1f} {each[1]:10.1f} {each[2]:8.1f}", flush=True)
    assert all(files == next(iter(found.values())) for files in found.values())


def workers(folder: Path, given: argparse.Namespace) -> None:
    """Print what two workers gain."""
    cohort = {
        "n": 16,
        "anatomy": "tran_cnn",
        "environment": {"cifar10": {"train_size": 2000, "test_size": 1000}},
        "rearing": {"epochs": 4, "batch": 128, "optimizer": {"adam": {"lr": 0.0002}}},
    }
    protocols = [{"LesionStudy": {"site": "hidden1", "repeats": 2, "fractions": 11, "single": False}}]
    study = build(Study, {"study": "workers", "question": "Do two gain?", "cohort": cohort, "protocols": protocols})
    compare(study, folder, given)


def hundred(folder: Path, given: argparse.Namespace) -> None:
    """Print how long a hundred perceptrons take, from birth to verdict."""
    cohort = {
        "n": 50,
        "anatomy": {"mlp": {"widths": [128, 128]}},
        "environment": "mnist",
        "rearing": {"epochs": 5, "batch": 128, "optimizer": {"sgd": {"lr": 0.1, "momentum": 0.9}}},
        "arms": {"clean": [], "random": [{"LabelCorruption": {"fraction": 1.0}}]},
    }
    plain = {
        "study": "hundred",
        "question": "Do networks that memorise depend more on their units?",
        "cohort": cohort,
        "protocols": [{"LesionStudy": {"site": "hidden2", "repeats": 5, "fractions": 21}}],
        "analyses": [{"pairwise": {"of": "LesionStudy.auc", "between": "arm"}}],
        "hypotheses": {"L1": {"claim": "clean > random", "of": "LesionStudy.auc"}},
        "figures": [{"curve": {"of": "LesionStudy.accuracy", "x": "fraction", "hue": "arm"}}],
    }
    compare(build(Study, plain), folder, given)


def compare(study: Study, folder: Path, given: argparse.Namespace) -> None:
    """Print what a study takes under each executor, and how much faster it is than under the first."""
    print(f"seconds\n{'':10s} {'clock':>8s} {'faster':>8s} {'processor':>10s} {'rearing':>8s} {'measuring':>10s}")
    found, first = {}, 0.0
    for name, crew in CREWS.items():
        if given.only in name:
            took = timed(study, crew, folder / name, given.data_root)
            found[name] = results(folder / name)
            first = first or took["clock"]
            print(
                f"{name:10s} {took['clock']:8.1f} {first / took['clock']:8.2f} {took['processor']:10.1f}"
                f" {took['rearing']:8.1f} {took['measuring']:10.1f}",
                flush=True,
            )
    assert all(files == next(iter(found.values())) for files in found.values())


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=1000, help="subjects of `overhead`")
    parser.add_argument("--only", default="", help="executors whose name contains this")
    parser.add_argument("--data-root", type=Path, default=Path(os.environ.get("ARTNEURO_DATA", "data")))
    parser.add_argument("what", choices=["overhead", "workers", "hundred"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        {"overhead": overhead, "workers": workers, "hundred": hundred}[given.what](Path(folder), given)


if __name__ == "__main__":
    main()
