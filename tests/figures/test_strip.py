"""Strips: twins joined, means with intervals from three subjects on."""

import numpy as np
from matplotlib.container import ErrorbarContainer
from scipy import stats

from artneuro.figures import strip


def joins(figure) -> list[np.ndarray]:
    return [line.get_ydata() for line in figure.axes[0].lines if line.get_color() == "#999999"]


def test_twins_are_joined_across_arms(lesions):
    record = lesions(n=4)
    figure = strip(record, "auc", where={"clamp": "zero"})
    auc = record["auc"].sel(clamp="zero").values.reshape(3, 4)
    np.testing.assert_array_equal(sorted(joins(figure), key=lambda line: line[0]), auc.T[np.argsort(auc[0])])


def test_a_subject_is_joined_across_a_dim(lesions):
    record = lesions(n=4)
    figure = strip(record, "auc", x="clamp", where={"arm": "half"})
    auc = record["auc"].values[4:8]
    np.testing.assert_array_equal(sorted(joins(figure), key=lambda line: line[0]), auc[np.argsort(auc[:, 0])])


def test_strangers_are_not_joined(lesions):
    assert joins(strip(lesions().drop_vars("seed"), "auc", where={"clamp": "zero"})) == []
    assert joins(strip(lesions(), "auc", hue="clamp")) == []
    nervous = lesions(("clean", "worm"), n=2)
    nervous["seed"][2:] = -1  # what has no seed
    assert all(len(line) == 1 for line in joins(strip(nervous, "auc", where={"clamp": "zero"})))


def test_the_mean_has_its_interval(lesions):
    record = lesions(n=6)
    figure = strip(record, "auc", where={"clamp": "zero"})
    values = record["auc"].sel(clamp="zero").values[:6]
    (first, *_) = [bar for bar in figure.axes[0].containers if isinstance(bar, ErrorbarContainer)]
    ((below, above),) = first.lines[2][0].get_segments()
    expected = stats.t.interval(0.95, 5, values.mean(), stats.sem(values))
    np.testing.assert_allclose([below[1], above[1]], expected, rtol=1e-12)  # rounding


def test_two_subjects_have_a_mean_and_no_interval(lesions):
    figure = strip(lesions(n=2), "auc", where={"clamp": "zero"})
    for bar in figure.axes[0].containers:
        ((below, above),) = bar.lines[2][0].get_segments()
        assert below[1] == above[1]
