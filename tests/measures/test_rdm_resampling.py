import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from artneuro.errors import ActivityError
from artneuro.measures.rdm_comparison import compare_rdms
from artneuro.measures.rdm_resampling import bootstrap_comparison, permutation_test
from artneuro.measures.rdms import rdm, square_rdm
from artneuro.seeds import Stream

STREAM = Stream(0, ("test",))


@pytest.fixture
def study(randomness):
    """Eight subjects of which the first model is true, and a second model that is not."""
    patterns = torch.randn(20, 5, generator=randomness, dtype=torch.float64)
    subjects = [rdm(patterns + torch.randn(20, 5, generator=randomness), "euclidean") for _ in range(8)]
    wrong = rdm(torch.randn(20, 5, generator=randomness), "euclidean")
    return torch.stack(subjects), torch.stack([rdm(patterns, "euclidean"), wrong])


def test_a_draw_leaves_out_pairs_of_a_stimulus_with_itself(study):
    rdms, models = study
    found = bootstrap_comparison(rdms, models, draws=3, stream=STREAM, over=("stimulus",))
    generator = STREAM.numpy()
    for draw in range(3):
        drawn = generator.integers(20, size=20)
        pairs = [(i, j) for a, i in enumerate(drawn) for j in drawn[a + 1 :] if i != j]
        assert len(pairs) < 190
        first, second = map(list, zip(*pairs, strict=True))
        for model in range(2):
            predicted = square_rdm(models[model])[first, second]
            rho = [spearmanr(square_rdm(one)[first, second], predicted).statistic for one in rdms]
            assert found[draw, model].item() == pytest.approx(np.mean(rho), abs=1e-12)


def test_the_spread_of_drawing_subjects_is_the_standard_error(study):
    rdms, models = study
    found = bootstrap_comparison(rdms, models, draws=2000, stream=STREAM, over=("subject",))
    each = compare_rdms(rdms, models)
    expected = each.std(dim=0, correction=0) / 8**0.5
    np.testing.assert_allclose(found.std(dim=0), expected, rtol=0.08)  # 2000 draws: 1.6 %, times 5
    both = bootstrap_comparison(rdms, models, draws=200, stream=STREAM)
    assert (both.std(dim=0) > found.std(dim=0)).all()
    assert torch.equal(both, bootstrap_comparison(rdms, models, draws=200, stream=STREAM))


def test_permutation_finds_the_true_model_and_not_the_other(study):
    rdms, models = study
    p, null = permutation_test(rdms, models, draws=199, stream=STREAM)
    assert p[0] == 1 / 200
    assert p[1] > 0.05
    assert null.shape == (199, 2)
    assert null.mean().abs() < 0.02


@pytest.mark.parametrize("method", ["spearman", "cosine", "rho_a", "pearson", "bures"])
def test_a_permutation_relabels_stimuli(study, method):
    rdms, models = study
    _, null = permutation_test(rdms, models, method, draws=2, stream=STREAM)
    generator = STREAM.numpy()
    for draw in range(2):
        order = generator.permutation(20)
        squares = square_rdm(models)[:, order][:, :, order]
        first, second = torch.triu_indices(20, 20, 1)
        expected = compare_rdms(rdms, squares[:, first, second], method).mean(dim=0)
        torch.testing.assert_close(null[draw], expected)


def test_p_values_of_chance_are_uniform(randomness):
    noise = [torch.stack([rdm(torch.randn(8, 3, generator=randomness)) for _ in range(60)]) for _ in range(2)]
    p = torch.stack(
        [permutation_test(noise[0][[k]], noise[1][[k]], draws=39, stream=STREAM.child(k))[0][0] for k in range(60)]
    )
    assert 0.35 < p.mean() < 0.65  # standard error 0.037
    assert (p <= 0.05).sum() <= 9  # 3 expected, standard deviation 1.7
    assert p.min() < 0.2


def test_a_model_without_variation_has_no_p(study):
    rdms, models = study
    p, _ = permutation_test(rdms, torch.cat([models, torch.ones(1, 190)]), draws=9, stream=STREAM)
    assert p.isnan().tolist() == [False, False, True]


def test_what_cannot_be_drawn_is_refused(study):
    rdms, models = study
    with pytest.raises(ValueError, match="required subject, stimulus or both"):
        bootstrap_comparison(rdms, models, draws=1, stream=STREAM, over=("unit",))
    with pytest.raises(ValueError, match="bures needs all pairs"):
        bootstrap_comparison(rdms, models, "bures", draws=1, stream=STREAM)
    with pytest.raises(ActivityError, match="at least 8 stimuli to draw from; came 4"):
        bootstrap_comparison(rdms[:, :6], models[:, :6], draws=1, stream=STREAM)
    with pytest.raises(ActivityError, match=r"models: required shape \(model, pair\)"):
        permutation_test(rdms, models[0], draws=1, stream=STREAM)
    with pytest.raises(ActivityError, match="same stimuli; came 190 and 6 pairs"):
        permutation_test(rdms, models[:, :6], draws=1, stream=STREAM)
