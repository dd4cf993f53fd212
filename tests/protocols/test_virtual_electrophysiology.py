"""VirtualElectrophysiology: a subject whose units are predictors by construction; agreement with the measures."""

import attrs
import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.predictors import ClassMembership, Luminance, Quantities
from artneuro.recording import record


@pytest.fixture(scope="module")
def built():
    """Unit 0 answers brightness, unit 1 a single pixel, unit 2 nothing."""
    digits = an.environment("digits", train_size=60, test_size=40)
    subject = an.Subject.naive(an.anatomy("mlp", widths=(3,)), digits, seed=0)
    weights = {name: torch.zeros_like(tensor) for name, tensor in subject.weights.items()}
    first = next(name for name in weights if weights[name].shape == (3, 64))
    std = digits.std.item()
    weights[first][0] = std / 64
    weights[first][1, 20] = 1.0
    bias = first.replace("weight", "bias")
    weights[bias] = torch.tensor([5.0, 5.0, -1.0])  # so that ReLUs cut nothing, but silence the last
    return attrs.evolve(subject, ages={0: weights})


def test_units_are_explained_by_what_they_were_built_from(built):
    stimuli = {"set": "test", "count": None}
    shown = an.VirtualElectrophysiology(stimuli=stimuli).stimuli.of(built.environment)
    given = Quantities(values=[[float(value)] for value in shown.images.flatten(1)[:, 20]])
    study = an.VirtualElectrophysiology(
        predictors={"luminance": Luminance(), "pixel": given}, stimuli=stimuli, clusters=2, extremes=2
    )
    record = study.run(built).isel(subject=0)
    own = record.unit_correlation.values
    assert own[0, 0] == pytest.approx(1.0, abs=1e-3)  # equal distances differ by rounding in float32
    assert own[1, 1] == pytest.approx(1.0, abs=1e-3)
    assert np.isnan(own[2]).all()
    assert record.constant.values.tolist() == [0, 0, 1]
    assert "left out of profiles, clusters and correlations: hidden1 1 of 3." in record.attrs["cautions"]
    assert record.unit_cluster.values.tolist() == [0, 1, -1]
    assert record.cluster_share.values[0].tolist() == pytest.approx([1 / 3, 1 / 3])
    assert record.unexplained.values.tolist() == [0]
    brightness = built.environment.test.images.double().mean(dim=(1, 2, 3))
    assert int(record.most_driving[0, 0]) == int(built.environment.test.index[brightness.argmax()])
    assert int(record.least_driving[0, 0]) == int(built.environment.test.index[brightness.argmin()])


def test_correlations_are_those_of_a_slow_loop(able):
    subject = able()
    predictors = {"class": ClassMembership(), "luminance": Luminance()}
    study = an.VirtualElectrophysiology(predictors=predictors, stimuli={"count": 30}, clusters=3)
    found = study.run(subject).isel(subject=0)
    shown = study.stimuli.of(subject.environment)
    activity = record(subject, shown)
    above = np.triu_indices(30, 1)
    for number in np.flatnonzero(found.constant == 0)[:3]:
        one = activity.activity.values[:, number].astype(float)
        distance = np.abs(one[:, None] - one)[above]
        for place, predictor in enumerate(predictors.values()):
            rho = spearmanr(distance, predictor.rdm(subject.environment, shown)).statistic
            assert found.unit_correlation.values[number, place] == pytest.approx(rho, abs=1e-6)
    site = found.site.values[0]
    units = activity.activity.values[:, activity.unit_site == site].astype(float)
    distance = np.sqrt(((units[:, None] - units) ** 2).sum(axis=2))[above]
    rho = spearmanr(distance, predictors["class"].rdm(subject.environment, shown)).statistic
    assert found.site_correlation.values[0, 0] == pytest.approx(rho, abs=1e-6)


def test_importance_is_that_of_single_lesions_and_set_beside_what_predictors_explain(able):
    subject = able()
    study = an.VirtualElectrophysiology(
        predictors={"class": ClassMembership()}, stimuli={"count": 30}, importance="test"
    )
    found = study.run(subject).isel(subject=0)
    singles = an.LesionStudy(site=tuple(subject.sites()), fractions=2, repeats=1).run(subject).isel(subject=0)
    assert found.unit_site.values.tolist() == singles.unit_site.values.tolist()
    for name in ("importance", "importance_loss"):
        np.testing.assert_allclose(found[name], singles[name], rtol=0, atol=1e-6)  # sums of other blocks, in float32
        for site in found.site.values:
            units = (found.unit_site == site) & (found.constant == 0)
            rho = spearmanr(found.best_correlation[units], found[name][units]).statistic
            assert found[f"explained_{name}_rho"].sel(site=site).item() == pytest.approx(rho, abs=1e-6)
    assert float(found.importance_loss.std()) > 0


def test_a_unit_that_nothing_reads_costs_nothing_however_well_it_is_explained(built):
    """Logits that read unit 1 alone; luminance explains unit 0."""
    weights = dict(built.weights)
    last = next(name for name in weights if weights[name].shape == (10, 3))
    weights[last] = torch.zeros(10, 3)
    weights[last][:, 1] = torch.linspace(-1, 1, 10)
    subject = attrs.evolve(built, ages={0: weights})
    study = an.VirtualElectrophysiology(
        predictors={"luminance": Luminance()}, stimuli={"count": None}, clusters=1, importance="test"
    )
    found = study.run(subject).isel(subject=0)
    assert found.importance_loss.values[[0, 2]].tolist() == [0, 0]
    assert found.importance_loss.values[1] != 0
    assert found.best_correlation.values[0] > found.best_correlation.values[1]
    assert np.isnan(found.explained_importance_loss_rho).all()  # two units: no correlation


def test_rdms_of_sites_are_recorded_with_the_classes_of_stimuli(able):
    subject = able()
    study = an.VirtualElectrophysiology(
        predictors={"class": ClassMembership()}, stimuli={"count": 30}, pairs=True, metric="sqeuclidean"
    )
    found = study.run(subject).isel(subject=0)
    shown = study.stimuli.of(subject.environment)
    activity = record(subject, shown)
    units = activity.activity.values[:, activity.unit_site == found.site.values[0]].astype(float)
    distance = ((units[:, None] - units) ** 2).mean(axis=2)
    np.testing.assert_allclose(found.dissimilarity[0], distance, rtol=1e-5, atol=1e-6)  # float32
    assert found.compared.values.tolist() == [*found.site.values, "class"]
    same = found.category.values[:, None] == found.category.values
    assert len(np.unique(found.percentile.sel(compared="class").values[same & ~np.eye(30, dtype=bool)])) == 1
    assert found.stimulus.values.tolist() == shown.index.tolist()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"stimuli": {"count": 5}, "extremes": 6}, "extremes: required at most 5"),
        ({"stimuli": {"count": 500}}, r"stimuli\.count: required at most"),
        ({"predictors": {"own": Quantities(values=((1.0,),))}}, "of the stimuli shown"),
        ({"predictors": {"colour": an.predictors.Colour()}}, "red, green and blue"),
        ({"importance": "test", "pool": "none"}, "mean or max, where units are silenced"),
        ({"pairs": True, "predictors": {"hidden1": Luminance()}}, "names that no site has"),
    ],
)
def test_what_cannot_be_measured_is_refused_before(built, changed, named):
    with pytest.raises(SpecificationError, match=named):
        an.VirtualElectrophysiology(**{"stimuli": {"count": 20}, **changed}).run(built)
