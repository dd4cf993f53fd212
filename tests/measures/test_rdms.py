import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata

from artneuro.errors import ActivityError, NegativeActivityError
from artneuro.measures.rdms import percentile_rdms, rdm, square_rdm, unit_rdms
from artneuro.seeds import Stream

SUMMED = {"sqeuclidean": 30, "euclidean": 30**0.5, "correlation": 1, "cosine": 1}  # what 30 units make of a mean
ROUNDING = 1e-12  # float64, sums of a few hundred terms of order 1


@pytest.fixture
def x(randomness):
    return torch.rand(12, 30, generator=randomness, dtype=torch.float64)


@pytest.fixture
def precision(x, randomness):
    noise = torch.randn(60, 30, generator=randomness, dtype=torch.float64)
    return torch.linalg.inv(noise.T @ noise / 60 + 0.1 * torch.eye(30))


@pytest.fixture
def repeats(x, randomness):
    """Twelve stimuli in three folds, of which the last shows the first stimulus twice, in mixed order."""
    stimuli = torch.cat([torch.arange(12).repeat(3), torch.tensor([0])])
    folds = torch.cat([torch.arange(3).repeat_interleave(12), torch.tensor([2])])
    order = torch.randperm(37, generator=randomness)
    noise = torch.randn(37, 30, generator=randomness, dtype=torch.float64)
    return (x[stimuli] + noise)[order], stimuli[order], folds[order]


@pytest.mark.parametrize("metric", SUMMED)
def test_metrics_that_scipy_has(x, metric):
    np.testing.assert_allclose(rdm(x, metric) * SUMMED[metric], pdist(x, metric), atol=ROUNDING)


def test_mahalanobis_and_poisson_equal_their_definitions_pair_by_pair(x, precision):
    found, counts = rdm(x, "mahalanobis", precision=precision), rdm(x, "poisson", prior_rate=2.0, prior_weight=0.5)
    rates = (x + 1.0) / 1.5
    for k, (i, j) in enumerate(torch.combinations(torch.arange(12)).tolist()):
        apart = x[i] - x[j]
        assert found[k].item() == pytest.approx((apart @ precision @ apart).item() / 30, rel=1e-10)
        divergence = [
            (rates[p] * (rates[p] / rates[q]).log() - rates[p] + rates[q]).mean().item() for p, q in ((i, j), (j, i))
        ]
        assert counts[k].item() == pytest.approx(sum(divergence), abs=ROUNDING)


def crossnobis_by_hand(values, stimuli, folds, precision):
    """A fold and a pair at a time, from the definition."""
    found = []
    for i, j in torch.combinations(stimuli.unique()).tolist():
        per_fold = []
        for fold in folds.unique():
            apart = [
                values[inside & (stimuli == i)].mean(0) - values[inside & (stimuli == j)].mean(0)
                for inside in (folds != fold, folds == fold)
            ]
            per_fold.append((apart[0] @ precision @ apart[1]).item() / values.shape[1])
        found.append(np.mean(per_fold))
    return np.array(found)


def test_crossnobis_equals_its_definition_fold_by_fold(repeats, precision):
    values, stimuli, folds = repeats
    plain = rdm(values, "crossnobis", stimuli=stimuli, folds=folds)
    np.testing.assert_allclose(plain, crossnobis_by_hand(*repeats, torch.eye(30).double()), atol=ROUNDING)
    whitened = rdm(values, "crossnobis", stimuli=stimuli, folds=folds, precision=precision)
    np.testing.assert_allclose(whitened, crossnobis_by_hand(*repeats, precision), atol=1e-11)


