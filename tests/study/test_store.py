import json

import numpy as np
import pytest
import xarray as xr

from artneuro import identity, joining, records
from artneuro.errors import RecordError, RunError
from artneuro.labels import Label
from artneuro.study.store import Store, read_json, record_key


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "run")
    with store.claimed():
        store.write_json("plan.json", {"study": "small", "records": {}})
    return store


def part():
    return records.dataset({"accuracy": 0.5}, {"accuracy": Label("accuracy")}, {})


def test_half_written_files_of_a_killed_run_are_cleared(store):
    (store.folder / "parts").mkdir()
    (store.folder / "parts" / ".a.nc.x1y2.part").write_text("half")
    with store.claimed():
        assert not list((store.folder / "parts").iterdir())


@pytest.mark.parametrize("there", ["thesis.tex", "figures"])
def test_a_folder_that_is_not_a_run_is_left_alone(tmp_path, there):
    (tmp_path / there).mkdir()
    with pytest.raises(RunError, match=rf"holds '{there}' and no plan\.json"), Store(tmp_path).claimed():
        pytest.fail("claimed a folder of something else")
    assert [entry.name for entry in tmp_path.iterdir()] == [there]


def test_a_run_killed_before_its_plan_was_whole_can_be_taken_up(tmp_path):
    (tmp_path / ".lock").touch()
    (tmp_path / ".plan.json.abc.part").touch()
    with Store(tmp_path).claimed():
        assert [entry.name for entry in tmp_path.iterdir()] == [".lock"]


def test_a_full_disk_is_said_in_words(store):
    full = pytest.raises(RunError, match=r"part\.nc: No space left on device. What is done is kept; run again")
    with full, store.claimed():
        raise OSError(28, "No space left on device", "part.nc")


def test_a_listener_that_hung_up_is_not_the_disk(store):
    with pytest.raises(BrokenPipeError), store.claimed():
        raise BrokenPipeError(32, "Broken pipe")


def test_parts_go_with_the_weights_they_were_measured_on(store):
    assert store.find_part("k", "abc") is None
    store.write_part("k", part(), "abc")
    found = store.find_part("k", "abc")
    assert found is not None
    assert float(found.accuracy) == 0.5
    with pytest.raises(RecordError, match=r"k\.nc: measured on other weights"):
        store.find_part("k", "def")


def test_a_truncated_part_is_named(store):
    store.write_part("k", part(), "abc")
    path = store.part("k")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RecordError, match=r"parts/k\.nc"):
        store.find_part("k", "abc")


def test_records_are_those_of_the_plan(store):
    kept = joining.of_subjects([part()], {"subject": ["a-0"], "arm": ["a"], "seed": [0], "diverged": [-1]})
    plan = {"records": {"Census": {"parts": {"a-0": ["k"]}}, "NotYet": {}}}
    for name in ("Census", "Former"):
        records.write(kept.assign_attrs(key=record_key(plan, "Census")), store.record(name))
    store.write_json("plan.json", plan)
    assert list(store.records()) == ["Census"]
    store.write_json("plan.json", {"records": {"Census": {"parts": {"a-0": ["l"]}}}})
    with pytest.raises(RecordError, match=r"Census\.nc: not joined from what is planned here\. Run again"):
        store.records()


def test_labels_of_a_subject_follow_the_declaration(store):
    path = store.subject("k") / "subject.json"
    identity.write({"arm": "old", "environment": {"source": {"digits": {}}, "fingerprint": "f"}}, path.parent)
    store.label_subject("k", "new", {"digits": {"held_out": 1}})
    now = {"arm": "new", "environment": {"source": {"digits": {"held_out": 1}}, "fingerprint": "f"}}
    assert identity.read(path.parent) == now
    before = path.stat().st_mtime_ns
    store.label_subject("k", "new", {"digits": {"held_out": 1}})
    assert path.stat().st_mtime_ns == before


def test_a_discarded_subject_is_gone(store):
    (store.subject("k")).mkdir(parents=True)
    (store.subject("k") / "subject.json").write_text("{}")
    store.discard_subject("k")
    store.discard_subject("k")
    assert not store.subject("k").exists()


def test_json_has_no_word_for_what_is_not_finite(store):
    store.write_json("verdicts.json", [{"effect": float("nan"), "n": 3, "range": (float("inf"), 1.5)}])
    assert read_json(store.folder / "verdicts.json") == [{"effect": None, "n": 3, "range": [None, 1.5]}]


def test_an_index_takes_back_its_own_files_only(store):
    folder = store.folder / "figures"
    folder.mkdir()
    for name in ("01-box.svg", "02-curve.svg", "mine.svg"):
        (folder / name).write_text(name)
    files = lambda entry: [entry["svg"]]  # noqa: E731
    store.write_index("figures/figures.json", [{"svg": "01-box.svg"}, {"svg": "02-curve.svg"}], files)
    store.write_index("figures/figures.json", [{"svg": "01-box.svg"}], files)
    assert sorted(path.name for path in folder.iterdir()) == ["01-box.svg", "figures.json", "mine.svg"]


def test_an_index_that_was_tampered_with_reaches_no_other_folder(store):
    (store.folder / "figures").mkdir()
    store.write_json("figures/figures.json", [{"svg": "../plan.json"}])
    store.write_index("figures/figures.json", [], lambda entry: [entry["svg"]])
    assert (store.folder / "plan.json").exists()


def test_the_log_has_a_line_an_event(store):
    store.log("done", {"task": "rear a-0"})
    store.log("run done", {})
    lines = [json.loads(line) for line in (store.folder / "log.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["done", "run done"]
    assert lines[0]["task"] == "rear a-0"
    assert lines[0]["time"].endswith("+00:00")


def test_a_damaged_json_file_is_named(store):
    (store.folder / "plan.json").write_text('{"study": ')
    with pytest.raises(RecordError, match=r"plan\.json: not a readable file"):
        store.plan()


def test_a_record_round_trips_with_missing_values(store):
    data = joining.of_subjects([part()], {"subject": ["a-0"], "arm": ["a"], "seed": [0], "diverged": [-1]})
    data["accuracy"] = data.accuracy.where(False)
    data.accuracy.attrs = part().accuracy.attrs
    plan = {"records": {"Census": {}}}
    store.write_json("plan.json", plan)
    records.write(data.assign_attrs(key=record_key(plan, "Census")), store.record("Census"))
    again = store.records()["Census"]
    assert isinstance(again, xr.Dataset)
    assert np.isnan(again.accuracy.item())


def test_a_date_that_is_none_makes_a_damaged_plan(store):
    """It would be carried on for ever, and each verdict called one that came after the data."""
    store.write_json("plan.json", {"hypotheses": {"L1": {"key": "k", "declared": "bdfore"}}})
    with pytest.raises(RecordError, match=r"plan\.json: not a plan as a run writes it"):
        store.plan()
