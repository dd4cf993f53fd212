"""Which arms it brings, what befalls their subjects, and what new units do in the test."""

import numpy as np
import pytest

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.protocols.neurogenesis import OF_TURNOVER
from artneuro.rearing import Freeze, Window

TURNOVER = an.Turnover(site="hidden2", count=2, every=5)


@pytest.fixture(scope="module")
def environment():
    return an.environment("digits", train_size=100, test_size=80)


@pytest.fixture(scope="module")
def reared(environment):
    def rear(study, epochs=3, n=1):
        cohort = an.Cohort.of(
            anatomy=an.anatomy("mlp", widths=(12, 10)),
            environment=environment,
            rearing=an.Rearing(epochs=epochs, batch=10),
            arms=study.arms(),
            n=n,
        )
        return cohort.rear()

    return rear


@pytest.fixture(scope="module")
def study():
    return an.Neurogenesis(turnover=TURNOVER, treatments=(*OF_TURNOVER, "dropout", "turnover+dropout"), repeats=3)


@pytest.fixture(scope="module")
def cohort(study, reared):
    return reared(study)


@pytest.fixture(scope="module")
def record(study, cohort):
    return study.run(cohort)


# ---------------------------------------------------------------- arms


def test_each_treatment_is_an_arm_beside_the_control(study):
    assert list(study.arms()) == ["control", *OF_TURNOVER, "dropout", "turnover+dropout"]
    done = {label: arm.interventions for label, arm in study.arms().items()}
    assert done["control"] == ()
    assert done["turnover"] == (TURNOVER,)
    assert done["excitable"] == (TURNOVER.but(excitability=1.3),)
    assert done["low"] == (TURNOVER.but(choice="incoming_norm"),)
    assert done["high"] == (TURNOVER.but(choice="incoming_norm", ascending=False),)
    at_once = TURNOVER.but(every=1, window=Window(offset=1))
    assert done["first-epoch"] == (at_once,)
    assert done["freeze"] == (Freeze(sites=("hidden2",)),)
    assert done["repo2022"] == (at_once, Freeze(sites=("hidden2",)))
    assert done["turnover+dropout"] == (TURNOVER, *done["dropout"])


def test_under_the_published_code_turnover_is_at_once_and_frozen(study):
    arms = study.but(semantics="repo2022").arms()
    assert arms["turnover"] == arms["repo2022"] == study.arms()["repo2022"]
    assert arms["low"].interventions[0].choice == "incoming_norm"
    assert arms["dropout"] == study.arms()["dropout"]


def test_a_probability_gives_way_where_every_update_counts():
    study = an.Neurogenesis(turnover=TURNOVER.but(every=None, probability=0.1), treatments=("first-epoch",))
    assert study.arms()["first-epoch"].interventions[0].every == 1


def test_published_regularisers_are_at_hand():
    study = an.Neurogenesis(turnover=TURNOVER, treatments=("decay", "noise", "lognormal", "noise+decay"))
    kinds = [[type(each).__name__ for each in arm.interventions] for arm in study.arms().values()]
    assert kinds == [[], ["WeightDecay"], ["ActivityNoise"], ["ActivityNoise"], ["ActivityNoise", "WeightDecay"]]


# ---------------------------------------------------------------- what is recorded


def test_performance_is_that_of_the_adult(record, cohort, environment):
    for subject in cohort:
        own = record.sel(subject=subject.id)
        answers = subject.model()(environment.present(environment.test.images)).argmax(1)
        assert float(own.test_accuracy) == (answers == environment.test.targets).double().mean().item()
        assert float(own.test_accuracy) == pytest.approx(float(subject.history.test_accuracy[-1]))
        assert float(own.generalisation_gap) == float(own.train_accuracy - own.test_accuracy)


def test_events_and_ages_are_those_of_the_life(record, cohort):
    for subject in cohort:
        own = record.sel(subject=subject.id)
        steps = own.event_step.values[own.event_step.values >= 0]
        lived = subject.history
        assert steps.tolist() == (lived.event_step.values.tolist() if "event_step" in lived else [])
        ages = own.unit_age.values[own.unit_site.values == "hidden2"]
        assert len(ages) == 10
        newest = 30 - (steps.max() if len(steps) else 0)
        assert ages.min() == newest
    assert (
        record.sel(subject="turnover-0").event_step.values[:12].tolist()
        == np.repeat([5, 10, 15, 20, 25, 30], 2).tolist()
    )
    assert (record.sel(subject="control-0").event_step == -1).all()


def test_new_units_in_the_test_are_those_of_one_event(study, cohort, record, environment):
    subject = cohort.subjects[0]
    rng = subject.stream.child("assay", "Neurogenesis")
    found = []
    for repeat in range(3):
        altered = an.turned_over(subject, TURNOVER, rng.child("new", repeat))
        answers = altered.model()(environment.present(environment.test.images)).argmax(1)
        found.append((answers == environment.test.targets).double().mean().item())
    own = record.sel(subject=subject.id)
    assert own.turnover_repeat_accuracy.values.tolist() == found
    assert float(own.turnover_accuracy.sel(test_turnover="new")) == pytest.approx(np.mean(found))
    assert float(own.turnover_accuracy.sel(test_turnover="none")) == float(own.test_accuracy)


def test_no_new_units_in_the_test_change_nothing(cohort):
    none = an.Neurogenesis(turnover=TURNOVER.but(count=0), repeats=2).run(cohort)
    assert (none.turnover_loss.sel(test_turnover="new") == none.turnover_loss.sel(test_turnover="none")).all()


def test_twins_differ_by_their_treatment_alone(reared, study):
    again = {subject.id: subject.fingerprint for subject in reared(study.but(treatments=("turnover",)))}
    whole = {subject.id: subject.fingerprint for subject in reared(study)}
    assert again.items() <= whole.items()
    assert len(set(whole.values())) == len(whole)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"treatments": ("turnovr",)}, r"treatments: required of turnover, .*'turnovr'.*turnover"),
        ({"treatments": ("turnover+drop",)}, r"treatments: .*'drop'"),
        ({"treatments": ("low", "low")}, "treatments: required each once"),
        ({"regularisers": {"low": {"Dropout": {"rate": 0.1}}}}, "regularisers.low: required a name that is not taken"),
        ({"regularisers": {"a+b": {"Dropout": {"rate": 0.1}}}}, "without a plus"),
        ({"turnover": TURNOVER.but(mode="prune")}, "turnover.mode: required 'replace'"),
    ],
)
def test_what_is_not_meant_is_refused(changed, said):
    with pytest.raises(SpecificationError, match=said):
        an.Neurogenesis(**{"turnover": TURNOVER} | changed)


def test_a_site_that_is_not_there_is_refused_before_rearing(cohort):
    study = an.Neurogenesis(turnover=TURNOVER.but(site="hidden9"))
    with pytest.raises(SpecificationError, match=r"Neurogenesis.turnover.*hidden9"):
        study.measure(cohort.subjects[0])


def test_a_newborn_can_be_measured(study, environment):
    naive = an.Subject.naive(an.anatomy("mlp", widths=(12, 10)), environment, seed=0)
    assert set(study.measure(naive).unit_age.values.tolist()) == {0}