def test_noise_adds_to_squared_distances_and_nothing_to_crossnobis(randomness):
    noise = torch.randn(200, 500, generator=randomness)  # 100 equal stimuli, two folds
    stimuli, folds = torch.arange(100).repeat(2), torch.arange(2).repeat_interleave(100)
    crossed = rdm(noise, "crossnobis", stimuli=stimuli, folds=folds)
    # each has standard deviation 2 / sqrt(500); pairs that share a stimulus are not independent: 100 of them are
    assert crossed.mean().abs() < 5 * 2 / 500**0.5 / 100**0.5
    assert (crossed < 0).any()
    assert rdm((noise[:100] + noise[100:]) / 2, "sqeuclidean").mean() == pytest.approx(1.0, abs=0.05)


def test_rdms_equal_rsatoolbox(x, precision, repeats):
    rsatoolbox = pytest.importorskip("rsatoolbox", reason="equality with rsatoolbox is tested where it is installed")
    data = rsatoolbox.data.Dataset(x.numpy())
    for ours, theirs in (("correlation", "correlation"), ("sqeuclidean", "euclidean"), ("poisson", "poisson")):
        expected = rsatoolbox.rdm.calc_rdm(data, method=theirs).get_vectors()[0]
        np.testing.assert_allclose(rdm(x, ours), expected, atol=1e-10)
    expected = rsatoolbox.rdm.calc_rdm(data, method="mahalanobis", noise=precision.numpy()).get_vectors()[0]
    np.testing.assert_allclose(rdm(x, "mahalanobis", precision=precision), expected, atol=1e-10)
    values, stimuli, folds = repeats
    labels = {"stimulus": [f"{s:02d}" for s in stimuli], "fold": [f"{f}" for f in folds]}
    data = rsatoolbox.data.Dataset(values.numpy(), obs_descriptors=labels)
    for noise in (None, precision):
        expected = rsatoolbox.rdm.calc_rdm(
            data,
            method="crossnobis",
            descriptor="stimulus",
            cv_descriptor="fold",
            noise=None if noise is None else noise.numpy(),
        ).get_vectors()[0]
        ours = rdm(values, "crossnobis", stimuli=stimuli, folds=folds, precision=noise)
        np.testing.assert_allclose(ours, expected, atol=1e-10)


def test_what_leaves_a_metric_alone_and_what_does_not(x, randomness):
    rotation = torch.linalg.qr(torch.randn(30, 30, generator=randomness, dtype=torch.float64)).Q
    order = torch.randperm(30, generator=randomness)
    for metric in ("correlation", "cosine", "euclidean", "sqeuclidean"):
        torch.testing.assert_close(rdm(x[:, order], metric), rdm(x, metric))
    for metric in ("cosine", "euclidean", "sqeuclidean"):
        torch.testing.assert_close(rdm(x @ rotation, metric), rdm(x, metric))
    assert not torch.allclose(rdm(x @ rotation), rdm(x), atol=0.01)  # centring over units knows the units
    torch.testing.assert_close(rdm(3 * x + 7), rdm(x))
    assert not torch.allclose(rdm(x + 7, "cosine"), rdm(x, "cosine"), atol=0.01)
    torch.testing.assert_close(rdm(x + 1e6, "sqeuclidean"), rdm(x, "sqeuclidean"), atol=1e-8, rtol=0)


def test_unit_rdms_are_the_euclidean_rdms_of_one_unit_each(x):
    found = unit_rdms(x)
    for unit in range(30):
        np.testing.assert_allclose(found[unit], pdist(x[:, [unit]]), atol=1e-15)
    assert torch.equal(unit_rdms(torch.ones(5, 2)), torch.zeros(2, 10, dtype=torch.float64))


def test_percentiles_are_the_ranks_of_pairs_in_the_places_of_the_matrix(x):
    both = torch.stack([rdm(x), (10 * rdm(x, "euclidean")).round()])  # the second has ties
    for pairs, found in zip(both, percentile_rdms(both), strict=True):
        np.testing.assert_allclose(found, squareform((rankdata(pairs) - 0.5) / len(pairs)), atol=ROUNDING)


