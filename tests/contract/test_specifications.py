"""What holds for every registered specification, of every family. A registered thing without a case fails."""

import json

import attrs
import pytest
from torch import nn

import artneuro.study.declaration  # noqa: F401  a study may name everything, so this registers everything
from artneuro import registry
from artneuro.anatomy import anatomy_of
from artneuro.described import describe
from artneuro.errors import SpecificationError
from artneuro.fields import build, conform
from artneuro.rearing import deficit_of


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 2)


def dimmed(stimuli):
    return stimuli / 2


OF, BETWEEN = {"of": "LesionStudy.auc"}, {"between": "arm"}

# One case each: parameters for those that cannot be built without any, or without which they would ask nothing.
CASES = {
    ("analysis", "anova"): {**OF, **BETWEEN},
    ("analysis", "correlation"): {"x": "LesionStudy.auc", "y": "LesionStudy.test_accuracy"},
    ("analysis", "equivalence"): {**OF, **BETWEEN, "margin": 0.01},
    ("analysis", "friedman"): {**OF, "within": "clamp"},
    ("analysis", "kruskal"): {**OF, **BETWEEN},
    ("analysis", "mixed_anova"): {**OF, **BETWEEN, "within": "clamp"},
    ("analysis", "mixed_model"): {**OF, "fixed": ["arm", "clamp"]},
    ("analysis", "pairwise"): {**OF, **BETWEEN},
    ("analysis", "permutation"): {**OF, **BETWEEN},
    ("analysis", "ratio"): {**OF, "over": "LesionStudy.test_loss"},
    ("analysis", "regression"): {**OF, "predictors": ["LesionStudy.test_loss"]},
    ("analysis", "rm_anova"): {**OF, "within": "clamp"},
    ("analysis", "t_test"): {**OF, **BETWEEN},
    ("analysis", "welch_anova"): {**OF, **BETWEEN},
    ("anatomy", "embedded"): {"of": {"mlp": {}}},
    ("anatomy", "module"): anatomy_of(Own, sites={"hidden": "hidden"}).plain(),
    ("brain", "file"): {"path": "own.npz"},
    ("environment", "arrays"): {"path": "own.npz"},
    ("environment", "image_folder"): {"path": "own"},
    ("environment", "symbolic"): {"formula": "independence"},
    ("environment", "validation"): {"of": {"digits": {"train_size": 50}}},
    ("figure", "box"): OF,
    ("figure", "cayley"): {**OF, "elements": "first"},
    ("figure", "combinations"): OF,
    ("figure", "connections"): OF,
    ("figure", "curve"): {"of": "LesionStudy.accuracy", "x": "fraction"},
    ("figure", "curve_pair"): {"of": "LesionStudy.accuracy", "other": "LesionStudy.accuracy"},
    ("figure", "density"): OF,
    ("figure", "heat_map"): {**OF, "x": "clamp"},
    ("figure", "matrix"): {**OF, "rows": ["clamp"], "columns": ["fraction"]},
    ("figure", "montage"): {**OF, "rows": "unit", "columns": "clamp"},
    ("figure", "network"): OF,
    ("figure", "point_map"): {**OF, "points": "clamp"},
    ("figure", "scatter"): {**OF, "x": "LesionStudy.test_accuracy"},
    ("figure", "stack"): {"of": "LesionStudy.accuracy", "x": "fraction", "by": "clamp"},
    ("figure", "strip"): OF,
    ("figure", "violin"): OF,
    ("intervention", "ActivityNoise"): {"kind": "additive", "sd": 0.1},
    ("intervention", "Dropout"): {"rate": 0.2},
    ("intervention", "EarlyStop"): {"patience": 3},
    ("intervention", "LabelCorruption"): {"fraction": 0.5},
    ("intervention", "Lesion"): {"site": "hidden1", "units": [0, 2]},
    ("intervention", "LowContrast"): {"contrast": 0.2},
    ("intervention", "Occlusion"): {"side": "left"},
    ("intervention", "OwnDeficit"): deficit_of(dimmed).plain(),
    ("intervention", "Rotation"): {"angle": 30},
    ("intervention", "MagnitudePruning"): {"sparsity": 0.5, "onset": 10},
    ("intervention", "WiringPenalty"): {"phases": [{"rate": 0.01}]},
    ("intervention", "Turnover"): {"site": "hidden1", "count": 1, "every": 10},
    ("placement", "connectome"): {"name": "celegans"},
    ("placement", "given"): {"at": [[0.0], [1.0]]},
    ("placement", "lattice"): {"sides": [2, 3]},
    ("predictor", "matrix"): {"values": [[0.0, 1.0], [1.0, 0.0]]},
    ("predictor", "quantity"): {"name": "sign"},
    ("predictor", "quantities"): {"values": [[0.0], [1.0]]},
    ("protocol", "BrainComparison"): {"brains": {"it": {"simulated": {}}}},
    ("protocol", "DeprivationStudy"): {"deficits": {"flip": {"VerticalFlip": {}}}, "removals": [1]},
    ("intervention", "WeightDecay"): {"rate": 1e-5},
    ("protocol", "LesionStudy"): {"site": "hidden1"},
    ("protocol", "NeuralPrediction"): {"brain": {"simulated": {}}},
    ("protocol", "Neurogenesis"): {"turnover": {"site": "hidden1", "count": 1, "every": 10}},
    ("protocol", "WiringCost"): {"penalty": {"phases": [{"rate": 0.01}]}},
    ("schedule", "exponential"): {"gamma": 0.97},
    ("schedule", "multi_step"): {"at": [10, 20]},
    ("schedule", "restart"): {"at": 2, "schedule": {"exponential": {"gamma": 0.9}}},
    ("schedule", "step"): {"every": 10},
}

REGISTERED = [
    pytest.param(word, name, cls, id=f"{word}-{name}")
    for word in registry.families()
    for name, cls in registry.members(word).items()
    if cls.__module__.startswith("artneuro.")
]


def parameters(word, name):
    return CASES.get((word, name), {})


@pytest.mark.parametrize(("word", "name", "cls"), REGISTERED)
def test_round_trips_through_json(word, name, cls):
    made = build(cls, parameters(word, name))
    family = next(base for base in cls.__mro__ if registry.family_of(base) == word)
    assert conform(json.loads(json.dumps(made.named())), family) == made


@pytest.mark.parametrize(("word", "name", "cls"), REGISTERED)
def test_an_unknown_parameter_is_refused_by_name(word, name, cls):
    with pytest.raises(SpecificationError, match="no_such_parameter"):
        build(cls, {**parameters(word, name), "no_such_parameter": 1})


@pytest.mark.parametrize(("word", "name", "cls"), REGISTERED)
def test_says_what_it_is_and_what_every_parameter_means(word, name, cls):
    assert cls.__doc__
    for described in describe(cls):
        assert described.doc, f"{name}.{described.name}"
        assert described.units, f"{name}.{described.name}"


@pytest.mark.parametrize(("word", "name", "cls"), REGISTERED)
def test_is_final_and_frozen(word, name, cls):
    assert getattr(cls, "__final__", False), f"{cls.__name__} is not marked @final"
    made = build(cls, parameters(word, name))
    for field in attrs.fields(cls):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(made, field.name, None)
