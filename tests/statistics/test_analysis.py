"""What every registered analysis keeps to; one without a case here fails."""

import inspect
import json
from functools import cache

import numpy as np
import pytest
import xarray as xr

from artneuro import statistics
from artneuro.errors import DesignError, SpecificationError
from artneuro.fields import conform
from artneuro.registry import members
from artneuro.statistics import Analysis, Design, Result

CLEAN = {"arm": "clean"}
ZERO = {"clamp": "zero"}

CASES = {
    "t_test": {"of": "L.auc", "between": "arm", "where": {"arm": ["clean", "half"], **ZERO}},
    "anova": {"of": "L.auc", "between": "arm", "posthoc": "tukey", "where": ZERO},
    "welch_anova": {"of": "L.auc", "between": "arm", "posthoc": "games-howell", "where": ZERO},
    "rm_anova": {"of": "L.auc", "within": "clamp", "where": CLEAN},
    "mixed_anova": {"of": "L.auc", "between": "arm", "within": "clamp"},
    "kruskal": {"of": "L.auc", "between": "arm", "where": ZERO},
    "friedman": {"of": "L.auc", "within": "clamp", "where": CLEAN},
    "pairwise": {"of": "L.auc", "between": "arm", "correction": "fdr", "where": ZERO},
    "correlation": {"x": "L.auc", "y": "H.test_loss", "where": {**CLEAN, **ZERO}},
    "ratio": {"of": "L.auc", "over": "H.test_loss", "where": {**CLEAN, **ZERO}},
    "regression": {"of": "L.auc", "predictors": "H.test_loss", "where": {**CLEAN, **ZERO}},
    "equivalence": {"of": "L.auc", "within": "clamp", "margin": 0.01, "where": {"clamp": ["zero", "mean"], **CLEAN}},
    "permutation": {"of": "L.auc", "between": "arm", "draws": 199, "where": {"arm": ["clean", "half"], **ZERO}},
    "mixed_model": {"of": "L.auc", "fixed": ["arm", "clamp"]},
}

LEAST = {"correlation": 4, "regression": 4}
"""Subjects an arm below which an analysis has no answer; 2 where not said."""


def records(n=8, seed=0):
    """Lesion records and histories of twins in three arms, with effects of arm and clamp."""
    rng = np.random.default_rng(seed)
    arms, clamps = ["clean", "half", "random"], ["zero", "mean", "noise"]
    litter = rng.normal(0, 0.05, n)
    auc = np.concatenate([0.8 - 0.1 * place + litter for place in range(3)])[:, None] - [0.0, 0.05, 0.03]
    coords = {
        "subject": [f"{arm}-{number}" for arm in arms for number in range(n)],
        "arm": ("subject", np.repeat(arms, n)),
        "seed": ("subject", np.tile(np.arange(n), 3)),
        "diverged": ("subject", np.full(3 * n, -1)),
    }
    lesions = xr.Dataset(
        {"auc": (("subject", "clamp"), auc + rng.normal(0, 0.02, auc.shape))}, {**coords, "clamp": clamps}
    )
    loss = 2 - auc[:, 0] + rng.normal(0, 0.02, 3 * n)
    return {"L": lesions, "H": xr.Dataset({"test_loss": ("subject", loss)}, coords)}


DESIGN = Design(
    {"L": {"auc": ("clamp",)}, "H": {"test_loss": ()}},
    ("clean", "half", "random"),
    {"clamp": ("zero", "mean", "noise")},
)


def declared(name) -> Analysis:
    return conform({name: CASES[name]}, Analysis)


@cache
def answered(name) -> Result:
    """The answer on the usual records, made once."""
    return declared(name).run(records())


