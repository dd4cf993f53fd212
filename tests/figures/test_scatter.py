"""Scatters: one dot a subject, of one record or two; lines by least squares."""

import itertools

import numpy as np
import pytest
from matplotlib.collections import FillBetweenPolyCollection, PathCollection
from scipy import stats

from artneuro.errors import DesignError, SpecificationError
from artneuro.fields import conform
from artneuro.figures import Plot, scatter


def dots(figure) -> np.ndarray:
    return np.concatenate([artist.get_offsets().data for artist in figure.axes[0].findobj(PathCollection)])


def test_a_dot_is_a_subject(lesions):
    record = lesions(n=5)
    drawn = dots(scatter(record, "auc", "test_loss"))
    np.testing.assert_allclose(drawn[:, 0], record["test_loss"], rtol=1e-12)
    np.testing.assert_allclose(drawn[:, 1], record["auc"].mean("clamp"), rtol=1e-12)


def test_the_line_is_least_squares(lesions):
    record = lesions(n=5)
    line = scatter(record, "auc", "test_loss").axes[0].lines[0]
    fit = stats.linregress(record["test_loss"], record["auc"].mean("clamp"))
    np.testing.assert_allclose(line.get_ydata(), fit.intercept + fit.slope * line.get_xdata(), rtol=1e-9)


def bands(figure) -> list[np.ndarray]:
    artists = figure.axes[0].findobj(FillBetweenPolyCollection)
    return [np.concatenate([path.vertices[:, 1] for path in artist.get_paths()]) for artist in artists]


def test_the_axes_show_the_whole_band(lesions):
    record = lesions(arms=["clean"], n=4)
    figure = scatter(record, "auc", "test_loss")
    (band,) = bands(figure)
    assert band.max() > dots(figure)[:, 1].max()  # of four dots it reaches beyond them
    low, high = figure.axes[0].get_ylim()
    assert low < min(band.min(), dots(figure)[:, 1].min())
    assert max(band.max(), dots(figure)[:, 1].max()) < high


def test_a_line_through_three_dots_has_no_band(lesions):
    figure = scatter(lesions(arms=["clean"], n=3), "auc", "test_loss")
    assert len(figure.axes[0].lines) == 1
    assert bands(figure) == []


@pytest.mark.parametrize(("fit", "lines"), [("all", 1), ("each", 3), ("none", 0)])
def test_lines_are_drawn_as_asked(lesions, fit, lines):
    assert len(scatter(lesions(), "auc", "test_loss", fit=fit).axes[0].lines) == lines


def test_units_are_dots_only_when_asked_for(lesions):
    record = lesions(n=2)
    assert len(dots(scatter(record, "importance", "selectivity"))) == 6
    each = dots(scatter(record, "importance", "selectivity", over=("unit",)))
    np.testing.assert_array_equal(each[:, 0], record["selectivity"].values.ravel())
    sites = scatter(record, "importance", "selectivity", over=("unit",), hue="unit_site")
    assert [text.get_text() for text in sites.legends[0].get_texts()] == ["hidden1", "hidden2"]


def test_two_records_meet_in_their_subjects(lesions, history):
    spec = {"of": "LesionStudy.auc", "x": "History.test_loss", "where": {"clamp": "mean", "epoch": "last"}}
    records = {"LesionStudy": lesions(n=4), "History": history(n=4)}
    plot = conform({"scatter": spec}, Plot)
    drawn = dots(plot.draw(records))
    sound = np.array([place for place in range(12) if place != 2])  # the third diverged
    np.testing.assert_array_equal(drawn[:, 0], records["History"]["test_loss"].values[sound, -1])
    np.testing.assert_array_equal(drawn[:, 1], records["LesionStudy"]["auc"].sel(clamp="mean").values[sound])
    assert "Left out: clean-2 (diverged at epoch 4)." in plot.caption(records)
    assert "Not drawn" not in plot.caption(records)  # it is told once
    records["LesionStudy"] = records["LesionStudy"].isel(subject=slice(1, None))
    assert "Not drawn, for want of one of both values: clean-0." in plot.caption(records)


def test_one_variable_of_two_records_is_told_apart_by_their_names(lesions):
    """On the axes and below them; numbers along x leave each other room."""
    late = lesions(arms=["clean"], n=5)
    plot = conform({"scatter": {"of": "Late.auc", "x": "Early.auc", "hue": None}}, Plot)
    early = late.copy(deep=True)
    early["auc"] *= 0.02  # as small as what deprivation costs
    records = {"Late": late, "Early": early}
    figure = plot.draw(records)
    (ax,) = figure.axes
    assert (ax.get_ylabel(), ax.get_xlabel()) == (
        "Late: area under the lesion curve",
        "Early: area under the lesion curve",
    )
    assert "Late: area under the lesion curve, against Early: area under the lesion curve." in plot.caption(records)
    figure.draw_without_rendering()
    ends = [(box.x0, box.x1) for box in (text.get_window_extent() for text in ax.get_xticklabels()) if box.width]
    assert all(before[1] < after[0] for before, after in itertools.pairwise(ends))


def test_subjects_without_a_partner_are_refused(lesions, history):
    records = {"LesionStudy": lesions(arms=["a"], n=2), "History": history(arms=["b"], n=2)}
    plot = conform({"scatter": {"of": "LesionStudy.auc", "x": "History.test_loss"}}, Plot)
    with pytest.raises(DesignError, match="no subject has values of both auc and test_loss"):
        plot.draw(records)


def test_a_selection_that_neither_variable_has_is_refused(lesions):
    with pytest.raises(SpecificationError, match="dims or coordinates of auc or test_loss; came 'epoch'"):
        scatter(lesions(), "auc", "test_loss", where={"epoch": "last"})
