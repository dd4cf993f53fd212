import pytest
import torch
from sklearn.metrics import cohen_kappa_score

from artneuro.errors import ActivityError
from artneuro.measures.error_consistency import error_consistency


def test_it_equals_cohens_kappa_of_scikit_learn(randomness):
    a, b = torch.rand(3, 50, generator=randomness) < 0.8, torch.rand(2, 50, generator=randomness) < 0.6
    found = error_consistency(a, b)
    for i in range(3):
        for j in range(2):
            assert found[i, j].item() == pytest.approx(cohen_kappa_score(a[i], b[j]), abs=1e-12)


def test_accuracy_alone_gives_none(randomness):
    a, b = (torch.rand(1, 20_000, generator=randomness) < 0.9 for _ in range(2))
    assert (a == b).double().mean() > 0.8
    assert error_consistency(a, b).abs() < 0.03  # standard error of about 0.007


def test_observers_without_errors_have_none_and_wrong_input_is_refused():
    always = torch.ones(1, 5, dtype=torch.bool)
    assert error_consistency(always, torch.cat([always, ~always])).isnan().tolist() == [[True, False]]
    with pytest.raises(ActivityError, match="a: required bool .*came torch.float32"):
        error_consistency(torch.ones(1, 5), always)
    with pytest.raises(ActivityError, match="came 5 and 4"):
        error_consistency(always, always[:, :4])