@pytest.mark.parametrize("name", sorted(members("analysis")))
class TestEveryAnalysis:
    def test_has_a_case(self, name):
        assert name in CASES

    def test_answers_with_tables_and_sentences(self, name):
        result = answered(name)
        assert isinstance(result, Result)
        assert result.name == name
        assert len(result.table) >= 1
        assert all("L.auc" in sentence for sentence in result.sentences if not sentence.startswith("Power"))
        assert "nan" not in " ".join(result.sentences)
        assert str(result).startswith(result.sentences[0])

    def test_tables_can_be_written_as_csv(self, name):
        for table in answered(name).tables.values():
            assert all(isinstance(column, str) for column in table.columns)
            assert all(np.isscalar(value) for value in table.to_numpy().ravel())

    def test_is_the_function_of_the_same_name(self, name):
        spec = declared(name)
        function = getattr(statistics, name)
        known = inspect.signature(function).parameters
        renamed = {"dv" if key == "of" and "dv" in known else key: value for key, value in spec.plain().items()}
        arguments = {key: value for key, value in renamed.items() if key in known}
        assert set(renamed) - set(arguments) <= {"seed"}  # what a study file calls seed is a stream in Python
        addresses = [address for of in spec._asks().variables.values() for address in of]
        by_hand = function(statistics.gather(records(), addresses), **arguments)
        # and, the randomness being given by the stream alone, twice the same
        assert by_hand.sentences == answered(name).sentences
        assert all(by_hand.tables[key].equals(table) for key, table in answered(name).tables.items())

    def test_the_order_of_subjects_changes_nothing(self, name):
        both = records()
        order = [*range(12, 24), *range(12)][::-1]
        levels = {"arm": ("clean", "half", "random")}  # in the order of the design, whoever comes first
        spec = conform({name: {**CASES[name], "where": {**levels, **CASES[name].get("where", {})}}}, Analysis)
        first = answered(name).table
        second = spec.run({key: record.isel(subject=order) for key, record in both.items()}).table
        for column in first.columns:
            if first[column].dtype == float and column not in ("effect_low", "effect_high", "low", "high"):
                # random draws and optimisers meet the subjects in another order
                loose = 2e-2 if name == "permutation" else 1e-4 if name == "mixed_model" else 1e-7
                assert second[column].to_numpy() == pytest.approx(first[column].to_numpy(), rel=loose, nan_ok=True)

    def test_few_subjects_are_enough_or_refused_in_words(self, name):
        least = LEAST.get(name, 2)
        assert declared(name).run(records(n=least + 1)).sentences
        with pytest.raises(DesignError, match=r"subject"):
            declared(name).run(records(n=1))

    def test_a_lost_subject_is_named(self, name):
        both = records()
        both["L"]["auc"][3] = np.nan
        notes = " ".join(declared(name).run(both).notes)
        assert "clean-3" in notes

    def test_is_plain_data_and_back(self, name):
        spec = declared(name)
        assert conform(json.loads(json.dumps(spec.named())), Analysis) == spec

    def test_a_design_that_can_answer_is_not_refused(self, name):
        assert list(declared(name).refusals(DESIGN)) == []

    def test_a_design_without_the_variable_is_refused_before_it_runs(self, name):
        problems = list(declared(name).refusals(Design({"L": {"acu": ()}, "H": {"test_loss": ()}}, ("clean", "half"))))
        assert any("required a variable of L; came 'auc'" in str(problem) for problem in problems)

    def test_an_unknown_parameter_is_refused_by_name(self, name):
        with pytest.raises(SpecificationError, match="the unknown name 'betwen'"):
            conform({name: {**CASES[name], "betwen": "arm"}}, Analysis)


OF_ARMS = {"of": "L.auc", "between": "arm"}
EPOCH = {"clamp": "zero", "epch": 3}


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ({"anova": {"of": "L.auc", "between": "amr", "where": ZERO}}, "between: required arm, another coordinate"),
        ({"anova": {**OF_ARMS, "where": {**ZERO, "arm": "clean"}}}, "between: required a factor with at least 2"),
        ({"anova": OF_ARMS}, "where: required one value a subject and condition"),
        ({"anova": {**OF_ARMS, "where": {**ZERO, "arm": ["clean", "hafl"]}}}, "where.arm: required a level of arm"),
        (
            {"rm_anova": {"of": "L.auc", "within": "clamp"}},
            "where: required subjects of one arm; came arms clean, half",
        ),
        ({"rm_anova": {"of": "L.auc", "within": "unit"}}, "within: required a factor that makes conditions"),
        ({"regression": {"of": "L.auc", "predictors": ["H.loss"]}}, "predictors: required a variable of H"),
        ({"correlation": {"x": "L.auc", "y": "H.test_loss", "where": EPOCH}}, "where.epch: required a dim"),
    ],
)
def test_what_a_design_cannot_answer_is_refused_with_its_field(declaration, expected):
    problems = [str(problem) for problem in conform(declaration, Analysis).refusals(DESIGN)]
    assert any(problem.startswith(expected) for problem in problems), problems


def test_every_public_name_is_there_once():
    assert len(set(statistics.__all__)) == len(statistics.__all__)
    assert all(hasattr(statistics, name) for name in statistics.__all__)
    assert set(members("analysis")) <= set(statistics.__all__)
