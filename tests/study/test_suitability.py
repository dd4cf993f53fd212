import re
from functools import cache

import pytest
import yaml

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.study.declaration import declared
from artneuro.study.suitability import newborns, refusals, unsuitable


def refused(file, *settings):
    """Return what is refused of the study file, by place and path."""
    declaration = declared(file, None, ["cohort.environment.digits.train_size=64", *settings])
    study = declaration.study
    try:
        problems = list(unsuitable(study, newborns(study, cache(lambda source: source.load()))))
    except SpecificationError as error:
        problems = error.problems
    return [str(problem) for problem in declaration.located(problems).problems]


def test_what_is_suitable_is_not_refused(file):
    assert refused(file) == []


@pytest.mark.parametrize(
    ("setting", "path", "words"),
    [
        ("protocols.LesionStudy.site=hiden1", "protocols[0].LesionStudy.site", 'Did you mean "hidden1"'),
        ("cohort.environment.digits.train_size=9999", "cohort.environment.digits.train_size", "came 9999"),
        (
            "cohort.arms.half=[{ActivityNoise: {kind: additive, sd: 1, sites: [hiden2]}}]",
            "cohort.arms.half[0].ActivityNoise.site",
            'Did you mean "hidden2"',
        ),
        (
            "cohort.arms.long.interventions=[{Lesion: {site: hidden2, units: [8]}}]",
            "cohort.arms.long.interventions[0].Lesion.units",
            "units of hidden2, 0 to 7",
        ),
        (
            "cohort.arms.half=[{LabelCorruption: {fraction: 1, window: {onset: 500}}}]",
            "cohort.arms.half[0].LabelCorruption.window.onset",
            "It would never act: choose an earlier onset",
        ),
        (
            "cohort.arms.half=[{LabelCorruption: {fraction: 1, window: {offset: 500}}}]",
            "cohort.arms.half[0].LabelCorruption.window.offset",
            "Leave `offset` out where it is to act to the end",
        ),
        ("cohort.anatomy={simple_cnn: {channels: [4, 4, 4, 4]}}", "cohort.anatomy.simple_cnn", "at least 16 x 16"),
        (
            "cohort.arms.half={anatomy: {simple_cnn: {channels: [4, 4, 4, 4]}}}",
            "cohort.arms.half.anatomy.simple_cnn",
            "at least 16 x 16",
        ),
    ],
)
def test_it_is_said_where_the_setting_stands(file, setting, path, words):
    (sentence,) = refused(file, setting)
    assert sentence.startswith(f"--set {setting}: {path}")
    assert words in sentence


def test_whether_answers_are_right_is_not_asked_where_targets_are_values(file):
    text = file.read_text(encoding="utf-8")
    place = {"environment": {"symbolic": {"formula": "independence"}}, "rearing": {"epochs": 1, "loss": "mean_square"}}
    cohort = {"n": 3, "anatomy": {"embedded": {"of": {"mlp": {"widths": [4]}}}}, **place}
    asking = {
        "study": "values",
        "question": "Is a value right?",
        "cohort": cohort,
        "protocols": [{"WiringCost": {"treatments": []}}],
        "hypotheses": {
            "right": {"claim": "control > 0.5", "of": "WiringCost.test_accuracy"},
            "close": {"claim": "control < 0.5", "of": "WiringCost.test_loss"},
        },
        "figures": [{"curve": {"of": f"History.train_{what}", "x": "epoch"}} for what in ("accuracy", "loss")],
    }
    file.write_text(yaml.safe_dump(asking, sort_keys=False), encoding="utf-8")
    study = declared(file).study
    problems = list(unsuitable(study, newborns(study, cache(lambda source: source.load()))))
    assert [problem.where for problem in problems] == ["hypotheses.right.of", "figures[0].curve.of"]
    assert "came WiringCost.test_accuracy" in str(problems[0])
    assert "ask for a loss" in str(problems[0])
    file.write_text(text, encoding="utf-8")
    assert refused(file) == []


