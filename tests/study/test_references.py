"""What a study names must be something that it will record, or do."""

import pytest

from artneuro.errors import SpecificationError
from artneuro.fields import conform
from artneuro.figures import Plot
from artneuro.statistics import Analysis
from artneuro.study.references import HISTORY, HISTORY_DIMS, dangling

RECORDS = {"LesionStudy": {"auc": (), "test_loss": (), "accuracy": ("fraction",)}, HISTORY: HISTORY_DIMS}
ARMS = {"LesionStudy": ("clean", "half"), HISTORY: ("clean", "half")}
AUC, LOSS = {"of": "LesionStudy.auc", "between": "arm"}, {"of": "LesionStudy.test_loss", "between": "arm"}


def problems(figure, *analyses):
    tests, plots = conform(analyses, tuple[Analysis, ...]), conform([figure], tuple[Plot, ...])
    return [str(problem) for problem in dangling(RECORDS, ARMS, {}, tests, {}, plots)]


@pytest.mark.parametrize("name", ["pairwise", "t_test"])
def test_marks_may_be_those_of_an_analysis_of_what_is_shown(name):
    assert problems({"box": {"of": "LesionStudy.auc", "marks": name}}, {name: AUC}) == []
    assert problems({"box": {"of": "LesionStudy.auc"}}) == []


def test_marks_of_an_analysis_that_compares_pairs_only_when_asked():
    box = {"box": {"of": "LesionStudy.auc", "marks": "anova"}}
    assert problems(box, {"anova": {**AUC, "posthoc": "tukey"}}) == []
    (problem,) = problems(box, {"anova": AUC})
    assert problem.endswith("Give anova a `posthoc`, or leave `marks` out.")
    assert problems(box, {"anova": AUC}, {"anova": {**AUC, "posthoc": "tukey"}}) == []


@pytest.mark.parametrize(
    ("marks", "analyses", "valid"),
    [
        ("pairwize", [{"pairwise": AUC}], 'Did you mean "pairwise"? Valid: pairwise.'),
        ("anova", [], "Valid: none. Declare it under `analyses`"),
        ("pairwise", [{"pairwise": LOSS}, {"kruskal": AUC}], "Valid: kruskal."),
    ],
)
def test_marks_of_an_analysis_that_is_not_there_are_refused_with_those_that_are(marks, analyses, valid):
    (problem,) = problems({"box": {"of": "LesionStudy.auc", "marks": marks}}, *analyses)
    assert problem.startswith("figures[0].box.marks: required the name of an analysis that compares pairs of Lesion")
    assert valid in problem


def test_marks_may_name_a_table_of_an_analysis_that_is_there():
    assert problems({"box": {"of": "LesionStudy.auc", "marks": "anova.paired"}}, {"anova": AUC}) == []
    (problem,) = problems({"box": {"of": "LesionStudy.auc", "marks": "pairwise.paired"}}, {"anova": AUC})
    assert "figures[0].box.marks: required the name of an analysis that compares pairs" in problem


@pytest.mark.parametrize(
    ("claim", "where", "came"),
    [
        ("'0' > '5'", {"deficit": "blur"}, ["hypotheses.C1.claim: required levels of removal; came '5'"]),
        (
            "'0' > '40'",
            {"deficit": "blurr"},
            ["hypotheses.C1.where.deficit: required a level of deficit; came 'blurr'"],
        ),
        ("'0' > '40'", {"deficit": "blur"}, []),
    ],
)
def test_claims_of_levels_that_are_known_not_to_be_recorded_are_refused(small_study, claim, where, came):
    deficits = {"blur": {"Blur": {"size": 2}}, "flip": {"VerticalFlip": {}}}
    protocols = [{"DeprivationStudy": {"deficits": deficits, "removals": [0, 1, 40]}}]
    asked = {
        "claim": claim,
        "of": "DeprivationStudy.sensitivity",
        "factor": "removal",
        "where": {"arm": "slow", **where},
    }
    found = []
    try:
        small_study(protocols=protocols, hypotheses={"C1": asked}, analyses=[], figures=[])
    except SpecificationError as error:
        found = [str(problem) for problem in error.problems]
    assert len(found) == len(came), found
    for problem, expected in zip(found, came, strict=True):
        assert expected in problem
        assert "Did you mean" in problem or "Valid" in problem
