from itertools import permutations

import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.measures.wiring_length import (
    distances_between,
    expected_wiring_length,
    shuffled_wiring_lengths,
    wiring_length,
)
from artneuro.seeds import Stream


def by_hand(matrix, positions, metric, by):
    """Loops over pairs of units; an undirected pair has one wire."""
    total, undirected = 0.0, np.array_equal(np.abs(matrix), np.abs(matrix).T)
    for i, j in np.ndindex(matrix.shape):
        if i == j or matrix[i, j] == 0 or (undirected and i > j):
            continue
        apart = np.abs(positions[i] - positions[j])
        span = apart.sum() if metric == "l1" else np.sqrt((apart**2).sum())
        total += span * (abs(matrix[i, j]) if by == "weight" else 1)
    return total


@pytest.mark.parametrize("metric", ["l1", "l2"])
@pytest.mark.parametrize("by", ["weight", "existence"])
def test_equals_loops(random_graphs, metric, by):
    rng = np.random.default_rng(0)
    for matrix in random_graphs:
        positions = rng.normal(size=(len(matrix), 3))
        found = wiring_length(matrix, distances_between(positions, metric), by)
        assert found == pytest.approx(by_hand(matrix, positions, metric, by), rel=1e-12)


def test_known_lengths():
    square = distances_between([[0, 0], [0, 2], [2, 2], [2, 0]])
    ring = np.roll(np.eye(4), 1, axis=1)
    assert wiring_length(ring, square) == 8.0
    assert wiring_length(ring + ring.T, square) == 8.0  # one wire a pair, whatever the order
    assert wiring_length(-3 * ring, square) == 24.0
    assert wiring_length(-3 * ring, square, by="existence") == 8.0
    assert wiring_length(np.eye(4), square) == 0.0
    across = distances_between([[0, 0], [3, 4]], metric="l1")
    assert wiring_length([[0, 1], [0, 0]], across) == 7.0


def test_lengths_grow_with_space_and_stay_when_it_moves_or_turns(random_graphs):
    rng = np.random.default_rng(1)
    for matrix in random_graphs:
        positions = rng.normal(size=(len(matrix), 2))
        found = wiring_length(matrix, distances_between(positions))
        turn = np.linalg.qr(rng.normal(size=(2, 2)))[0]
        assert wiring_length(matrix, distances_between(positions @ turn + 5)) == pytest.approx(found, rel=1e-9)
        assert wiring_length(matrix, distances_between(3 * positions)) == pytest.approx(3 * found, rel=1e-12)
        order = rng.permutation(len(matrix))
        again = wiring_length(matrix[np.ix_(order, order)], distances_between(positions[order]))
        assert again == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize("by", ["weight", "existence"])
def test_the_expectation_is_the_mean_over_every_permutation(by):
    rng = np.random.default_rng(2)
    directed = rng.normal(size=(5, 5)) * (rng.random((5, 5)) < 0.5)
    positions = rng.normal(size=(5, 2))
    for matrix in (directed, directed + directed.T):
        lengths = [
            wiring_length(matrix, distances_between(positions[list(order)]), by) for order in permutations(range(5))
        ]
        expected = expected_wiring_length(matrix, distances_between(positions), by)
        assert expected == pytest.approx(np.mean(lengths), rel=1e-12)
        drawn = shuffled_wiring_lengths(matrix, distances_between(positions), Stream(0), shuffles=400, by=by)
        assert all(np.isclose(one, lengths, rtol=1e-12, atol=0).any() for one in drawn)
        # 4 standard errors of the mean of 400 draws
        assert drawn.mean() == pytest.approx(expected, abs=4 * np.std(lengths) / 20)
        assert np.array_equal(drawn, shuffled_wiring_lengths(matrix, distances_between(positions), Stream(0), 400, by))


def test_measured_lengths_may_be_missing_where_there_is_no_connection():
    fibres = np.array([[np.nan, 2.0, np.nan], [2.0, np.nan, np.nan], [np.nan, np.nan, np.nan]])
    weights = np.array([[0, 3, 0], [3, 0, 0], [0, 0, 0]])
    assert wiring_length(weights, fibres) == 6.0
    for call in (
        lambda: wiring_length(np.ones((3, 3)), fibres),
        lambda: expected_wiring_length(weights, fibres),
        lambda: shuffled_wiring_lengths(weights, fibres, Stream(0)),
    ):
        with pytest.raises(SpecificationError, match="distances: required finite numbers >= 0"):
            call()


def test_what_cannot_be_is_refused():
    line = distances_between([[0.0], [1.0], [3.0]])
    with pytest.raises(SpecificationError, match=r"shape \(2, 2\), one for each pair .* came shape \(3, 3\)\. `dist"):
        wiring_length(np.ones((2, 2)), line)
    with pytest.raises(SpecificationError, match="by: required weight or existence; came 'length'"):
        wiring_length(np.ones((3, 3)), line, by="length")
    with pytest.raises(SpecificationError, match="finite numbers >= 0"):
        wiring_length(np.ones((3, 3)), -line)
    with pytest.raises(SpecificationError, match="metric: required l1 or l2; came 'l3'"):
        distances_between([[0.0], [1.0]], metric="l3")
    with pytest.raises(SpecificationError, match=r"positions: .* came shape \(3,\)"):
        distances_between([0.0, 1.0, 2.0])
    with pytest.raises(SpecificationError, match="positions: .* came some that are not finite"):
        distances_between([[0.0], [np.nan]])
    with pytest.raises(SpecificationError, match="shuffles: required a whole number >= 1; came 0"):
        shuffled_wiring_lengths(np.ones((3, 3)), line, Stream(0), shuffles=0)
