"""IndividualDifferences: equal and turned subjects, agreement with the measures, ages, studies, refusals."""

import attrs
import numpy as np
import pytest
import torch

import artneuro as an
from artneuro.errors import DesignError
from artneuro.measures import cka, shape_metric
from artneuro.recording import record

STIMULI = {"count": 40}


@pytest.fixture(scope="module")
def cohort():
    digits = an.environment("digits", train_size=100, test_size=60)
    return an.Cohort.of(
        anatomy=an.anatomy("mlp", widths=(12, 6)),
        environment=digits,
        rearing=an.Rearing(epochs=2, batch=20, keep=(0,)),
        n=4,
    ).rear()


@pytest.fixture(scope="module")
def related(cohort):
    return an.IndividualDifferences(stimuli=STIMULI).run(cohort)


def test_values_of_pairs_are_those_of_the_measures(cohort, related):
    study = an.IndividualDifferences(stimuli=STIMULI)
    recorded = [record(subject, study.stimuli.of(subject.environment)) for subject in cohort]

    def activity(number, site):
        return recorded[number].activity.values[:, recorded[number].unit_site == site]

    one, other = activity(0, "hidden1"), activity(2, "hidden2")
    found = related.cka.sel(subject="control-0", other="control-2", site="hidden1", other_site="hidden2")
    assert float(found) == pytest.approx(cka(one, other, debiased=True), abs=1e-12)
    found = related.shape_distance.sel(subject="control-0", other="control-2", site="hidden1")
    assert float(found) == pytest.approx(shape_metric(one, activity(2, "hidden1"), alpha=1.0), abs=1e-9)


def test_the_relation_is_symmetric_and_perfect_with_oneself(related):
    same = related.cka.values
    np.testing.assert_array_equal(same, same.transpose(1, 0, 3, 2))
    np.testing.assert_array_equal(related.cka.values.diagonal(axis1=0, axis2=1).diagonal(), 1)
    assert related.shape_distance.values.diagonal().max() == 0


def test_one_value_a_subject_is_the_mean_of_all_pairs(related):
    for site in ("hidden1", "hidden2"):
        pairs = related.cka.sel(other_site=site, site=site).values[np.triu_indices(4, 1)]
        assert float(related.cka_within.sel(site=site).mean()) == pytest.approx(pairs.mean())
    assert related.cka_within.dims == ("subject", "site")


def test_a_subject_whose_units_are_renumbered_is_the_same_individual(cohort):
    first, second, third = cohort.subjects[:3]
    order = torch.tensor([3, 1, 5, 0, 2, 4, 11, 10, 9, 8, 7, 6])
    names = [name for name in first.weights if name.startswith("hidden1.")]
    weights = dict(first.weights)
    for name in names:
        weights[name] = weights[name][order]
    after = next(name for name in weights if name.startswith("hidden2") and weights[name].ndim == 2)
    weights[after] = weights[after][:, order]
    copy = attrs.evolve(first, seed=99, ages={first.age: weights})
    found = an.IndividualDifferences(stimuli=STIMULI).run([first, second, third, copy])
    pair = found.sel(subject="control-0", other="control-99")
    assert pair.cka.sel(site="hidden1", other_site="hidden1").item() == pytest.approx(1, abs=1e-6)
    assert pair.shape_distance.values == pytest.approx([0, 0], abs=1e-3)  # arccos is steep near 0, in float32
    beside = found.tree_place.sel(site="hidden1", subject=["control-0", "control-99"]).values
    assert abs(beside[0] - beside[1]) == 1


def test_arms_are_compared_with_each_other_and_tested_within(cohort):
    half = [attrs.evolve(subject, arm="other", seed=subject.seed + 10) for subject in cohort.subjects[:3]]
    both = an.IndividualDifferences(stimuli=STIMULI).run([*cohort, *half])
    assert both.cka.sizes["other"] == 7
    alone = an.IndividualDifferences(stimuli=STIMULI).run(cohort)
    np.testing.assert_allclose(both.cka_within[:4], alone.cka_within, rtol=1e-9)


def test_at_several_ages_each_age_is_compared_by_itself(cohort):
    study = an.IndividualDifferences(stimuli=STIMULI)
    untaught = attrs.evolve(cohort, subjects=tuple(subject.at(0) for subject in cohort))
    _, tracked = an.track(untaught, {"it": study}, ages=(0, 2))
    for age in (0, 2):
        then = study.run([subject.at(age) for subject in cohort])
        np.testing.assert_allclose(tracked["it"].cka.sel(epoch=age), then.cka, rtol=1e-9)


def test_fewer_than_two_subjects_and_other_stimuli_are_refused(cohort):
    study = an.IndividualDifferences(stimuli=STIMULI)
    with pytest.raises(DesignError, match="two subjects or more"):
        study.run(cohort.subjects[0])
    elsewhere = an.environment("digits", train_size=100, test_size=60, split_seed=1)
    stranger = attrs.evolve(cohort.subjects[1], environment=elsewhere)
    with pytest.raises(DesignError, match="do not see the same stimuli"):
        study.run([cohort.subjects[0], stranger])
    deeper = an.Subject.naive(an.anatomy("mlp", widths=(4,)), cohort.subjects[0].environment, seed=7)
    with pytest.raises(DesignError, match="Name in `sites` those that all have"):
        study.run([cohort.subjects[0], deeper])