def test_an_anatomy_that_no_memory_holds_is_refused(file):
    (sentence,) = refused(file, "cohort.anatomy.mlp.widths=[1000000000000]")
    assert sentence.startswith(f"{file}:6: cohort.anatomy: required weights that fit into the memory planned with")
    assert "came 238418.6 GiB or more for one subject" in sentence  # 64 pixels to 10^12 units, in single precision
    (sentence,) = refused(file, "cohort.anatomy.mlp.widths=[1000000000000000000]")  # more than torch can count
    assert sentence.startswith(f"{file}:6: cohort.anatomy: required an anatomy that can be built here")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("turnover.every=500", ".turnover.every: required an event within window"),
        ("turnover.count=9", ".turnover.count: required at most the 8 units of hidden2"),
        ("regularisers.dropout.Dropout.window.offset=9", ".regularisers.dropout.Dropout.window.offset: required at"),
        # of two regularisers of one kind, it is the one that is declared just so
        ("regularisers.noise.ActivityNoise.window.offset=9", ".regularisers.noise.ActivityNoise.window.offset: req"),
    ],
)
def test_what_is_wrong_with_arms_that_a_protocol_brings_is_told_once_where_it_stands(tmp_path, setting, said):
    file = tmp_path / "turnover.yaml"
    file.write_text("""\
study: turnover
question: Which line is wrong?
cohort:
  n: 2
  anatomy: {mlp: {widths: [8, 8]}}
  environment: {digits: {train_size: 64, test_size: 32}}
  rearing: {epochs: 2}
protocols:
  - Neurogenesis:
      turnover: {site: hidden2, count: 2, every: 1}
      treatments: [turnover, low, high, turnover+dropout, noise]
      regularisers:
        dropout: {Dropout: {rate: 0.2}}
        noise: {ActivityNoise: {sd: 0.1, kind: additive}}
        stronger: {ActivityNoise: {sd: 0.3, kind: additive}}
""")
    setting = f"protocols.Neurogenesis.{setting}"
    (sentence,) = refused(file, setting)
    assert sentence.startswith(f"--set {setting}: protocols[0].Neurogenesis{said}")


def test_levels_that_only_a_subject_tells_are_refused_before_anything_is_reared(tmp_path):
    """Quantities are the environment's; layers and projections are those of the network that is built for it."""
    file = tmp_path / "sharing.yaml"
    text = """\
study: sharing
question: Which line is wrong?
cohort:
  n: 2
  anatomy: {embedded: {of: {mlp: {widths: [4]}}}}
  environment: {symbolic: {formula: feature_sharing}}
  rearing: {epochs: 2, loss: mean_square}
protocols:
  - WiringCost: {treatments: [vanilla]}
analyses:
  - rm_anova: {of: WiringCost.best_correlation, within: quantity, where: {quantity: [NAME, OTHER]}}
hypotheses:
  used: {claim: vanilla > 0, of: WiringCost.used_units, where: {circuit_site: hidden1}}
figures:
  - box: {of: WiringCost.negative_share, where: {projection: hidden1.weight}}
"""
    name, other = tuple(an.environment("symbolic", formula="feature_sharing").test.quantities)[:2]
    text = text.replace("NAME", name).replace("OTHER", other)
    file.write_text(text)
    assert [str(each) for each in refusals(declared(file).study)] == []
    for old, new, path in (
        (f"[{name}", "[y9", "analyses[0].rm_anova.where.quantity: required a level of quantity; came 'y9'"),
        ("site: hidden1", "site: hiden1", "hypotheses.used.where.circuit_site: required a level of circuit_site"),
        ("hidden1.w", "hidden2.w", "figures[0].box.where.projection: required a level of projection"),
    ):
        file.write_text(text.replace(old, new))
        (problem,) = refusals(declared(file).study)
        assert str(problem).startswith(path)


def test_a_site_that_one_arm_lacks_is_refused_where_it_is_named(file):
    (sentence,) = refused(file, "cohort.arms.long.anatomy={mlp: {widths: [4]}}")
    assert sentence.startswith(f"{file}:14: protocols[0].LesionStudy.site: required")


def test_a_batch_of_one_cannot_be_normalised(file):
    (sentence,) = refused(file, "cohort.anatomy.mlp.batch_norm=true", "cohort.rearing.batch=63")
    assert sentence.startswith("--set cohort.rearing.batch=63: cohort.rearing.batch: required")
    assert "leave one of 1" in sentence


def said_at_once(file, data_root=None):
    """Return the lines that something is wrong with, as the commands are told them."""
    with pytest.raises(SpecificationError) as raised:
        declared(file, besides=lambda study: refusals(study, data_root))
    return sorted({int(re.search(r"yaml:(\d+)", problem.where)[1]) for problem in raised.value.problems})


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("    ages: [2]", "    ages: [4]", 18),  # an age that is not kept
        ("x: fraction", "x: fractoin", 24),  # what names something else in the file
        ("claim:", "clam:", 22),  # a key by itself
        ("epochs: 5}", "epochs: x}", 27),  # a profile that is not asked for
    ],
)
def test_what_takes_stimuli_to_find_is_said_along_with_what_the_file_alone_tells(file, text, old, new, line):
    text = text.replace("clean: []", "clean: [{GreyScale: {}}]").replace("digits: {}", "digits: {train_size: 64}")
    text = text.replace("fraction: 0.5}", "fraction: 0.5, window: {onset: 500}}")
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert said_at_once(file) == sorted([10, 11, line])


def test_stimuli_that_cannot_be_read_hide_nothing_of_what_is_wrong_with_the_file(file, text, tmp_path):
    file.write_text(text.replace("digits: {}", "mnist: {}").replace("ages: [2]", "ages: [4]"), encoding="utf-8")
    assert said_at_once(file, tmp_path) == [18]
