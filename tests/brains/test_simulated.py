"""The brain that is computed has the structure that it says."""

import numpy as np

from artneuro import measures
from artneuro.brains import brain


def test_without_noise_all_observers_see_alike_and_neurons_repeat():
    quiet = brain("simulated", noise=0.0, subjects=3)
    rdms = quiet.rdms()
    assert np.allclose(rdms[0], rdms[1])
    trials = quiet.record.trial_activity.values
    assert np.array_equal(trials[0], trials[1])
    first, second = np.triu_indices(24, 1)
    apart = quiet.record.category.values[first] != quiet.record.category.values[second]
    assert rdms[0][apart].min() > 0.5
    assert rdms[0][~apart].max() < 1


def test_noise_lowers_what_observers_and_repeats_share():
    ceilings = [measures.noise_ceiling(brain("simulated", noise=noise).rdms())[0] for noise in (0.1, 0.5, 2.0)]
    assert ceilings[0] > ceilings[1] > ceilings[2] > 0


def test_observers_go_by_shape_and_answers_are_their_counts():
    found = brain("simulated", subjects=40, per_class=10).record
    words = found["class"].values.tolist()
    shape, texture = (np.array([words.index(word) for word in found[name].values]) for name in ("category", "texture"))
    assert (shape != texture).all()
    said = found.answer.values
    # 80 % by shape and a quarter of 5 % at random; 1600 answers, four standard errors
    assert abs((said == shape).mean() - 0.8125) < 4 * np.sqrt(0.8 * 0.2 / said.size)
    assert found.answers.values.tolist() == [[int((said[:, k] == one).sum()) for one in range(4)] for k in range(40)]
