from math import pi

import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes

from artneuro.errors import ActivityError
from artneuro.measures.canonical import cca
from artneuro.measures.procrustes import procrustes, shape_distances, shape_metric


@pytest.fixture
def pair(randomness):
    x = torch.randn(40, 12, generator=randomness, dtype=torch.float64)
    return x, x[:, :9] + torch.randn(40, 9, generator=randomness, dtype=torch.float64)


def published(x, y, alpha, form):
    """Fit and score as netrep's LinearMetric does (it is not in the package index): whiten, rotate, compare."""
    width = max(x.shape[1], y.shape[1])
    whitened = []
    for one in (x.numpy(), y.numpy()):
        one = np.pad(one - one.mean(axis=0), ((0, 0), (0, width - one.shape[1])))
        if alpha < 1:
            variances, axes = np.linalg.eigh(one.T @ one)
            # netrep clips the variances of units that it pads with, and counts them; they have none
            kept = variances > 1e-7
            factor = np.where(kept, alpha + (1 - alpha) / np.sqrt(np.where(kept, variances, 1.0)), 0.0)
            factor *= np.sqrt(variances[kept].sum() / (variances * factor**2)[kept].sum())
            one = one @ (axes * factor) @ axes.T
        whitened.append(one)
    left, _, right = np.linalg.svd(whitened[0].T @ whitened[1])
    a, b = whitened[0] @ left, whitened[1] @ right.T
    if form == "euclidean":
        return np.linalg.norm(a - b)
    return np.arccos(np.clip((a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b)), -1, 1))


@pytest.mark.parametrize("alpha", [1.0, 0.3, 0.0])
@pytest.mark.parametrize("form", ["angular", "euclidean"])
def test_distances_equal_the_published_code(pair, alpha, form):
    assert shape_metric(*pair, alpha, form) == pytest.approx(published(*pair, alpha, form), abs=1e-9)


@pytest.mark.parametrize("alpha", [1.0, 0.3])
def test_more_units_than_stimuli(randomness, alpha):
    x, y = (torch.randn(15, 50, generator=randomness, dtype=torch.float64) for _ in range(2))
    assert shape_metric(x, y, alpha) == pytest.approx(published(x, y, alpha, "angular"), abs=1e-9)


def test_distances_equal_netrep(pair):
    metrics = pytest.importorskip("netrep.metrics", reason="netrep is not in the package index; equality where it is")
    x, y = (one.numpy() for one in pair)
    for alpha in (1.0, 0.3):
        expected = metrics.LinearMetric(alpha=alpha).fit_score(x, y)
        assert shape_metric(x, y, alpha) == pytest.approx(expected, abs=1e-6)


def test_rotation_onto_each_other_equals_scipy(pair):
    x, y = (one.numpy() - one.numpy().mean(axis=0) for one in pair)
    y = np.pad(y, ((0, 0), (0, 3)))
    rotation, _ = orthogonal_procrustes(y, x)
    assert procrustes(*pair) == pytest.approx(np.linalg.norm(x - y @ rotation), abs=1e-10)


def test_full_whitening_is_canonical_correlation(pair):
    expected = np.arccos(cca(*pair).sum().item() / (12 * 9) ** 0.5)
    assert shape_metric(*pair, alpha=0.0) == pytest.approx(expected, abs=1e-10)


def test_what_leaves_them_alone_and_what_does_not(pair, randomness):
    x, y = pair
    rotation = torch.linalg.qr(torch.randn(12, 12, generator=randomness, dtype=torch.float64)).Q
    for form in ("angular", "euclidean"):
        for alike in (x @ rotation + 5, x[:, torch.randperm(12, generator=randomness)], torch.cat([x, x * 0], dim=1)):
            assert procrustes(alike, y, form) == pytest.approx(procrustes(x, y, form), abs=1e-9)
        assert abs(procrustes(x * torch.arange(1.0, 13.0), y, form) - procrustes(x, y, form)) > 1e-2
    assert procrustes(3 * x, y, "angular") == pytest.approx(procrustes(x, y, "angular"), abs=1e-9)
    assert procrustes(3 * x, y) - procrustes(x, y) > 1
    mixed = x @ torch.randn(12, 12, generator=randomness, dtype=torch.float64)
    assert shape_metric(mixed, y, 0.0) == pytest.approx(shape_metric(x, y, 0.0), abs=1e-9)
    assert procrustes(x, 2 * x) == pytest.approx((x - x.mean(dim=0)).norm().item(), abs=1e-9)


def test_they_are_metrics(randomness):
    shapes = [torch.randn(20, k, generator=randomness, dtype=torch.float64) for k in (3, 5, 8, 30)]
    for form in ("angular", "euclidean"):
        apart = shape_distances(shapes, alpha=0.5, form=form)
        assert torch.equal(apart, apart.T)
        assert apart.diagonal().tolist() == [0.0] * 4
        assert (apart[:, :, None] <= apart[:, None] + apart.T[None] + 1e-9).all()
        torch.testing.assert_close(shape_distances(shapes[:1], shapes, 0.5, form)[0, 1:], apart[0, 1:])
    assert 0 < shape_distances(shapes).max() <= pi / 2


def test_what_is_not_defined_is_refused(pair):
    x, y = pair
    with pytest.raises(ActivityError, match=r"xs\[0\]: .*alpha = 0; came 9 for 10 stimuli"):
        shape_metric(x[:10], y[:10], 0.0)
    with pytest.raises(ActivityError, match=r"ys\[0\]: required units that vary"):
        procrustes(x, torch.full((40, 2), 0.1))
    with pytest.raises(ActivityError, match="came 40 and 39 rows"):
        procrustes(x, y[:39])
    with pytest.raises(ActivityError, match="at least one representation"):
        shape_distances([])
    with pytest.raises(ValueError, match=r"alpha: required in \[0, 1\]; came 2"):
        shape_metric(x, y, 2)
    with pytest.raises(ValueError, match="form: required angular or euclidean; came 'riemann'"):
        procrustes(x, y, "riemann")
