import pytest

from artneuro.errors import SpecificationError
from artneuro.study.document import parse
from artneuro.study.node import Node
from artneuro.study.overrides import assignment, at, is_path, keys_of, merge
from artneuro.study.study import Study

FILE = """
study: memory
question: Who forgets?
cohort:
  n: 10
  anatomy: {mlp: {widths: [128, 128]}}
  rearing: {epochs: 60, optimizer: {sgd: {lr: 0.1, momentum: 0.9}}, schedule: constant, keep: [1, 2]}
  arms:
    clean: []
    half: [{LabelCorruption: {fraction: 0.5}}, Dropout]
    twice: [{Dropout: {}}, {Dropout: {}}]
    long: {interventions: [{LabelCorruption: {fraction: 0.5}}], rearing: {epochs: 9, optimizer: {sgd: {lr: 0.5}}}}
protocols:
  - LesionStudy: {repeats: 10, site: hidden2}
  - LesionStudy: {repeats: 10}
    as: early
    ages: [1]
  - IntactStudy
figures:
  - curve: {of: LesionStudy.auc, where: {arm: clean, clamp: zero}}
"""


def merged(over):
    return merge(parse(FILE, "base.yaml"), over, Study).bare()


def with_profile(text):
    return merged(parse(text, "profile.yaml"))


def with_setting(text):
    return merged(assignment(text))


def test_mappings_merge_and_the_rest_stays():
    study = with_profile("cohort: {n: 3, rearing: {epochs: 5}}")
    base = parse(FILE, "base.yaml").bare()
    assert study["cohort"]["n"] == 3
    assert study["cohort"]["rearing"] == {**base["cohort"]["rearing"], "epochs": 5}
    assert study["cohort"]["arms"] == base["cohort"]["arms"]
    assert {key: study[key] for key in ("study", "protocols", "figures")} == {
        key: base[key] for key in ("study", "protocols", "figures")
    }


@pytest.mark.parametrize(
    ("over", "optimizer"),
    [
        ("{sgd: {lr: 1}}", {"sgd": {"lr": 1, "momentum": 0.9}}),
        ("{sgd: }", {"sgd": None}),
        ("{adam: {lr: 1}}", {"adam": {"lr": 1}}),
        ("adam", "adam"),
    ],
)
def test_a_member_merges_into_its_own_name_and_replaces_another(over, optimizer):
    study = with_profile(f"cohort: {{rearing: {{optimizer: {over}}}}}")
    assert study["cohort"]["rearing"]["optimizer"] == optimizer


def test_a_member_written_as_its_name_alone_takes_parameters():
    study = with_profile("cohort: {rearing: {schedule: {constant: {a: 1}}}}")
    assert study["cohort"]["rearing"]["schedule"] == {"constant": {"a": 1}}


def test_a_list_replaces_a_list():
    study = with_profile("{cohort: {rearing: {keep: [7]}, arms: {half: [Dropout]}}, protocols: [IntactStudy]}")
    assert study["cohort"]["rearing"]["keep"] == [7]
    assert study["cohort"]["arms"]["half"] == ["Dropout"]
    assert study["protocols"] == ["IntactStudy"]


def test_elements_of_lists_are_reached_by_name():
    study = with_profile(
        "{protocols: {LesionStudy: {repeats: 2}, early: {repeats: 3}, IntactStudy: {a: 1}},"
        " figures: {curve: {where: {clamp: mean}}}}"
    )
    base = parse(FILE, "base.yaml").bare()["protocols"]
    assert study["protocols"] == [
        {"LesionStudy": {**base[0]["LesionStudy"], "repeats": 2}},
        {"LesionStudy": {"repeats": 3}, "as": "early", "ages": [1]},
        {"IntactStudy": {"a": 1}},
    ]
    assert study["figures"] == [{"curve": {"of": "LesionStudy.auc", "where": {"arm": "clean", "clamp": "mean"}}}]


