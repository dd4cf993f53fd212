"""What holds for every registered specification, of every family. A registered thing without a case fails."""

import json

import attrs
import pytest

import artneuro  # noqa: F401  registers everything
from artneuro import registry
from artneuro.errors import SpecificationError
from artneuro.fields import build, conform, describe

# Parameters for those that cannot be built without any. Test-local members of other test files are left alone.
REQUIRED = {
    ("environment", "arrays"): {"path": "own.npz"},
    ("environment", "image_folder"): {"path": "own"},
    ("protocol", "LesionStudy"): {"site": "hidden1"},
    ("schedule", "step"): {"every": 10},
    ("schedule", "multi_step"): {"milestones": [10, 20]},
}


def registered():
    for word in registry.families():
        for name, cls in registry.members(word).items():
            if cls.__module__.startswith("artneuro."):
                yield pytest.param(word, name, cls, id=f"{word}-{name}")


def parameters(word, name, cls):
    given = REQUIRED.get((word, name), {})
    if word in ("analysis", "figure"):
        named = {field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING}
        given = {key: value for key, value in ANALYTIC.items() if key in named}
    return given


# Analyses and figures name variables and factors; these stand for any.
ANALYTIC = {
    "of": "LesionStudy.auc",
    "x": "LesionStudy.auc",
    "y": "LesionStudy.test_accuracy",
    "between": "arm",
    "within": "epoch",
    "a": "clean",
    "b": "half",
    "margin": 0.01,
    "given": ["LesionStudy.test_loss"],
    "by": "epoch",
}


@pytest.mark.parametrize(("word", "name", "cls"), registered())
def test_round_trips_through_json(word, name, cls):
    made = build(cls, parameters(word, name, cls))
    family = next(base for base in cls.__mro__ if registry.family_of(base) == word)
    assert conform(json.loads(json.dumps(made.named())), family) == made


@pytest.mark.parametrize(("word", "name", "cls"), registered())
def test_an_unknown_parameter_is_refused_by_name(word, name, cls):
    with pytest.raises(SpecificationError, match="no_such_parameter"):
        build(cls, {**parameters(word, name, cls), "no_such_parameter": 1})


@pytest.mark.parametrize(("word", "name", "cls"), registered())
def test_says_what_it_is_and_what_every_parameter_means(word, name, cls):
    assert cls.__doc__
    assert cls.__doc__.strip()[0].isupper()
    for described in describe(cls):
        assert described.doc, f"{name}.{described.name}"
        assert described.units, f"{name}.{described.name}"


@pytest.mark.parametrize(("word", "name", "cls"), registered())
def test_is_final_and_frozen(word, name, cls):
    assert getattr(cls, "__final__", False), f"{cls.__name__} is not marked @final"
    made = build(cls, parameters(word, name, cls))
    for field in attrs.fields(cls):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(made, field.name, None)
