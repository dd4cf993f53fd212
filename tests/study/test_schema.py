import json
from pathlib import Path

import jsonschema
import pytest

from artneuro import registry
from artneuro.study.document import parse, read
from artneuro.study.schema import json_schema

PROTOCOLS = Path(__file__).parents[2] / "protocols"


@pytest.fixture(scope="module")
def validator():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(json.loads(json.dumps(schema)))


def faults(validator, text):
    return [error.json_path for error in validator.iter_errors(parse(text, "a.yaml").bare())]


def test_there_are_study_files_to_validate():
    assert list(PROTOCOLS.glob("*.yaml"))


@pytest.mark.parametrize("path", sorted(PROTOCOLS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_study_file_validates(validator, path):
    assert [error.message for error in validator.iter_errors(read(path).bare())] == []


def test_a_file_that_uses_everything_validates(validator, text):
    assert faults(validator, text) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("n: 4", "n: 0", "$.cohort.n"),
        ("n: 4", "n: four", "$.cohort.n"),
        ("batch: 64", "bach: 64", "$.cohort.rearing"),
        ("{mlp: {widths: [16, 8]}}", "{mpl: {}}", "$.cohort.anatomy"),
        ("fraction: 0.5", "fraction: 5", "$.cohort.arms"),
        ("lr: 1e-1", "lr: 0", "$.cohort.rearing.optimizer"),
        ("arms: [clean, half]", "arm: [clean]", "$.protocols[1]"),
        ("x: fraction", "y: fraction", "$.figures[0]"),
        ("question:", "answer:", "$"),
        ("epochs: 5}", "epochs: -5}", "$.profiles.smoke"),
        ("{cohort: {n: 3", "{chort: {n: 3", "$.profiles.smoke"),
    ],
)
def test_what_is_wrong_does_not_validate(validator, text, old, new, path):
    assert old in text
    assert any(fault.startswith(path) for fault in faults(validator, text.replace(old, new)))


def test_every_member_of_every_family_of_study_files_is_in_it():
    schema = json_schema()["$defs"]
    for word in ("anatomy", "environment", "intervention", "protocol", "analysis", "figure", "optimizer", "schedule"):
        for name, cls in registry.members(word).items():
            definition = schema[f"{word}.{name}"]
            assert set(definition["properties"]) == {field.name for field in cls.__attrs_attrs__}


def test_types_ranges_defaults_meanings_and_units_are_said():
    rearing = json_schema()["$defs"]["Rearing"]["properties"]
    assert rearing["epochs"] == {
        "type": "integer",
        "minimum": 0,
        "description": "passes over the training stimuli [epoch]",
        "default": 20,
    }
    assert rearing["precision"]["enum"] == ["float32", "bfloat16", "float64"]
    assert rearing["keep"]["items"] == {"type": "integer", "minimum": 0}


def test_nothing_is_required_of_a_profile():
    schema = json_schema()
    assert schema["required"] == ["study", "question", "cohort"]
    assert not any("required" in part for name, part in schema["$defs"].items() if name.startswith("partial."))


def test_what_is_searched_may_be_a_range_or_a_list_of_choices():
    schema = json_schema()
    study = {"study": "s", "question": "?", "cohort": {"anatomy": "mlp", "environment": "digits"}}
    for tried in ({"low": 1, "high": 2, "log": True}, [1, "two", {"three": {}}]):
        jsonschema.validate({**study, "tune": {"over": {"cohort.rearing.batch": tried}}}, schema)
    for tried in ("1 to 2", {"low": "1"}, [1]):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**study, "tune": {"over": {"cohort.rearing.batch": tried}}}, schema)
