import errno
from collections import Counter

import pytest

import artneuro as an
from artneuro.errors import RunError
from artneuro.study.events import Failed, Finished, Looking, Remark, Retried, Started
from artneuro.study.executors import Executor, Outcome, Serial, Task
from artneuro.study.litters import cut
from artneuro.study.pace import Pace
from artneuro.study.plan import plan_study
from artneuro.study.store import Store
from artneuro.study.tasks import Bench, RearLitter
from artneuro.study.work import Work, counts, survey


class Heard(list):
    """A listener that keeps what it hears."""

    def __call__(self, event):
        self.append(event)

    def names(self, kind):
        return [event.task for event in self if isinstance(event, kind)]

    def remarks(self):
        return [event.text for event in self if isinstance(event, Remark)]


class Mortal(Executor):
    """Does tasks at once, but its worker dies under those that are named, so many times each."""

    places = 1
    memory = None

    def __init__(self, bench, deaths):
        self.serial, self.deaths, self.queue = Serial(bench), Counter(deaths), []

    def submit(self, task: Task):
        self.queue.append(task)

    def wait(self, tell):
        task = self.queue.pop(0)
        if self.deaths[task.name]:
            self.deaths[task.name] -= 1
            return task, Outcome(0.1, error="its worker process ended (killed by SIGKILL)", died=True)
        self.serial.submit(task)
        return self.serial.wait(tell)

    def close(self):
        pass


@pytest.fixture
def heard():
    return Heard()


def begin(study, folder, heard, deaths=()):
    """Do what is left of a study in a folder; return the work."""
    plan = plan_study(study)
    bench = Bench(Store(folder), None, "cpu", 1, dict(plan.environments))
    found = survey(plan, bench, heard)
    growths = cut(found.to_rear, plan.beginnings, 1, dict.fromkeys((s.upbringing.key for s in found.to_rear), 10))
    work = Work(plan, bench, heard, Pace(counts(growths, found)))
    work.do(growths, found.to_measure, Mortal(bench, deaths))
    return work


def test_parts_are_measured_as_soon_as_their_subject_is_reared(small_study, tmp_path, heard):
    begin(small_study(), tmp_path, heard)
    assert heard.names(Finished) == [
        "rear slow-0 to slow-1 (2 subjects)",
        "Census of slow-0",
        "Census of slow-1",
        "rear fast-0 to fast-1 (2 subjects)",
        "Census of fast-0",
        "Census of fast-1",
    ]


def test_time_left_ends_at_nothing(small_study, tmp_path, heard):
    begin(small_study(), tmp_path, heard)
    left = [event.left for event in heard if isinstance(event, Finished)]
    assert left[0] is None
    assert None not in left[1:]  # the second arm grows up like the first
    assert left[-1] == 0


def test_what_is_done_is_not_done_again(small_study, tmp_path, heard):
    begin(small_study(), tmp_path, Heard())
    begin(small_study(), tmp_path, heard)
    assert heard == [Looking(subjects=4, parts=4)]


def test_what_is_missing_is_done(small_study, tmp_path, heard):
    work = begin(small_study(), tmp_path, Heard())
    work.bench.store.part(work.plan.parts[2].key).unlink()
    work.bench.store.discard_subject(work.plan.subjects[0].key)
    begin(small_study(), tmp_path, heard)
    assert heard.names(Started) == ["Census of fast-0", "rear slow-0"]  # its part is as it was: so are the weights


@pytest.mark.parametrize("name", ["weights-2.safetensors", "history.nc", "subject.json"])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_truncated_file_of_a_subject_is_named_and_it_alone_is_reared(small_study, tmp_path, heard, name, share):
    work = begin(small_study(), tmp_path, Heard())
    path = work.bench.store.subject(work.plan.subjects[3].key) / name
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    begin(small_study(), tmp_path, heard)
    assert heard.names(Started) == ["rear fast-1"]
    assert len(heard.remarks()) == 1
    assert str(path) in heard.remarks()[0]
    assert heard.remarks()[0].endswith("This run rears the subject again.")