@pytest.mark.parametrize("arm", ["half", "long"])
def test_interventions_of_an_arm_are_reached_by_name_and_position(arm):
    by_name = with_setting(f"cohort.arms.{arm}.LabelCorruption.fraction=0.7")["cohort"]["arms"][arm]["interventions"]
    by_position = with_setting(f"cohort.arms.{arm}[0].LabelCorruption.fraction=0.7")
    assert by_name[0] == {"LabelCorruption": {"fraction": 0.7}}
    assert by_name == by_position["cohort"]["arms"][arm]["interventions"]


def test_an_arm_written_as_a_list_takes_parameters():
    arm = with_setting("cohort.arms.half.rearing.epochs=3")["cohort"]["arms"]["half"]
    assert arm["rearing"] == {"epochs": 3}
    assert arm["interventions"] == [{"LabelCorruption": {"fraction": 0.5}}, "Dropout"]


def test_a_label_set_to_null_is_removed_and_a_parameter_is_not():
    study = with_profile("{cohort: {arms: {half: , long: {rearing: ~}}, anatomy: ~}}")
    assert list(study["cohort"]["arms"]) == ["clean", "twice", "long"]
    assert study["cohort"]["arms"]["long"]["rearing"] is None
    assert study["cohort"]["anatomy"] is None


def test_an_entry_is_reached_by_position_with_what_stands_beside_its_protocol():
    study = with_setting("protocols[1].ages=[2]")
    assert study["protocols"][1] == {"LesionStudy": {"repeats": 10}, "as": "early", "ages": [2]}


def test_a_member_within_an_arm_keeps_the_rule_of_names():
    study = with_setting("cohort.arms.long.rearing.optimizer.adam.lr=1")
    assert study["cohort"]["arms"]["long"]["rearing"] == {"epochs": 9, "optimizer": {"adam": {"lr": 1}}}


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("protocols.Lesionstudy.repeats=2", "protocols.Lesionstudy", 'Did you mean "LesionStudy"?'),
        ("protocols[3].ages=[2]", "protocols[3]", "list of 3"),
        ("cohort.arms.twice.Dropout.rate=1", "cohort.arms.twice.interventions.Dropout", "the name of 2"),
    ],
)
def test_an_element_that_is_not_there_is_refused(text, where, words):
    with pytest.raises(SpecificationError) as raised:
        with_setting(text)
    (problem,) = raised.value.problems
    assert problem.where == where
    assert words in str(problem)


@pytest.mark.parametrize("text", ["cohort.n", "=3", "a..b=1", "a[x]=1", "a[0=1", ".a=1", "a.=1"])
def test_what_is_no_assignment_is_refused(text):
    with pytest.raises(SpecificationError, match="PATH=VALUE"):
        assignment(text)


def test_values_are_yaml():
    assert assignment("a=1e-3").bare() == {"a": 0.001}
    assert assignment("a={b: [1, x]}").bare() == {"a": {"b": [1, "x"]}}
    assert assignment("a=").bare() == {"a": None}
    assert assignment("a=b=c").bare() == {"a": "b=c"}
    with pytest.raises(SpecificationError, match="--set a=\\[1"):
        assignment("a=[1")


def test_places_say_which_override_a_value_is_from():
    node = merge(parse(FILE, "base.yaml"), assignment("cohort.rearing.epochs=5"), Study)
    places = dict(node.places())
    assert places["cohort.rearing.epochs"] == "--set cohort.rearing.epochs=5"
    assert places["cohort.rearing.keep"] == "base.yaml:7"


def test_a_path_and_its_value_make_what_the_assignment_makes():
    path = "cohort.arms.half[0].LabelCorruption.fraction"
    assert keys_of(path) == ["cohort", "arms", "half", "[0]", "LabelCorruption", "fraction"]
    assert at(path, Node.of(0.25, "here")).bare() == assignment(f"{path}=0.25").bare()
    assert set(dict(at(path, Node.of(0.25, "here")).places()).values()) == {"here"}
    assert is_path(path)
    assert not is_path("a..b")
