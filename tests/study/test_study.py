import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artneuro.anatomy import MLP
from artneuro.cohort import Arm
from artneuro.environment import Digits
from artneuro.errors import SpecificationError
from artneuro.fields import build, conform
from artneuro.protocols.lesion_study import LesionStudy
from artneuro.rearing import SGD, Adam, Augmentation, Dropout, EarlyStop, LabelCorruption, Rearing
from artneuro.study.document import dump, parse
from artneuro.study.study import CohortDesign, Entry, Study


def study(**changes):
    cohort = {"anatomy": MLP(widths=(16, 8)), "environment": Digits(), "n": 4, "rearing": Rearing(epochs=6, keep=(2,))}
    parts = {name: changes.pop(name) for name in list(changes) if name in attrs.fields_dict(CohortDesign)}
    design = CohortDesign(**{**cohort, **parts})
    return Study(**{"study": "memory", "question": "Who forgets?", "cohort": design, **changes})


def problems(**changes):
    with pytest.raises(SpecificationError) as raised:
        study(**changes)
    return {problem.where: str(problem) for problem in raised.value.problems}


def test_an_entry_is_written_as_its_protocol_with_what_stands_beside():
    written = {"LesionStudy": {"site": "hidden1"}, "as": "early", "ages": [2, 4]}
    entry = conform(written, Entry)
    assert entry == Entry(protocol=LesionStudy(site="hidden1"), name="early", ages=(2, 4))
    assert set(entry.plain()) == {"LesionStudy", "as", "arms", "ages"}
    assert conform(entry.plain(), Entry) == entry


def test_an_entry_is_named_after_its_protocol():
    assert conform({"LesionStudy": {"site": "hidden1"}}, Entry).name == "LesionStudy"


