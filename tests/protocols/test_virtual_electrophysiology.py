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


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"stimuli": {"count": 5}, "extremes": 6}, "extremes: required at most 5"),
        ({"stimuli": {"count": 500}}, r"stimuli\.count: required at most"),
        ({"predictors": {"own": Quantities(values=((1.0,),))}}, "of the stimuli shown"),
        ({"predictors": {"colour": an.predictors.Colour()}}, "red, green and blue"),
    ],
)
def test_what_cannot_be_measured_is_refused_before(built, changed, named):
    with pytest.raises(SpecificationError, match=named):
        an.VirtualElectrophysiology(**{"stimuli": {"count": 20}, **changed}).run(built)