def test_square_is_that_of_scipy(x):
    pairs = torch.stack([rdm(x), rdm(x, "cosine")])
    np.testing.assert_array_equal(square_rdm(pairs)[1], squareform(pairs[1]))


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ValueError, "metric: required one of correlation, .*; came 'pearson'", {"metric": "pearson"}),
        (ValueError, "folds is not used by cosine", {"metric": "cosine", "folds": torch.arange(12)}),
        (ActivityError, "mahalanobis: required precision", {"metric": "mahalanobis"}),
        (ActivityError, r"precision: required shape \(30, 30\)", {"metric": "mahalanobis", "precision": torch.eye(3)}),
        (ActivityError, "came no stimuli", {"metric": "crossnobis", "folds": torch.arange(12)}),
        (
            ActivityError,
            "required at least 4 stimuli in at least 2 folds; came 12 and 1",
            {"metric": "crossnobis", "stimuli": torch.arange(12), "folds": torch.zeros(12)},
        ),
        (
            ActivityError,
            "stimulus 3 is missing in fold 1",
            {"metric": "crossnobis", "stimuli": torch.arange(12) % 8, "folds": torch.arange(12) // 8},
        ),
        (
            ActivityError,
            r"folds: required shape \(12,\)",
            {"metric": "crossnobis", "stimuli": torch.arange(12), "folds": torch.arange(3)},
        ),
        (ValueError, "prior_rate and prior_weight > 0; came 1.0 and 0.0", {"metric": "poisson", "prior_weight": 0.0}),
    ],
)
def test_errors_say_what_was_required(x, error, message, call):
    if call.get("metric") == "crossnobis" and "stimulus 3" in message:
        call = {**call, "stimuli": torch.tensor([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 4])}
    with pytest.raises(error, match=message):
        rdm(x, **call)


def test_patterns_without_a_direction_and_negative_counts_are_refused(x):
    flat = x.clone()
    flat[3] = 0.1
    with pytest.raises(ActivityError, match=r"drive all units equally: 1 of 12 \(rows 3\)"):
        rdm(flat)
    flat[3] = 0.0
    with pytest.raises(ActivityError, match=r"drive no unit: 1 of 12"):
        rdm(flat, "cosine")
    with pytest.raises(NegativeActivityError, match="30 of 30 units have some below 0"):
        rdm(x - 2, "poisson")
    with pytest.raises(ActivityError, match="all pairs of at least 4 stimuli"):
        square_rdm(torch.ones(7))


def test_crossnobis_does_not_ask_for_an_order_and_takes_means_of_repeats():
    draw = Stream(8).child("crossnobis").torch()
    x = torch.randn(3, 5, 2, 7, generator=draw, dtype=torch.float64)  # fold, stimulus, repeat, unit
    folds = torch.arange(3)[:, None, None].expand(3, 5, 2).flatten()
    stimuli = torch.arange(5)[None, :, None].expand(3, 5, 2).flatten()
    means = x.mean(dim=2).flatten(0, 1)
    expected = rdm(means, "crossnobis", stimuli=stimuli[::2], folds=folds[::2])
    # sums in another order, in double precision
    repeats = rdm(x.flatten(0, 2), "crossnobis", stimuli=stimuli, folds=folds)
    torch.testing.assert_close(repeats, expected, rtol=1e-12, atol=1e-13)
    order = torch.randperm(15, generator=draw)
    shuffled = rdm(means[order], "crossnobis", stimuli=stimuli[::2][order], folds=folds[::2][order])
    torch.testing.assert_close(shuffled, expected, rtol=1e-12, atol=1e-13)
    whole = means.view(3, 5, 7)
    # the definition: differences in one fold times those of the mean of the others
    apart = whole[:, 0] - whole[:, 1]
    one = sum(float(apart[fold] @ (apart.sum(dim=0) - apart[fold])) / 2 for fold in range(3)) / 3 / 7
    assert float(expected[0]) == pytest.approx(one, rel=1e-10)
