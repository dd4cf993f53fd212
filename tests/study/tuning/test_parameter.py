import pytest

from artneuro.fields import build
from artneuro.study.study import Study
from artneuro.study.tuning.parameter import parameter_at

STUDY = {
    "study": "s",
    "question": "?",
    "cohort": {
        "anatomy": {"mlp": {"widths": [8, 4]}},
        "environment": "digits",
        "rearing": {"optimizer": {"adam": {"lr": 0.1}}, "schedule": {"step": {"every": 3}}},
        "arms": {
            "half": [{"LabelCorruption": {"fraction": 0.5}}, {"Dropout": {"rate": 0.1, "window": {"onset": 1}}}],
            "long": {"rearing": {"epochs": 9}},
        },
    },
    "protocols": [{"LesionStudy": {"site": "hidden1"}}, {"LesionStudy": {"site": "hidden2"}, "as": "second"}],
}


@pytest.mark.parametrize(
    ("path", "number", "units"),
    [
        ("cohort.rearing.epochs", int, "epoch"),
        ("cohort.rearing.optimizer.adam.lr", float, "1"),
        ("cohort.rearing.optimizer", None, "1"),
        ("cohort.rearing.schedule.step.every", int, "epoch"),
        ("cohort.rearing.augmentation.translate", int, "pixel"),
        ("cohort.rearing.augmentation.flip", None, "1"),
        ("cohort.anatomy.mlp.widths", None, "1"),
        ("cohort.anatomy.mlp.widths[1]", int, "1"),
        ("cohort.arms.half.LabelCorruption.fraction", float, "1"),
        ("cohort.arms.half[0].LabelCorruption.fraction", float, "1"),
        ("cohort.arms.half.interventions[1].Dropout.window.onset", int, "epoch"),
        ("cohort.arms.half.Dropout.window.offset", int, "epoch"),
        ("cohort.arms.long.rearing.epochs", int, "epoch"),
        ("protocols[0].LesionStudy.repeats", int, "1"),
        ("protocols.second.repeats", int, "1"),
        ("protocols[1].ages", None, "epoch"),
        ("protocols[1].as", None, "1"),
    ],
)
def test_what_stands_at_a_path_is_found_with_type_and_unit(path, number, units):
    found = parameter_at(build(Study, STUDY), path)
    assert (found.number, found.units) == (number, units)


def test_it_says_what_it_takes_and_means():
    found = parameter_at(build(Study, STUDY), "cohort.rearing.precision")
    assert found.words == "one of float32, bfloat16, float64"
    assert found.doc.startswith("arithmetic")
