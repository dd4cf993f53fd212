import subprocess
import sys

import pytest
import torch

from artneuro.errors import ActivityError
from artneuro.measures.decoding import cross_condition_decoding, decode_class, decode_value
from artneuro.seeds import Stream

STREAM = Stream(0, ("test",))


@pytest.fixture
def x(randomness):
    return torch.randn(120, 6, generator=randomness, dtype=torch.float64)


def test_what_is_linear_is_decoded_and_what_is_not_is_at_chance(x):
    linear = (x[:, 0] + x[:, 1] > 0).long()
    found = decode_class(x, linear, stream=STREAM)
    assert found.shape == (5,)
    assert found.mean() > 0.9
    parity = ((x[:, 0] > 0) ^ (x[:, 1] > 0)).long()
    assert 0.3 < decode_class(x, parity, stream=STREAM).mean() < 0.7  # 120 draws: 0.5, standard error 0.05
    assert decode_class(x[:, [0, 0]] * 0 + 0.1, linear, stream=STREAM).mean() < 0.7


def test_units_of_any_scale_count_alike_and_the_stream_decides_the_folds(x):
    targets = (x[:, 0] + 0.5 * x[:, 1] > 0).long()
    found = decode_class(x, targets, stream=STREAM, folds=3)
    torch.testing.assert_close(decode_class(x * 10.0 ** torch.arange(6) + 3, targets, stream=STREAM, folds=3), found)
    assert torch.equal(decode_class(x, targets, stream=STREAM, folds=3), found)
    noise = (torch.arange(120) % 2).long()
    other = decode_class(x, noise, stream=STREAM.child("other"))
    assert not torch.equal(decode_class(x, noise, stream=STREAM), other)


def test_values_equal_ridge_by_hand_fold_by_fold(x):
    from sklearn.model_selection import KFold

    y = x @ torch.arange(6.0).double() + 0.1 * x[:, 0] ** 2
    found = decode_value(x, y, stream=STREAM, folds=3, regularisation=2.0)
    splits = KFold(3, shuffle=True, random_state=STREAM.entropy() >> 96).split(x)
    for fold, (train, test) in enumerate(splits):
        z = (x - x[train].mean(0)) / x[train].std(0, correction=0)
        weights = torch.linalg.solve(
            z[train].T @ z[train] + 2 * torch.eye(6), z[train].T @ (y[train] - y[train].mean())
        )
        rest = y[test] - (z[test] @ weights + y[train].mean())
        expected = 1 - rest.square().sum() / (y[test] - y[test].mean()).square().sum()
        assert found[fold].item() == pytest.approx(expected.item(), abs=1e-9)
    assert decode_value(x, torch.arange(120) % 7, stream=STREAM).mean() < 0.1


def test_a_unit_that_varies_in_the_test_fold_alone_is_not_read(x):
    """Without noise it is a constant to the decoder; with noise of 1e-9 it would be standardised as if it varied."""
    alone = torch.zeros(120, 1, dtype=torch.float64)
    alone[7] = 1.0
    noise = 1e-9 * x[:, 3:4]
    targets = x[:, 0]
    without, found = (decode_value(torch.cat(each, 1), targets, stream=STREAM) for each in ([x], [x, alone + noise]))
    assert found.min() > 0.9
    torch.testing.assert_close(found, without, atol=0.02, rtol=0)  # in four of five folds it is read, and tells nothing
    assert found.ne(without).sum() == 4


def test_a_class_that_turns_with_the_condition_is_decoded_within_but_not_across(x):
    condition = torch.arange(120) % 2
    targets = (torch.arange(120) // 2) % 2
    sign = (2 * targets - 1).double()
    same, turned = x.clone(), x.clone()
    same[:, 0] += 6 * sign
    turned[:, 0] += 6 * sign * (2 * condition - 1)
    turned[:, 1] += 6 * sign * condition  # so that it can be read out within
    assert cross_condition_decoding(same, targets, condition).min() > 0.95
    assert cross_condition_decoding(turned, targets, condition)[0] < 0.2


def test_what_cannot_be_decoded_is_refused(x):
    with pytest.raises(ActivityError, match="came 1 classes, the smallest with 120 stimuli, and 5 folds"):
        decode_class(x, torch.zeros(120), stream=STREAM)
    with pytest.raises(ActivityError, match="the smallest with 3 stimuli"):
        decode_class(x, torch.arange(120) < 3, stream=STREAM)
    with pytest.raises(ActivityError, match=r"targets: required shape \(120,\)"):
        decode_value(x, torch.zeros(5), stream=STREAM)
    with pytest.raises(ActivityError, match="came 61 for 120 stimuli"):
        decode_value(x, x[:, 0], stream=STREAM, folds=61)
    with pytest.raises(ActivityError, match="conditions: required at least 2; came 1"):
        cross_condition_decoding(x, torch.arange(120) % 2, torch.zeros(120))
    with pytest.raises(ActivityError, match=r"missing \[0\]|missing \[1\]|missing \[2\]"):
        cross_condition_decoding(x, torch.arange(120) % 3, torch.arange(120) % 3)


@pytest.mark.slow
def test_importing_measures_does_not_import_scikit_learn():
    code = "import sys, artneuro.measures; print('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