@pytest.mark.parametrize(
    ("written", "where", "words"),
    [
        ({"LesionStudi": {"site": "a"}}, "", 'Did you mean "LesionStudy"?'),
        ({"LesionStudy": {"site": "a"}, "age": [2]}, "age", 'Did you mean "ages"?'),
        ({"LesionStudy": {"sites": "a", "site": "a"}}, "LesionStudy.sites", 'Did you mean "site"?'),
        ({"LesionStudy": {"site": "a"}, "as": "a/b"}, "as", "letters, digits"),
        ({"LesionStudy": {"site": "a"}, "ages": [-1]}, "ages", ">= 0"),
        ({"LesionStudy": {"site": "a"}, "arms": []}, "arms", "not empty"),
        ({"as": "a"}, "", "required one protocol"),
        ([], "", "required one protocol"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_where_it_stands(written, where, words):
    with pytest.raises(SpecificationError) as raised:
        conform(written, Entry)
    found = {problem.where: str(problem) for problem in raised.value.problems}
    assert words in found[where]


def test_an_arm_is_its_interventions_or_its_parameters():
    listed = conform([{"LabelCorruption": {"fraction": 0.5}}], Arm)
    assert listed == conform({"interventions": [{"LabelCorruption": {"fraction": 0.5}}]}, Arm)
    with pytest.raises(SpecificationError) as raised:
        conform(["EarlyStop", {"LabelCorruption": {"fraction": 2}}], Arm)
    assert [problem.where for problem in raised.value.problems] == [
        "[0].EarlyStop.patience",
        "[1].LabelCorruption.fraction",
    ]
    with pytest.raises(SpecificationError, match="a list of interventions"):
        conform("half", Arm)


def test_without_arms_there_is_one_control():
    assert dict(study().arms) == {"control": Arm()}


def test_measured_arms_keep_the_order_of_the_design():
    made = study(arms={"b": Arm(), "a": Arm(), "c": Arm()})
    assert made.measured(Entry(protocol=LesionStudy(site="x"))) == ("b", "a", "c")
    assert made.measured(Entry(protocol=LesionStudy(site="x"), arms=("c", "b"))) == ("b", "c")


def test_arms_that_are_not_there_are_refused():
    found = problems(arms={"clean": Arm(), "half": Arm()}, protocols=[{"LesionStudy": {"site": "x"}, "arms": ["haf"]}])
    assert 'Did you mean "half"?' in found["Study.protocols[0].arms"]


def test_ages_that_no_one_keeps_are_refused():
    arms = {"short": Arm(), "long": Arm(rearing=Rearing(epochs=9))}
    found = problems(arms=arms, protocols=[{"LesionStudy": {"site": "x"}, "ages": [2, 6]}])
    assert "ages that all arms measured keep (none); came 2, 6." in found["Study.protocols[0].ages"]
    assert len(found) == 1


def test_ages_kept_are_those_that_all_arms_measured_keep():
    arms = {
        "short": Arm(rearing=Rearing(epochs=9, keep=[2, 4])),
        "long": Arm(rearing=Rearing(epochs=12, keep=[4, 2, 9])),
    }
    made = study(arms=arms, protocols=[{"LesionStudy": {"site": "x"}, "ages": "kept"}])
    assert made.ages(made.protocols[0]) == (2, 4, 9)
    assert made.ages(Entry(protocol=LesionStudy(site="x"), ages=(4, 2, 4))) == (2, 4)
    assert made.ages(Entry(protocol=LesionStudy(site="x"))) is None


def test_a_question_is_asked_of_the_arms_that_its_record_has():
    arms = {"clean": Arm(), "half": Arm()}
    alone = {"LesionStudy": {"site": "x", "clamp": ["zero", "mean"]}, "arms": ["clean"]}
    within = {"claim": "zero > mean", "of": "LesionStudy.auc", "factor": "clamp"}
    assert study(arms=arms, protocols=[alone], hypotheses={"one": within}).hypotheses
    found = problems(
        arms=arms, protocols=[alone], hypotheses={"two": {"claim": "half > clean", "of": "LesionStudy.auc"}}
    )
    assert "half" in found["Study.hypotheses.two.claim"]


def test_two_records_of_one_name_are_refused():
    lesions = {"LesionStudy": {"site": "x"}}
    assert "as" in str(problems(protocols=[lesions, lesions]))
    assert "as" in str(problems(protocols=[{**lesions, "as": "history"}]))
    assert len(study(protocols=[lesions, {**lesions, "as": "again"}]).protocols) == 2


@pytest.mark.parametrize("label", ["a b", "a.b", "a/b", "", ">", "x" * 61, "../x"])
def test_labels_that_could_not_be_written_elsewhere_are_refused(label):
    with pytest.raises(SpecificationError, match="letters, digits"):
        CohortDesign(anatomy=MLP(), environment=Digits(), arms={label: Arm()})
    with pytest.raises(SpecificationError, match="letters, digits"):
        study(study=label)


names = st.text("abcXYZ019_-", min_size=1, max_size=8).filter(lambda name: name[0] != "-")
fractions = st.floats(0, 1)
decays = st.floats(0, 0.99)
interventions = st.one_of(
    st.builds(LabelCorruption, fraction=fractions),
    st.builds(Dropout, rate=st.floats(0, 0.9)),
    st.builds(EarlyStop, patience=st.integers(1, 9)),
)
rearings = st.builds(
    Rearing,
    epochs=st.integers(5, 9),
    batch=st.integers(1, 512),
    optimizer=st.builds(SGD, lr=st.floats(1e-6, 10)) | st.builds(Adam, betas=st.tuples(decays, decays)),
    augmentation=st.builds(Augmentation, translate=st.integers(0, 3), flip=st.booleans()),
    precision=st.sampled_from(["float32", "bfloat16", "float64"]),
    keep=st.lists(st.integers(0, 5)).map(tuple),
)
arms = st.builds(Arm, interventions=st.lists(interventions, max_size=2).map(tuple), rearing=st.none() | rearings)
sites = st.sampled_from(["hidden1", ("hidden1", "hidden2")])
entries = st.builds(
    Entry,
    protocol=st.builds(
        LesionStudy, site=st.sampled_from(["hidden1", ("hidden1", "hidden2")]), repeats=st.integers(1, 9)
    ),
    name=names.filter(lambda name: name.lower() != "history"),
)
designs = st.builds(
    CohortDesign,
    n=st.integers(1, 99),
    first_seed=st.integers(0, 99),
    anatomy=st.builds(MLP, widths=st.lists(st.integers(1, 300), min_size=1, max_size=3).map(tuple)),
    environment=st.just(Digits()),
    rearing=rearings,
    arms=st.none() | st.dictionaries(names, arms, min_size=1, max_size=3),
)
studies = st.builds(
    Study,
    study=names,
    question=st.text(min_size=1),
    source=st.text(),
    cohort=designs,
    protocols=st.lists(entries, max_size=2, unique_by=lambda entry: entry.name.lower()).map(tuple),
)


@settings(max_examples=50)
@given(studies)
def test_plain_data_and_yaml_make_an_equal_study(made):
    assert build(Study, made.plain()) == made
    read = build(Study, parse(dump(made.plain()), "study.yaml").bare())
    assert read == made
    assert read.fingerprint == made.fingerprint


def test_the_fingerprint_covers_what_is_declared_and_not_how_it_is_written():
    short = study(arms={"half": (LabelCorruption(fraction=0.5),)}, protocols=[{"LesionStudy": {"site": "x"}}])
    long = study(
        arms={"half": {"interventions": [{"LabelCorruption": {"fraction": 0.5}}]}},
        protocols=[Entry(protocol=LesionStudy(site="x"), name="LesionStudy")],
    )
    assert short.fingerprint == long.fingerprint
    assert attrs.evolve(short, question="Why?").fingerprint != short.fingerprint
