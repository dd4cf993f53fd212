"""Densities: area 1 each, a tick for each subject, a line where all are equal."""

import numpy as np
import pytest
from matplotlib.colors import same_color
from scipy import stats

from artneuro.figures import density


def test_curves_are_gaussian_kernel_densities(lesions):
    record = lesions()
    (ax,) = density(record, "auc").axes
    values = record["auc"].mean("clamp").values[:10]
    (curve,) = [line for line in ax.lines if same_color(line.get_color(), "#0072B2") and line.get_marker() != "|"]
    x, y = curve.get_data()
    np.testing.assert_allclose(y, stats.gaussian_kde(values)(x), rtol=1e-9)
    assert np.trapezoid(y, x) == pytest.approx(1, abs=0.005)  # three bandwidths beyond the ends hold all but 0.3 %


def test_each_subject_has_a_tick_and_units_have_none(lesions):
    record = lesions(n=4)
    ticks = [
        artist
        for artist in density(record, "auc").axes[0].get_children()
        if getattr(artist, "get_marker", str)() == "|"
    ]
    np.testing.assert_allclose([tick.get_xdata() for tick in ticks], record["auc"].mean("clamp").values.reshape(3, 4))
    (ax,) = density(record, "selectivity", over=("unit",)).axes
    assert not [artist for artist in ax.get_children() if getattr(artist, "get_marker", str)() == "|"]


def test_equal_values_are_a_line(lesions):
    record = lesions(n=3)
    record["auc"][:3] = 0.25
    (ax,) = density(record, "auc").axes
    assert any(line.get_xdata() == [0.25, 0.25] and line.get_linestyle() == ":" for line in ax.lines)
