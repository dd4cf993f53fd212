"""Ages that are tracked: the record of kept ages, with nothing left behind."""

import json
import shutil

import pytest

from artneuro import records
from artneuro.errors import RunError, SpecificationError
from artneuro.study.events import Finished, Remark, Started
from artneuro.study.execution import run_study
from artneuro.study.forecast import forecast
from artneuro.study.memory import sharing, subject_bytes, weight_bytes
from artneuro.study.plan import plan_study

ARMS = {  # alike for two epochs
    "short": [{"VerticalFlip": {"window": {"offset": 2}}}],
    "long": [{"VerticalFlip": {"window": {"offset": 3}}}],
}
ALONE = {"long": ARMS["long"]}
TRACKED, KEPT, EPOCHS = {"every": 3, "at": [1]}, [0, 1, 3], 4


def begun(heard):
    return [event.task for event in heard if isinstance(event, Started)]


def remarks(heard):
    return [event.text for event in heard if isinstance(event, Remark)]


class KilledError(BaseException):
    """Ends a run where it stands, as a kill would."""


def kill_after(task):
    def hear(event):
        if isinstance(event, Finished) and task in event.task:
            raise KilledError

    return hear


@pytest.fixture(scope="module")
def study(small_study, small_cohort):
    """A function that declares a study which tracks its subjects; keywords replace keys of the rearing."""

    def declare(ages=TRACKED, protocols=None, arms=ARMS, n=1, **changes):
        optimizer = {"sgd": {"lr": 0.1, "momentum": 0.9}}
        rearing = {"epochs": EPOCHS, "batch": 256, "optimizer": optimizer, **changes}
        entry = {"Census": {"noise": 0.5}, "ages": ages}
        return small_study(cohort=small_cohort(n=n, rearing=rearing, arms=arms), protocols=protocols or [entry])

    return declare


@pytest.fixture(scope="module")
def undisturbed(study, tmp_path_factory):
    return run_study(study(), tmp_path_factory.mktemp("undisturbed") / "run")


def census(folder, name="Census"):
    """What a record holds, but for the key of its plan, in bytes."""
    record = records.read(folder / "records" / f"{name}.nc")
    return records.digest(record.assign_attrs(key=""))


def test_the_record_is_that_of_kept_ages_and_nothing_is_left(study, undisturbed, tmp_path):
    kept = run_study(study(ages="kept", keep=KEPT), tmp_path / "kept")
    assert census(undisturbed) == census(kept)
    assert census(undisturbed, "History") != b""
    assert records.read(kept / "records" / "Census.nc").epoch.values.tolist() == [*KEPT, EPOCHS]
    weights = {path.name for path in undisturbed.glob("**/*.safetensors")}
    assert weights == {f"weights-{EPOCHS}.safetensors"}
    assert not {"tracked", "beginnings"} & {path.name for path in undisturbed.iterdir()}


def test_by_itself_or_beside_others_a_subject_is_tracked_alike(study, undisturbed, tmp_path):
    alone = run_study(study(arms=ALONE), tmp_path)
    apart, among = (records.read(folder / "records" / "Census.nc") for folder in (alone, undisturbed))
    assert apart.accuracy.values.tolist() == among.accuracy.sel(subject=apart.subject).values.tolist()


def test_weights_go_when_the_last_measurement_on_them_is_written(study, tmp_path):
    protocols = [
        {"Census": {"noise": 0.5}, "ages": {"at": [1, 3]}},
        {"Census": {"noise": 0.1}, "as": "Again", "ages": {"at": [3]}},
    ]
    lying = {}

    def look(event):
        if isinstance(event, Finished):
            found = (tmp_path / "tracked").glob("*/weights-*.safetensors")
            lying[event.task] = sorted(path.name for path in found)

    run_study(study(protocols=protocols, arms=ALONE), tmp_path, listen=look)
    one, three = (f"weights-{age}.safetensors" for age in (1, 3))
    assert lying == {
        "rear long-0": [one, three],
        "Census of long-0 at 1": [three],
        "Census of long-0 at 3": [three],
        "Again of long-0 at 3": [],
    }


@pytest.mark.parametrize("task", ["up to epoch", "rear long", "Census of long-0 at 0", "Census of short-0 at 4"])
def test_killed_it_goes_on_without_rearing_again(study, undisturbed, tmp_path, tasks_done, task):
    with pytest.raises(KilledError):
        run_study(study(), tmp_path, listen=kill_after(task))
    heard = []
    before = tasks_done(tmp_path)
    run_study(study(), tmp_path, listen=heard.append)
    assert remarks(heard) == []
    assert not set(before) & {task for task in begun(heard) if "up to" not in task}
    assert census(tmp_path) == census(undisturbed)
    assert not (tmp_path / "tracked").exists()


def test_run_again_there_is_nothing_to_do(study, undisturbed):
    heard = []
    run_study(study(), undisturbed, listen=heard.append)
    assert begun(heard) == remarks(heard) == []


def test_subjects_that_are_first_tracked_later_are_reared_again_and_said_so(study, undisturbed, tmp_path):
    run_study(study(ages=None), tmp_path)
    subject = {path: path.read_bytes() for path in tmp_path.glob("subjects/*/weights-4.safetensors")}
    heard = []
    run_study(study(), tmp_path, listen=heard.append)
    assert remarks(heard)[0] == (
        "short-0 is to be measured at 0, 1, 3, and its weights of that time are not kept. "
        "This run rears the subject again."
    )
    assert census(tmp_path) == census(undisturbed)
    assert {path: path.read_bytes() for path in subject} == subject


