"""NeuralPrediction: neurons that are units of the network, agreement with the measures, and silent sites."""

import attrs
import numpy as np
import pytest
import torch

import artneuro as an
from artneuro import measures
from artneuro.brains import brain
from artneuro.errors import SpecificationError
from artneuro.seeds import Stream

PLACE = an.environment("digits", train_size=60, test_size=40)


@pytest.fixture(scope="module")
def subject():
    return an.Subject.naive(an.anatomy("mlp", widths=(12, 5)), PLACE, seed=0)


def saved(folder, model, **arrays):
    images = model.images.permute(0, 2, 3, 1).numpy()
    np.savez(folder / "neurons.npz", images=images, names=model.names(), **arrays)
    return {"file": {"path": "neurons.npz"}}


def test_neurons_that_are_mixtures_of_units_are_predicted(subject, own_root):
    model = brain("simulated", per_class=15)
    activity = an.record(subject, model.shown_to(PLACE), "hidden1").activity.values.astype(float)
    mixture = activity @ np.random.default_rng(0).standard_normal((12, 3))
    found = an.NeuralPrediction(brain=saved(own_root, model, activity=mixture)).run(subject).isel(subject=0)
    assert found.median_fit.sel(site="hidden1") > 0.999
    assert found.median_fit.sel(site="hidden1") > found.median_fit.sel(site="hidden2")
    assert np.isnan(found.corrected_fit).all()  # without single presentations noise is not known
    assert np.isnan(found.median_ceiling)


def test_numbers_are_those_of_the_measures(subject):
    found = an.NeuralPrediction(brain="simulated", sites=("hidden1",), folds=4).run(subject).isel(subject=0)
    model = brain("simulated")
    activity = an.record(subject, model.shown_to(PLACE), "hidden1").activity.values
    activity = activity[:, np.ptp(activity, axis=0) > 0]
    reliability = measures.split_half_reliability(model.record.trial_activity.values, stream=Stream(0).child("halves"))
    neurons = model.record.activity.values
    predicted = measures.encoding_predictions(activity, neurons, stream=Stream(0).child("folds"), folds=4)
    corrected = measures.encoding_fit(predicted, neurons, reliability)
    np.testing.assert_allclose(found.corrected_fit[0], corrected, rtol=1e-6)
    assert found.median_corrected_fit.item() == pytest.approx(np.median(corrected.numpy()))
    assert found.median_ceiling.item() == pytest.approx(np.median(reliability.sqrt().numpy()))
    assert (found.corrected_fit > found.fit).where(found.fit > 0, True).all()


def test_a_silent_site_predicts_nothing(subject):
    silent = {name: torch.zeros_like(tensor) for name, tensor in subject.weights.items()}
    found = an.NeuralPrediction(brain="simulated").run(attrs.evolve(subject, ages={0: silent}))
    assert np.isnan(found.fit).all()
    assert np.isnan(found.median_fit).all()


def test_brains_without_neurons_or_with_few_stimuli_are_refused(subject, own_root):
    model = brain("simulated")
    file = saved(own_root, model, dissimilarity=model.record.dissimilarity.values)
    with pytest.raises(SpecificationError, match="brain: required responses of neurons"):
        an.NeuralPrediction(brain=file).run(subject)
    with pytest.raises(SpecificationError, match="folds: required at most 12, half of the stimuli; came 13"):
        an.NeuralPrediction(brain="simulated", folds=13).run(subject)
