import json
from pathlib import Path

import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.study.plan import plan_study


def keys(plan, arm):
    return [subject.key for subject in plan.subjects if subject.arm == arm]


def part_keys(plan, arm):
    return [part.key for part in plan.parts if part.subject.arm == arm]


def test_subjects_and_parts_come_in_the_order_of_the_design(small_study):
    plan = plan_study(small_study())
    assert [subject.id for subject in plan.subjects] == ["slow-0", "slow-1", "fast-0", "fast-1"]
    assert [part.subject.id for part in plan.parts] == ["slow-0", "slow-1", "fast-0", "fast-1"]
    assert len({subject.key for subject in plan.subjects} | {part.key for part in plan.parts}) == 8


def test_a_changed_arm_changes_its_own_keys_alone(small_study, small_cohort):
    before = plan_study(small_study())
    arms = {"slow": {"rearing": {"epochs": 1, "batch": 128}}, "fast": []}
    after = plan_study(small_study(cohort=small_cohort(arms=arms)))
    assert set(keys(before, "slow")).isdisjoint(keys(after, "slow"))
    assert set(part_keys(before, "slow")).isdisjoint(part_keys(after, "slow"))
    assert keys(before, "fast") == keys(after, "fast")
    assert part_keys(before, "fast") == part_keys(after, "fast")


def test_labels_hypotheses_and_names_do_not_matter(small_study, small_cohort):
    before = plan_study(small_study())
    arms = {"few": {"rearing": {"epochs": 1, "batch": 256}}, "many": []}
    after = plan_study(
        small_study(
            study="other",
            question="Another question?",
            cohort=small_cohort(arms=arms),
            protocols=[{"Census": {"noise": 0.5}, "as": "accuracy"}],
            hypotheses={"L1": {"claim": "few < many", "of": "accuracy.accuracy"}},
        )
    )
    assert keys(before, "slow") == keys(after, "few")
    assert part_keys(before, "fast") == part_keys(after, "many")


def test_arms_that_rear_alike_share_their_subjects(small_study, small_cohort):
    plan = plan_study(small_study(cohort=small_cohort(arms={"a": [], "b": []})))
    assert keys(plan, "a") == keys(plan, "b")
    assert [subject.id for subject in plan.animals.values()] == ["a-0", "a-1"]
    assert [part.subject.id for key in plan.animals for part in plan.parts_of(key)] == ["a-0", "a-1"]


@pytest.mark.parametrize(
    ("change", "reared_anew"),
    [
        ({"anatomy": {"mlp": {"widths": [9]}}}, True),
        ({"environment": {"digits": {"held_out": 400}}}, True),
        ({"rearing": {"epochs": 2, "batch": 256, "optimizer": {"sgd": {"lr": 0.2}}}}, True),
        ({"n": 3}, False),
    ],
)
def test_what_subjects_grow_up_with_is_in_their_key(small_study, small_cohort, change, reared_anew):
    before = keys(plan_study(small_study()), "fast")
    after = keys(plan_study(small_study(cohort=small_cohort(**change))), "fast")
    assert set(before).isdisjoint(after) is reared_anew


def test_threads_of_a_measurement_are_in_the_keys_of_parts(small_study):
    one, two = (plan_study(small_study(), threads=threads) for threads in (1, 2))
    assert part_keys(one, "fast") != part_keys(two, "fast")
    assert keys(one, "fast") == keys(two, "fast")


def test_a_parameter_of_a_protocol_changes_its_parts_alone(small_study):
    before, after = (plan_study(small_study(protocols=[{"Census": {"noise": noise}}])) for noise in (0.1, 0.2))
    assert keys(before, "fast") == keys(after, "fast")
    assert set(part_keys(before, "fast")).isdisjoint(part_keys(after, "fast"))


def test_ages_are_measured_once_each_in_order(small_study, small_cohort):
    rearing = {"epochs": 2, "batch": 256, "keep": [0, 1]}
    plan = plan_study(
        small_study(
            cohort=small_cohort(rearing=rearing, arms={"only": []}),
            protocols=[{"Census": {}, "ages": [2, 0, 2]}],
        )
    )
    assert [(part.subject.id, part.age) for part in plan.parts] == [
        ("only-0", 0),
        ("only-0", 2),
        ("only-1", 0),
        ("only-1", 2),
    ]


def test_only_the_arms_of_an_entry_are_measured(small_study):
    plan = plan_study(small_study(protocols=[{"Census": {}, "arms": ["fast"]}]))
    assert {part.subject.arm for part in plan.parts} == {"fast"}


def test_a_subject_that_cannot_be_measured_is_refused_with_its_path(small_study):
    with pytest.raises(SpecificationError, match=r"protocols\[0\]\.Census\.site: required a site of the anatomy"):
        plan_study(small_study(protocols=[{"Census": {"site": "hidden9"}}]))


def test_ages_of_a_record_along_epoch_are_refused(small_study, small_cohort, monkeypatch):
    import lab

    from artneuro.labels import Label

    monkeypatch.setattr(lab.Census, "outputs", {"growth": Label("growth", "1", ("epoch",))})
    with pytest.raises(SpecificationError, match=r"protocols\[0\]\.ages: .*records growth along epoch itself"):
        plan_study(small_study(protocols=[{"Census": {}, "ages": [2]}], cohort=small_cohort(arms={"a": []})))


def test_the_plan_as_data_is_json_and_carries_the_hypotheses(small_study):
    hypotheses = {"L1": {"claim": "slow < fast", "of": "Census.accuracy"}}
    plain = plan_study(small_study(hypotheses=hypotheses)).plain()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["hypotheses"]["L1"]["claim"] == "slow < fast"
    other = plan_study(small_study(hypotheses={"L1": {"claim": "slow > fast", "of": "Census.accuracy"}})).plain()
    assert plain["hypotheses"]["L1"]["key"] != other["hypotheses"]["L1"]["key"]
    assert plain["records"]["Census"]["parts"]["fast-1"] == [
        {"age": None, "key": plan_study(small_study()).parts[-1].key}
    ]


def test_the_code_that_measures_is_in_the_key(small_study, monkeypatch):
    before = plan_study(small_study())
    monkeypatch.setattr("artneuro.study.code._letters", lambda name: "changed")
    after = plan_study(small_study())
    assert part_keys(before, "fast") != part_keys(after, "fast")
    assert keys(before, "fast") == keys(after, "fast")


def test_what_a_protocol_reads_besides_is_in_the_keys_of_its_parts(small_study, tmp_path):
    brain = {"brains": {"mine": {"file": {"path": "mine.npz"}}}, "metric": "euclidean"}
    study = small_study(
        protocols=[{"BrainComparison": brain}],
        hypotheses={"L1": {"claim": "slow > fast", "of": "BrainComparison.similarity"}},
        analyses=[],
        figures=[],
    )
    found = []
    for dissimilarity in (np.arange(6.0), np.arange(6.0), np.arange(6.0) ** 2):
        np.savez(tmp_path / "mine.npz", dissimilarity=dissimilarity, images=np.zeros((4, 8, 8), np.uint8))
        found.append(plan_study(study, tmp_path))
    first, again, other = ([part.key for part in plan.parts] for plan in found)
    assert first == again
    assert set(first).isdisjoint(other)
    assert keys(found[0], "slow") == keys(found[2], "slow")


def test_planning_writes_nothing(small_study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan_study(small_study())
    assert list(Path(tmp_path).iterdir()) == []
