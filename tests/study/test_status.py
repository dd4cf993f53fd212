"""How far a run is, asked while it works, and of folders in every state that machines and people leave them in."""

import json
import os
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from artneuro.errors import RunError
from artneuro.study.events import Finished, Progressed, Started
from artneuro.study.execution import run_study
from artneuro.study.holder import Holder
from artneuro.study.lock import LINE, locked
from artneuro.study.status import Tally, status
from artneuro.study.store import Store


def snapshot(folder):
    """Everything in a folder, with times: any writing shows."""
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in [folder, *folder.rglob("*")]}


def test_while_it_works_and_afterwards(small_study, tmp_path):
    """From inside, at every event: the counts add up, nothing is written, and the run is not hindered."""
    seen = []

    def look(event):
        if isinstance(event, Started | Progressed | Finished):
            before = snapshot(tmp_path)
            seen.append((event, status(tmp_path)))
            assert snapshot(tmp_path) == before

    run_study(small_study(), tmp_path, listen=look)
    for event, found in seen:
        assert (found.study, found.state, found.alive, found.process) == ("small", "running", True, os.getpid())
        assert [sum(attrs.astuple(tally)) for tally in found.kinds.values()] == [4, 4]  # subjects, parts of Census
        assert [one.task for one in found.running] == ([] if isinstance(event, Finished) else [event.task])
    first, last = seen[0][1], seen[-1][1]
    assert first.kinds == {"subjects": Tally(0, 2, 0, 0, 2), "Census": Tally(0, 0, 0, 0, 4)}
    assert (first.left, first.memory) == (None, 0)
    assert last.kinds == {"subjects": Tally(4, 0, 0, 0, 0), "Census": Tally(4, 0, 0, 0, 0)}
    assert last.left == pytest.approx(0, abs=0.05)  # as the log rounds it
    assert last.memory > 50 * 2**20  # Python with torch
    over = status(tmp_path)
    assert (over.state, over.running, over.left, over.trouble) == ("done", (), None, "")


def test_what_was_done_before_counts(small_study, small_cohort, tmp_path):
    run_study(small_study(), tmp_path)
    run_study(small_study(cohort={**small_cohort(), "n": 3}), tmp_path)
    assert status(tmp_path).kinds == {"subjects": Tally(6, 0, 0, 0, 0), "Census": Tally(6, 0, 0, 0, 0)}
    assert [line["kinds"]["Census"] for line in Store(tmp_path).logged() if line["event"] == "run begun"] == [
        {"done": 0, "to_do": 4},
        {"done": 4, "to_do": 2},
    ]


def test_failures_and_what_falls_away_are_counted_and_told(small_study, small_cohort, tmp_path):
    wild = {"rearing": {"epochs": 2, "batch": 64, "optimizer": {"sgd": {"lr": 1e20}}}}
    study = small_study(
        cohort=small_cohort(arms={"tame": [], "wild": wild}), protocols=[{"Census": {"breaks": "tame-1"}}]
    )
    with pytest.raises(RunError):
        run_study(study, tmp_path)
    found = status(tmp_path)
    assert found.state == "failed"
    assert found.kinds == {"subjects": Tally(4, 0, 0, 0, 0), "Census": Tally(1, 0, 1, 2, 0)}
    assert "diverged" in found.trouble
    (failed,) = (line for line in Store(tmp_path).logged() if line["event"] == "failed")
    assert "ZeroDivisionError: a mistake in a protocol" in failed["error"]


def written(folder, lines, who=None, study="small"):
    """Make a run folder by hand."""
    folder.mkdir(exist_ok=True)
    (folder / "plan.json").write_text(json.dumps({"study": study}))
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "log.jsonl").write_text("".join(f"{text}\n" for text in texts))
    if who is not None:
        (folder / ".lock").write_text(who.line())
    return folder


def ago(seconds):
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


