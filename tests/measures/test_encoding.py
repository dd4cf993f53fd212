import numpy as np
import pytest
import torch

from artneuro.errors import ActivityError
from artneuro.measures.encoding import encoding_fit, encoding_predictions, split_half_reliability
from artneuro.seeds import Stream

STREAM = Stream(0, ("test",))


@pytest.fixture
def features(randomness):
    return torch.randn(150, 8, generator=randomness, dtype=torch.float64)


@pytest.fixture
def truth(features, randomness):
    return features @ torch.randn(8, 20, generator=randomness, dtype=torch.float64)


@pytest.mark.parametrize("method", ["ridge", "pls"])
def test_linear_neurons_are_predicted_and_noise_is_not(features, truth, randomness, method):
    neurons = torch.cat([truth, torch.randn(150, 20, generator=randomness)], dim=1)
    predicted = encoding_predictions(features, neurons, method, stream=STREAM, components=8)
    fit = encoding_fit(predicted, neurons)
    assert fit[:20].min() > 0.999
    assert fit[20:].mean().abs() < 0.15  # each has a standard error of 0.08


def test_a_prediction_does_not_know_its_own_stimulus(features, truth):
    changed = truth.clone()
    changed[0] += 100
    found = encoding_predictions(features, changed, "pls", stream=STREAM, components=8)
    assert torch.allclose(found[0], encoding_predictions(features, truth, "pls", stream=STREAM, components=8)[0])
    assert not torch.allclose(found, encoding_predictions(features, truth, "pls", stream=STREAM, components=8))


def test_pls_of_all_components_is_least_squares(features, truth, randomness):
    from sklearn.model_selection import KFold

    neurons = truth + torch.randn(150, 20, generator=randomness)
    found = encoding_predictions(features, neurons, "pls", stream=STREAM, folds=3, components=8)
    for train, test in KFold(3, shuffle=True, random_state=STREAM.entropy() >> 96).split(features):
        design = torch.cat([features, torch.ones(150, 1)], dim=1)
        weights = torch.linalg.lstsq(design[train], neurons[train]).solution
        np.testing.assert_allclose(found[test], design[test] @ weights, atol=1e-6)  # pls is iterated


def test_correction_gives_what_there_would_be_without_noise(truth, randomness):
    repeats = truth + 3 * torch.randn(10, 150, 20, generator=randomness)
    reliability = split_half_reliability(repeats, stream=STREAM)
    expected = truth.var(dim=0) / (truth.var(dim=0) + 9 / 10)
    torch.testing.assert_close(reliability, expected, atol=0.08, rtol=0)
    mean = repeats.mean(dim=0)
    assert encoding_fit(truth, mean).mean() < 0.97
    assert encoding_fit(truth, mean, reliability).mean().item() == pytest.approx(1.0, abs=0.02)


def test_reliability_of_two_repeats_is_spearman_brown(randomness):
    repeats = torch.randn(1, 40, 3, generator=randomness) + torch.randn(2, 40, 3, generator=randomness)
    for neuron in range(3):
        r = np.corrcoef(repeats[:, :, neuron])[0, 1]
        found = split_half_reliability(repeats, stream=STREAM, splits=3)[neuron]
        assert found.item() == pytest.approx(2 * r / (1 + r), abs=1e-9)
    # of three, halves have one each, and all count three times
    three = torch.randn(3, 40, 1, generator=randomness) + repeats[:1, :, :1]
    pairs = np.corrcoef(three[:, :, 0])[np.triu_indices(3, 1)]
    found = split_half_reliability(three, stream=STREAM, splits=3000).item()
    assert found == pytest.approx(3 * pairs.mean() / (1 + 2 * pairs.mean()), abs=0.01)


def test_unreliable_and_constant_neurons_are_missing(truth):
    assert encoding_fit(truth[:, :2], truth[:, :2], torch.tensor([0.0, 1.0])).isnan().tolist() == [True, False]
    assert encoding_fit(truth[:, :1], torch.full((150, 1), 0.1)).isnan().all()


def test_what_does_not_fit_is_refused(features, truth):
    with pytest.raises(ActivityError, match="came 150 and 149 rows"):
        encoding_predictions(features, truth[:149], stream=STREAM)
    with pytest.raises(ActivityError, match="components: required from 1 to 8, .* came 25"):
        encoding_predictions(features, truth, "pls", stream=STREAM)
    with pytest.raises(ActivityError, match="came 76 for 150 stimuli"):
        encoding_predictions(features, truth, stream=STREAM, folds=76)
    with pytest.raises(ValueError, match="required ridge or pls; came 'lasso'"):
        encoding_predictions(features, truth, "lasso", stream=STREAM)
    with pytest.raises(ActivityError, match="predictions of the shape of the responses"):
        encoding_fit(features, truth)
    with pytest.raises(ActivityError, match=r"reliability: required shape \(20,\)"):
        encoding_fit(truth, truth, torch.ones(3))
    with pytest.raises(ActivityError, match="at least 2 repeats"):
        split_half_reliability(truth[None], stream=STREAM)


def test_presentations_that_there_were_not_leave_the_reliability_as_it_is():
    """Of parallel presentations with the variance of the signal, k of them are reliable to k/(k + 1)."""
    random = Stream(5).numpy()
    signal = random.standard_normal((600, 4))
    trials = signal + random.standard_normal((8, 600, 4))
    whole = split_half_reliability(trials, stream=Stream(0), splits=20)
    assert whole.numpy() == pytest.approx(8 / 9, abs=0.02)  # 600 stimuli: a standard error of about .01
    fewer = trials.copy()
    fewer[4:, ::2] = np.nan
    found = split_half_reliability(fewer, stream=Stream(0), splits=20)
    assert found.numpy() == pytest.approx(6 / 7, abs=0.04)  # of 4 and 8 presentations, 6 in the mean, roughly
    assert (found < whole).all()
    still = np.where(np.isnan(fewer), np.nan, signal)  # without noise it is 1, whatever is missing
    assert split_half_reliability(still, stream=Stream(0), splits=3).numpy() == pytest.approx(1)
    fewer[3, 1, 2] = np.nan
    with pytest.raises(ActivityError, match="for all neurons or none"):
        split_half_reliability(fewer, stream=Stream(0))
    fewer[:7, 1] = np.nan
    with pytest.raises(ActivityError, match=r"at least 2 presentations of each stimulus; 1 have fewer"):
        split_half_reliability(fewer, stream=Stream(0))