def test_weights_of_another_are_told_from_its_own(small_study, tmp_path, heard):
    work = begin(small_study(), tmp_path, Heard())
    own, other = (work.bench.store.subject(work.plan.subjects[place].key) / "weights-2.safetensors" for place in (2, 3))
    own.write_bytes(other.read_bytes())
    begin(small_study(), tmp_path, heard)
    assert heard.names(Started) == ["rear fast-0"]
    assert "the weights are not those that were saved" in heard.remarks()[0]


def test_a_truncated_part_is_named_and_it_alone_is_measured(small_study, tmp_path, heard):
    work = begin(small_study(), tmp_path, Heard())
    path = work.bench.store.part(work.plan.parts[1].key)
    path.write_bytes(path.read_bytes()[:200])
    begin(small_study(), tmp_path, heard)
    assert heard.names(Started) == ["Census of slow-1"]
    assert str(path) in heard.remarks()[0]
    assert heard.remarks()[0].endswith("This run measures it again.")


def test_parts_of_other_weights_are_measured_again(small_study, tmp_path, heard):
    work = begin(small_study(), tmp_path, Heard())
    part = work.plan.parts[0]
    found = work.bench.store.find_part(part.key, work.bench.subject(part.subject).fingerprint)
    work.bench.store.write_part(part.key, found, "fingerprint of other weights")
    begin(small_study(), tmp_path, heard)
    assert heard.names(Started) == ["Census of slow-0"]


def test_a_part_of_another_subject_is_measured_again(small_study, tmp_path, heard):
    work = begin(small_study(), tmp_path, Heard())
    one, other = (work.bench.store.part(part.key) for part in work.plan.parts[:2])
    data = an.read(one)
    one.write_bytes(other.read_bytes())
    an.write(an.read(one).assign_attrs(weights=data.attrs["weights"]), one)  # as if it were of these weights
    begin(small_study(), tmp_path, heard)
    assert heard.names(Started) == ["Census of slow-0"]
    assert "of another part" in heard.remarks()[0]


def test_a_litter_that_dies_is_tried_as_two(small_study, tmp_path, heard):
    work = begin(small_study(), tmp_path, heard, {"rear fast-0 to fast-1 (2 subjects)": 1})
    assert work.failures == {}
    assert {"rear fast-0", "rear fast-1"} <= set(heard.names(Finished))
    (retried,) = [event for event in heard if isinstance(event, Retried)]
    assert "tried again as two smaller litters" in retried.reason
    assert retried.more == 1


def test_nothing_is_begun_where_nothing_can_be_written(small_study, tmp_path, heard, monkeypatch):
    def full(self, bench, tell):
        raise OSError(errno.ENOSPC, "No space left on device", "weights.safetensors")

    monkeypatch.setattr(RearLitter, "do", full)
    with pytest.raises(RunError, match=r"weights\.safetensors: No space left on device\. Free some space"):
        begin(small_study(), tmp_path, heard)
    assert heard.names(Started) == ["rear slow-0 to slow-1 (2 subjects)"]


def test_a_part_that_dies_is_tried_once_more(small_study, tmp_path, heard):
    work = begin(small_study(), tmp_path, heard, {"Census of slow-0": 1})
    assert work.failures == {}
    assert heard.names(Started).count("Census of slow-0") == 2
    assert heard.names(Finished).count("Census of slow-0") == 1
    (retried,) = [event for event in heard if isinstance(event, Retried)]
    assert retried.task == "Census of slow-0"
    assert "tried once more" in retried.reason


def test_what_dies_twice_fails_and_the_rest_goes_on(small_study, tmp_path, heard):
    deaths = {"rear slow-0 to slow-1 (2 subjects)": 1, "rear slow-1": 2}
    work = begin(small_study(), tmp_path, heard, deaths)
    assert list(work.failures) == ["rear slow-1"]
    assert heard.names(Failed) == ["rear slow-1"]
    assert set(heard.names(Finished)) >= {"Census of slow-0", "Census of fast-0", "Census of fast-1"}


def test_a_mistake_in_a_protocol_fails_its_own_part(small_study, tmp_path, heard, tasks_done):
    work = begin(small_study(protocols=[{"Census": {"breaks": "fast-0"}}]), tmp_path, heard)
    assert work.failures == {"Census of fast-0": "ZeroDivisionError: a mistake in a protocol"}
    assert len(tasks_done(tmp_path)) == 5
    assert "a mistake in a protocol" in (tmp_path / "log.jsonl").read_text()