@pytest.mark.parametrize("lost", ["gone", "damaged"])
def test_weights_lost_before_they_are_measured_are_made_again(study, undisturbed, tmp_path, lost):
    with pytest.raises(KilledError):
        run_study(study(), tmp_path, listen=kill_after("Census of short-0 at 0"))
    path = min(tmp_path.glob("tracked/*/weights-1.safetensors"))
    if lost == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-9])
    heard = []
    run_study(study(), tmp_path, listen=heard.append)
    (remark,) = remarks(heard)
    assert "is to be measured at 1, and its weights of that time are not kept" in remark
    assert census(tmp_path) == census(undisturbed)


def test_a_damaged_part_is_measured_again_on_a_subject_reared_again(study, undisturbed, tmp_path):
    folder = shutil.copytree(undisturbed, tmp_path / "run")
    parts = json.loads((folder / "plan.json").read_text())["records"]["Census"]["parts"]["long-0"]
    path = folder / "parts" / f"{next(part['key'] for part in parts if part['age'] == 3)}.nc"
    path.write_bytes(path.read_bytes()[:200])
    heard = []
    run_study(study(), folder, listen=heard.append)
    assert begun(heard) == ["rear long-0", "Census of long-0 at 3"]
    assert census(folder) == census(undisturbed)
    assert not (folder / "tracked").exists()


def test_what_failed_can_be_tried_again_without_rearing(study, tmp_path):
    protocols = [{"Census": {"breaks": "long-0"}, "ages": TRACKED}]
    for reared in (["rear long-0"], []):
        heard = []
        with pytest.raises(RunError, match="4 tasks failed"):
            run_study(study(protocols=protocols, arms=ALONE), tmp_path, listen=heard.append)
        assert [task for task in begun(heard) if task.startswith("rear")] == reared


def test_subjects_that_stop_early_have_no_number_later(study, tmp_path):
    arms = {"stops": [{"EarlyStop": {"patience": 1, "margin": 10.0}}], "on": []}
    record = records.read(run_study(study(arms=arms), tmp_path / "tracked-run") / "records" / "Census.nc")
    kept = run_study(study(arms=arms, ages="kept", keep=KEPT), tmp_path / "kept")
    assert census(tmp_path / "tracked-run") == census(kept)
    assert "its rearing ended at 2" in record.attrs["excluded"]


def test_arms_that_grow_up_alike_share_what_either_tracks(study, tmp_path):
    protocols = [
        {"Census": {"noise": 0.5}, "arms": ["a"], "ages": {"at": [1]}},
        {"Census": {"noise": 0.5}, "as": "Other", "arms": ["b"], "ages": {"at": [2]}},
    ]
    declared = study(protocols=protocols, arms={"a": [], "b": []})
    plan = plan_study(declared)
    assert {planned.upbringing.tracked for planned in plan.subjects} == {(1, 2)}
    assert len(plan.animals) == 1
    folder = run_study(declared, tmp_path)
    assert [records.read(folder / "records" / f"{name}.nc").sizes["epoch"] for name in ("Census", "Other")] == [1, 1]


def test_tracking_is_no_part_of_who_a_subject_is(study):
    tracked, untracked = (plan_study(study(ages=ages)) for ages in (TRACKED, None))
    assert list(tracked.animals) == list(untracked.animals)
    kept = plan_study(study(keep=[2], ages={"at": [2, 3, EPOCHS]}))
    assert {planned.upbringing.tracked for planned in kept.subjects} == {(3,)}


def test_memory_and_disk_are_foreseen(study):
    plain, tracked, more = (
        plan_study(study(ages=ages, arms={"only": []}, n=4)) for ages in (None, TRACKED, {"every": 1})
    )
    grown = tracked.subjects[0].upbringing
    environment = tracked.environments[grown.environment]
    weights = weight_bytes(grown, environment)
    held = [subject_bytes(plan.subjects[0].upbringing, environment, False) for plan in (plain, tracked, more)]
    assert held[0] < held[1] == held[2]  # however many ages: one at a time
    assert subject_bytes(grown, environment, True) == held[1] + len(KEPT) * weights
    assert sharing(tracked) == set()
    shared = plan_study(study())
    assert sharing(shared) == {planned.upbringing.key for planned in shared.subjects}
    lying = 4 * len(KEPT) * weights
    parts = (forecast(tracked).disk - forecast(plain).disk - lying) / (2 * 4 * len(KEPT))
    assert parts == records_bytes(plain)


def records_bytes(plan):
    """Bytes of one part."""
    part = plan.parts[0]
    upbringing = part.subject.upbringing
    return part.protocol.measure(upbringing.naive(0, "", plan.environments[upbringing.environment])).nbytes


@pytest.mark.parametrize(
    ("protocols", "where", "words"),
    [
        ([{"Census": {}, "ages": {"every": 5}}], "protocols[0].ages.every", "at most 4"),
        (
            [{"Census": {}, "ages": {"at": [2, 6]}}],
            "protocols[0].ages.at",
            "Raise the rearing's `epochs`, or drop them",
        ),
        (
            [{"DeprivationStudy": {"deficits": {"flip": "VerticalFlip"}, "removals": [1]}, "ages": {"every": 1}}],
            "protocols[0].ages",
            "for a twin study, which compares twins when they are reared. Leave `ages` out",
        ),
    ],
)
def test_what_cannot_be_tracked_is_refused_before_rearing(study, protocols, where, words):
    with pytest.raises(SpecificationError) as raised:
        study(protocols=protocols)
    found = {problem.where: str(problem) for problem in raised.value.problems}
    assert words in found[where]
