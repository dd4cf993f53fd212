"""Curves: means of subjects, intervals over subjects and never over repeats."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import FillBetweenPolyCollection
from scipy import stats

from artneuro.errors import SpecificationError
from artneuro.figures import curve


def bands(ax) -> list[np.ndarray]:
    """Lower and upper end of each band at each x, from its outline."""
    outlines = [band.get_paths()[0].vertices for band in ax.findobj(FillBetweenPolyCollection)]
    return [
        np.array(
            [
                [outline[outline[:, 0] == x, 1].min(), outline[outline[:, 0] == x, 1].max()]
                for x in np.unique(outline[:, 0])
            ]
        )
        for outline in outlines
    ]


def test_lines_are_means_and_bands_are_over_subjects(lesions):
    record = lesions(n=6)
    (ax,) = curve(record, "accuracy", "fraction", where={"clamp": "zero"}).axes
    subjects = record["accuracy"].sel(clamp="zero").mean("repeat").values.reshape(3, 6, 11)
    assert len(ax.lines) == 3
    for line, band, arm in zip(ax.lines, bands(ax), subjects, strict=True):
        np.testing.assert_allclose(line.get_ydata(), arm.mean(0), rtol=1e-12)  # rounding
        low, high = stats.t.interval(0.95, 5, arm.mean(0), stats.sem(arm))
        np.testing.assert_allclose(band, np.stack([low, high], 1), rtol=1e-9)


def test_repeats_never_narrow_a_band(lesions):
    record = lesions(n=6)
    twice = xr.concat([record, record], "repeat", data_vars="minimal")
    once_bands, twice_bands = (bands(curve(data, "accuracy", "fraction").axes[0]) for data in (record, twice))
    for one, two in zip(once_bands, twice_bands, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-9)


def test_two_subjects_are_drawn_each_instead_of_a_band(lesions):
    record = lesions(arms=["clean"], n=2, clamps=["zero"])
    (ax,) = curve(record, "accuracy", "fraction").axes
    assert ax.findobj(FillBetweenPolyCollection) == []
    _, *each = [line.get_ydata() for line in ax.lines]
    np.testing.assert_allclose(each, record["accuracy"].mean(("clamp", "repeat")), rtol=1e-12)


def test_the_axis_shows_all_subjects_and_the_whole_band(lesions):
    record = lesions(n=3)
    (ax,) = curve(record, "accuracy", "fraction").axes
    subjects = record["accuracy"].mean(("clamp", "repeat"))
    heights = np.concatenate(bands(ax))
    assert heights.max() > float(subjects.max())  # of three subjects it reaches beyond them
    low, high = ax.get_ylim()
    lowest, highest = min(heights.min(), float(subjects.min())), max(heights.max(), float(subjects.max()))
    room = 0.04 * (highest - lowest)
    np.testing.assert_allclose([low, high], [lowest - room, highest + room], rtol=1e-12)


def test_where_two_subjects_are_left_there_is_no_band(lesions):
    record = lesions(arms=["clean"], n=3, clamps=["zero"]).copy(deep=True)
    record["accuracy"][0, ..., -1] = np.nan
    (ax,) = curve(record, "accuracy", "fraction").axes
    (band,) = bands(ax)
    assert len(band) == len(record.fraction) - 1
    assert ax.lines[0].get_xdata().max() == float(record.fraction[-1])


def test_panels_tell_arms_apart_where_lines_tell_clamps(lesions):
    record = lesions(n=3)
    with pytest.raises(SpecificationError, match="arms that are told apart"):
        curve(record, "accuracy", "fraction", hue="clamp")
    figure = curve(record, "accuracy", "fraction", hue="clamp", panels="arm")
    assert [ax.get_title() for ax in figure.axes] == ["arm: clean", "arm: half", "arm: random"]
    half = record["accuracy"].values[3:6, 1].mean((0, 1))
    np.testing.assert_allclose(figure.axes[1].lines[1].get_ydata(), half, rtol=1e-12)


def test_lines_differ_in_marker_and_dashes_too(lesions):
    lines = curve(lesions(), "accuracy", "fraction").axes[0].lines
    assert len({line.get_marker() for line in lines}) == 3
    assert len({line.get_linestyle() for line in lines} | {str(line._dash_pattern) for line in lines}) >= 3


def test_one_group_has_no_legend(lesions):
    assert curve(lesions(arms=["clean"]), "accuracy", "fraction").legends == []
    assert len(curve(lesions(), "accuracy", "fraction").legends) == 1


def test_layers_stand_in_the_order_of_depth(lesions):
    record = (
        lesions(n=3).isel(fraction=slice(3)).assign_coords(fraction=["stem", "body", "head"]).rename(fraction="site")
    )
    figure = curve(record, "accuracy", "site", where={"clamp": "zero"})
    figure.canvas.draw()
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["stem", "body", "head"]
    expected = record["accuracy"].sel(clamp="zero").mean("repeat").values[:3].mean(0)
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), expected, rtol=1e-12)
