"""Marks: the right pairs get the right stars, above the axes, none on another."""

import numpy as np
import pandas as pd
import pingouin
import pytest
from matplotlib.lines import Line2D

from artneuro.errors import SpecificationError
from artneuro.figures.canvas import canvas
from artneuro.figures.marks import draw_marks, named, pairs, stars
from artneuro.seeds import Stream


def brackets(ax) -> list[tuple[float, float, float]]:
    """Left end, right end and height in pixels of each bracket."""
    lines = [artist for artist in ax.get_children() if isinstance(artist, Line2D) and artist.get_marker() == 3]
    heights = [line.get_transform().transform((0, 1))[1] for line in lines]
    return [(*map(float, line.get_xdata()), height) for line, height in zip(lines, heights, strict=True)]


@pytest.mark.parametrize(
    ("p", "mark"),
    [(0.0, "***"), (0.00099, "***"), (0.001, "**"), (0.0099, "**"), (0.01, "*"), (0.0499, "*"), (0.05, ""), (1.0, "")],
)
def test_stars_are_the_usual_ones(p, mark):
    assert stars(p) == mark


def test_only_pairs_below_5_percent_get_a_bracket():
    figure, (ax,) = canvas()
    ax.set_xlim(-0.5, 2.5)
    draw_marks(figure, ax, ["a", "b", "c"], [("b", "a", 0.002), ("b", "c", 0.2), ("a", "c", 0.05)])
    figure.canvas.draw()
    ((left, right, height),) = brackets(ax)
    assert (round(left), round(right)) == (0, 1)
    assert height > ax.get_window_extent().y1
    assert [text.get_text() for text in ax.texts] == ["**"]


def test_brackets_never_lie_on_each_other():
    figure, (ax,) = canvas()
    ax.set_xlim(-0.5, 4.5)
    groups = list("abcde")
    draw_marks(figure, ax, groups, [(a, b, 0.01) for place, b in enumerate(groups) for a in groups[:place]])
    figure.canvas.draw()
    drawn = brackets(ax)
    assert len(drawn) == 10
    for place, (left, right, height) in enumerate(drawn):
        for other_left, other_right, other_height in drawn[:place]:
            assert right < other_left or other_right < left or abs(height - other_height) > 10


def test_the_axes_keep_their_height():
    bare, _ = canvas()
    figure, (ax,) = canvas()
    ax.set_xlim(-0.5, 1.5)
    draw_marks(figure, ax, ["a", "b"], [("a", "b", 0.01)])
    grown = figure.get_figheight() - bare.get_figheight()
    bare.canvas.draw()
    figure.canvas.draw()
    assert grown > 0.2
    # within the height of a letter
    assert ax.get_window_extent().height == pytest.approx(bare.axes[0].get_window_extent().height, abs=20)


@pytest.mark.parametrize(
    ("compared", "message"),
    [([("a", "b", 1.2)], r"p values between 0 and 1.*1\.2"), ([("x", "y", 0.1)], "pairs of the groups a, b")],
)
def test_what_cannot_be_marked_is_refused(compared, message):
    figure, (ax,) = canvas()
    with pytest.raises(SpecificationError, match=message):
        draw_marks(figure, ax, ["a", "b"], compared)


def test_pairs_are_read_from_pingouins_tables():
    data = pd.DataFrame({"value": Stream(0).numpy().normal(size=30), "arm": list("abc") * 10})
    tukey = pingouin.pairwise_tukey(data, dv="value", between="arm")
    assert [pair[:2] for pair in pairs(tukey)] == [("a", "b"), ("a", "c"), ("b", "c")]
    np.testing.assert_array_equal([p for _, _, p in pairs(tukey)], tukey["p_tukey"])


def test_a_corrected_p_goes_before_a_raw_one_and_a_missing_one_is_no_pair():
    table = pd.DataFrame({"a": ["x", "x"], "b": ["y", "z"], "p": [0.01, 0.02], "p_corrected": [0.02, np.nan]})
    assert pairs(table) == [("x", "y", 0.02)]


def test_a_table_of_something_else_is_refused():
    with pytest.raises(
        SpecificationError, match=r"the columns a, b and one of p_corrected.*came the columns source, F"
    ):
        pairs(pd.DataFrame({"source": ["arm"], "F": [3.0]}))


def test_an_unknown_analysis_is_answered_with_the_nearest():
    table = pd.DataFrame({"a": ["x"], "b": ["y"], "p": [0.01]})
    assert named({"anova": table}, "anova") == [("x", "y", 0.01)]
    assert named(None, None) == []
    with pytest.raises(SpecificationError, match='Did you mean "anova"'):
        named({"anova": table}, "anoav")
    with pytest.raises(SpecificationError, match="marks: required the name of an analysis"):
        named(None, "anova")
