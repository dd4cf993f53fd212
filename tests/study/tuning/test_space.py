import pytest

from artneuro.environment import Digits, Validation
from artneuro.errors import SpecificationError
from artneuro.study.tuning.space import search_space

ARMS = {"arms": {"clean": [], "drop": [{"Dropout": {"rate": 0.5}}], "own": {"rearing": {"epochs": 2}}}}
RATE = "cohort.rearing.optimizer.sgd.lr"


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"cohort.rearing.optimizer.sgd.lrr": [1, 2]}, 'lrr: required a parameter of sgd.*Did you mean "lr"'),
        ({"cohort.raering.epochs": [1, 2]}, 'Did you mean "rearing"'),
        ({"cohrot.rearing.epochs": [1, 2]}, 'Did you mean "cohort"'),
        ({"cohort.arms.drop.Dropuot.rate": [0.1, 0.2]}, 'Did you mean "Dropout"'),
        ({"cohort.arms.drop[1].Dropout.rate": [0.1, 0.2]}, r"list of 1, or its \[position\]"),
        ({RATE: {"low": -1, "high": 1}}, r"sgd\.lr: required a number > 0; came -1\."),
        ({"cohort.rearing.label_smoothing": {"low": 0, "high": 2}}, "between 0 and 1; came 2"),
        ({"cohort.rearing.schedule": ["constant", "cosinus"]}, 'Did you mean "cosine"'),
        ({"cohort.rearing.batch": {"low": 1, "high": 2.5}}, "required a whole number >= 1; came 2.5"),
        ({"cohort.rearing.precision": {"low": 1, "high": 2}}, "required one of float32, bfloat16, float64; came 1"),
        ({"cohort.rearing.keep": {"low": 1, "high": 2}}, "a list of"),
        ({"cohort..epochs": [1, 2]}, "required a path in the study, as --set takes it; came 'cohort..epochs'"),
        ({"cohort.n": [2, 3]}, "required a parameter of how subjects of the arm 'drop' grow up; came one that changes"),
        ({"question": ["?", "!"]}, "one that changes nothing of it"),
        ({"cohort.arms.clean": [[], ["EarlyStop"]]}, "patience"),
        ({"cohort.arms.own.rearing.epochs": [2, 3]}, "changes nothing of it. An arm may have its own"),
        ({"cohort.environment.digits.train_size": [150, 140]}, "trials would be judged on different stimuli"),
        ({"cohort.rearing.epochs": {"low": 0, "high": 2}}, "cohort.rearing.epochs: required at least 1"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_its_line(declare, over, words):
    declaration = declare(ARMS, arm="drop", over=over)
    with pytest.raises(SpecificationError, match=words) as refused:
        search_space(declaration)
    assert "tuned.yaml:" in str(refused.value)


def test_all_that_is_wrong_is_said_at_once(declare):
    over = {
        RATE: {"low": -1, "high": 1},
        "cohort.rearing.epohcs": [1, 2],
        "cohort.rearing.batch": {"low": 8, "high": 9},
    }
    with pytest.raises(SpecificationError) as refused:
        search_space(declare(over=over))
    assert [problem.where.rpartition(": ")[2] for problem in refused.value.problems] == [
        f"tune.over.{RATE}",
        "tune.over.cohort.rearing.epohcs",
    ]


def test_values_that_do_not_go_together_are_refused(declare):
    cohort = {"arms": {"drop": [{"Dropout": {"rate": 0.5, "window": {"offset": 2}}}]}}
    over = {"cohort.arms.drop.Dropout.window.onset": {"low": 0, "high": 3}}
    with pytest.raises(SpecificationError, match="required at least the onset, 3; came 2"):
        search_space(declare(cohort, over=over))


def test_a_file_without_tune_is_answered_with_an_example(declare, tmp_path):
    declare()
    text = (tmp_path / "tuned.yaml").read_text()
    (tmp_path / "tuned.yaml").write_text(text.partition("tune:\n")[0])
    from artneuro.study.declaration import declared

    with pytest.raises(SpecificationError, match=r"tune: required what is searched; came nothing\. For example: tune:"):
        search_space(declared(tmp_path / "tuned.yaml"))


def test_two_parameters_of_an_optimiser_that_the_study_does_not_have_go_together(declare):
    over = {"cohort.rearing.optimizer.adam.lr": [0.1, 0.2], "cohort.rearing.optimizer.adam.weight_decay": [0.0, 0.1]}
    space = search_space(declare(over=over))
    assert space.trial(space.corner(-1)).cohort.rearing.optimizer.weight_decay == 0.1
    assert space.trial(space.corner(-1)).cohort.rearing.optimizer.lr == 0.2


def test_a_trial_is_the_arm_alone_on_stimuli_held_out(declare):
    over = {"cohort.arms.drop.Dropout.rate": {"low": 0.1, "high": 0.9}, RATE: [0.5, 0.25]}
    space = search_space(declare(ARMS, arm="drop", over=over, subjects=3, first_seed=70, validation=30, split_seed=4))
    cohort = space.trial({"cohort.arms.drop.Dropout.rate": 0.3, RATE: 0.25}).cohort
    assert (cohort.n, cohort.first_seed) == (3, 70)
    assert list(cohort.arms) == ["drop"]
    assert cohort.arms["drop"].interventions[0].rate == 0.3
    assert cohort.rearing.optimizer.lr == 0.25
    assert cohort.environment == Validation(of=Digits(train_size=150, test_size=50), held_out=30, split_seed=4)


TWINS = {"DeprivationStudy": {"deficits": {"dim": {"LowContrast": {"contrast": 0.2}}}, "removals": [1, 2]}}
CONTRAST = "protocols.DeprivationStudy.deficits.dim.LowContrast.contrast"


def test_twins_of_a_treatment_can_be_tuned(declare):
    space = search_space(
        declare(protocols=[TWINS], treatment="dim until 2", over={CONTRAST: {"low": 0.1, "high": 0.9}})
    )
    (arm,) = space.trial({CONTRAST: 0.5}).cohort.arms.values()
    (deficit,) = arm.interventions
    assert (deficit.contrast, deficit.window.offset) == (0.5, 2)


@pytest.mark.parametrize(
    ("treatment", "words"),
    [
        (
            "dim until 3",
            r"tuned\.yaml:\d+: tune\.treatment: required a treatment .*; came 'dim until 3'\. Did you mean",
        ),
        (None, "one that changes nothing of it.*twins have `tune.treatment`"),
    ],
)
def test_a_treatment_that_there_is_not_or_that_is_missing_is_said(declare, treatment, words):
    with pytest.raises(SpecificationError, match=words):
        search_space(declare(protocols=[TWINS], treatment=treatment, over={CONTRAST: {"low": 0.1, "high": 0.9}}))


def test_what_an_arm_says_counts_over_what_the_cohort_says(declare):
    space = search_space(declare(ARMS, arm="own", over={RATE: [0.5, 0.25], "cohort.arms.own.rearing.epochs": [2, 4]}))
    rearing = space.trial({RATE: 0.25, "cohort.arms.own.rearing.epochs": 4}).cohort.rearing
    assert (rearing.epochs, rearing.optimizer.lr) == (4, 0.25)
