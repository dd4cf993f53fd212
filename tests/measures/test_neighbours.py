import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from artneuro.errors import ActivityError
from artneuro.measures.neighbours import neighbour_overlap


@pytest.fixture
def pair(randomness):
    x = torch.randn(60, 4, generator=randomness, dtype=torch.float64)
    return x, x + 0.5 * torch.randn(60, 4, generator=randomness, dtype=torch.float64)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_it_equals_a_loop_over_the_neighbours_of_scikit_learn(pair, metric):
    sets = []
    for one in pair:
        nearest = NearestNeighbors(n_neighbors=7, metric=metric).fit(one.numpy()).kneighbors(return_distance=False)
        sets.append([set(row) for row in nearest.tolist()])
    expected = sum(len(a & b) for a, b in zip(*sets, strict=True)) / (7 * 60)
    assert neighbour_overlap(*pair, 7, metric) == pytest.approx(expected, abs=1e-12)
    assert 0.2 < expected < 0.9


def test_what_leaves_it_alone_and_what_does_not(pair, randomness):
    x, y = pair
    rotation = torch.linalg.qr(torch.randn(4, 4, generator=randomness, dtype=torch.float64)).Q
    for alike in (x @ rotation, 3 * x + 7, x.flip(1)):
        assert neighbour_overlap(alike, y) == pytest.approx(neighbour_overlap(x, y), abs=1e-12)
    assert abs(neighbour_overlap(x * torch.tensor([1.0, 5.0, 20.0, 80.0]), y) - neighbour_overlap(x, y)) > 0.05
    assert neighbour_overlap(x, x) == 1.0
    assert neighbour_overlap(x, 9 * x, metric="cosine") == 1.0


def test_chance(randomness):
    noise = [torch.randn(400, 20, generator=randomness) for _ in range(2)]
    # k / (n - 1); 4000 neighbours, a few of which are neighbours of many
    assert neighbour_overlap(*noise) == pytest.approx(10 / 399, abs=0.015)


def test_what_is_not_defined_is_refused(pair):
    x, y = pair
    for neighbours in (0, 59):
        with pytest.raises(ActivityError, match=f"required from 1 to 58, .* came {neighbours}"):
            neighbour_overlap(x, y, neighbours)
    with pytest.raises(ActivityError, match="drive no unit"):
        neighbour_overlap(x, torch.cat([y[:59], torch.zeros(1, 4)]), metric="cosine")
    with pytest.raises(ValueError, match="required euclidean or cosine; came 'cityblock'"):
        neighbour_overlap(x, y, metric="cityblock")
