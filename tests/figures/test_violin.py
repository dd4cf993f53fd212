"""Violins: as high as their subjects, as wide as one another; a constant group is a line."""

import numpy as np
from matplotlib.collections import FillBetweenPolyCollection, PathCollection

from artneuro.figures import violin


def test_violins_end_at_the_lowest_and_highest_subject(lesions):
    record = lesions(n=9)
    figure = violin(record, "auc", where={"clamp": "zero"})
    shapes = figure.axes[0].findobj(FillBetweenPolyCollection)
    assert len(shapes) == 3
    for arm, shape in zip(["clean", "half", "random"], shapes, strict=True):
        values = record["auc"].sel(clamp="zero").values[record["arm"].values == arm]
        corners = shape.get_paths()[0].vertices
        np.testing.assert_allclose([corners[:, 1].min(), corners[:, 1].max()], [values.min(), values.max()], rtol=1e-9)


def test_constant_groups_are_drawn(lesions):
    record = lesions(n=4)
    record["auc"][:4] = 0.5
    figure = violin(record, "auc", where={"clamp": "zero"})
    assert len(figure.axes[0].findobj(FillBetweenPolyCollection)) == 2
    assert sum(len(dots.get_offsets()) for dots in figure.axes[0].findobj(PathCollection)) == 12


def test_a_narrow_group_is_as_wide_on_paper_as_the_others(lesions):
    record = lesions(n=9).copy(deep=True)
    record["auc"][:9] = 0.5 + 0.1 * (record["auc"][:9] - 0.5)
    shapes = violin(record, "auc", hue="clamp").axes[0].findobj(FillBetweenPolyCollection)
    widths = [np.ptp(shape.get_paths()[0].vertices[:, 0]) for shape in shapes]
    np.testing.assert_allclose(widths, widths[0], rtol=0.01)  # densities are sampled at 100 heights