DEAD = Holder(2**22 + 1, Holder.here().host)  # a number that Linux gives to no process
HERE = Holder.here()
KINDS = {"subjects": {"done": 1, "to_do": 10}, "Census": {"done": 0, "to_do": 10}}


def half_way(who):
    litter = {"task": "rear a", "kind": "subjects"}
    return [
        {"event": "run begun", "time": ago(100), "process": who.process, "kinds": KINDS},
        {"event": "started", "time": ago(100), "count": 4, **litter},
        {"event": "done", "time": ago(70), "count": 4, "left": 100.0, "peak_memory_mb": 800, **litter},
        {"event": "gathered", "time": ago(70), "workers": 2, "dashboard": "http://10.0.0.1:8787/status"},
        {"event": "started", "time": ago(60), "task": "rear b", "kind": "subjects", "count": 3},
        {"event": "epochs", "time": ago(30), "task": "rear b", "epoch": 3, "epochs": 9},
        {"event": "retried", "time": ago(20), "task": "rear c", "kind": "subjects", "count": 2, "error": "it died"},
    ]


@pytest.mark.parametrize(
    ("who", "state", "left"),
    [
        (HERE, "running", 30),
        (DEAD, "killed", None),
        (attrs.evolve(DEAD, host="elsewhere"), "elsewhere", 30),
        (None, "killed", None),
    ],
)
def test_a_run_that_has_not_ended_runs_or_was_killed(tmp_path, who, state, left):
    found = status(written(tmp_path, half_way(who or DEAD), who))
    assert found.state == state
    assert found.kinds["subjects"] == Tally(5, 3, 0, 0, 3)
    assert found.left == (None if left is None else pytest.approx(left, abs=3))
    (running,) = found.running
    assert (running.task, running.epoch, running.epochs) == ("rear b", 3, 9)
    assert running.seconds == pytest.approx(60, abs=3)
    assert found.trouble == "rear c: it died"
    assert found.dashboard == ("http://10.0.0.1:8787/status" if left else "")
    assert found.memory == 800 * 2**20


def test_a_folder_that_another_process_has_just_taken_up(tmp_path):
    assert status(written(tmp_path, half_way(DEAD), HERE)).state == "beginning"
    with locked(tmp_path / "new"):
        assert status(tmp_path / "new").state == "beginning"


def test_the_log_may_be_damaged_or_made_up(tmp_path):
    hostile = [
        "[" * 100_000,
        "x" * 3_000_000,
        '{"event": 3}',
        '{"event": "done", "task": ["a"], "kind": {"a": 1}, "count": 1e400, "peak_memory_mb": -5, "left": "soon"}',
        '{"event": "started", "task": "rear b", "kind": null, "count": true, "time": "yesterday"}',
        '{"event": "epochs", "task": "rear b", "epoch": "x", "epochs": NaN}',
        '{"event": "run begun", "kinds": {"subjects": [1], "Census": {"done": -4, "to_do": "9"}}, "time": 7}',
        '{"event": "remark", "text": {"a": 1}}',
        '{"event": "remark", "te',
    ]
    found = status(written(tmp_path, [*half_way(DEAD), *hostile], DEAD))
    assert found.kinds == {"Census": Tally(0, 0, 0, 0, 0)}
    (tmp_path / "plan.json").write_text("[" * 100_000)
    (tmp_path / ".lock").write_bytes(b"\xff" * 3 * LINE)
    assert (status(tmp_path).study, status(tmp_path).process) == ("", 0)


def test_the_folder_of_a_search_is_told_apart(tmp_path):
    (tmp_path / "tune.json").write_text("{}")
    with pytest.raises(RunError, match="a search of hyper-parameters lies here, and no run of a study"):
        status(tmp_path)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("a file")])
def test_where_no_run_lies_it_is_said(tmp_path, make):
    make(tmp_path / "run")
    with pytest.raises(RunError, match=r"run: no run of a study lies here. `artneuro run FILE --out .*run` begins one"):
        status(tmp_path / "run")
