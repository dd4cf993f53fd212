"""The paper: texts are broken where they can be, and the legend has room of its own."""

import pytest

from artneuro.figures.canvas import canvas, legend, name_axes, text_of, wrapped
from artneuro.figures.looks import looks


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("a short one", 20, ["a short one"]),
        ("words at spaces", 8, ["words at", "spaces"]),
        ("snake_case_name", 8, ["snake_", "case_", "name"]),
        ("joined+by-signs", 8, ["joined+", "by-signs"]),
        ("unbreakable", 4, ["unbr", "eaka", "ble"]),
        ("__init__", 20, ["__init__"]),
        ("", 5, [""]),
    ],
)
def test_texts_are_broken_where_they_can_be(text, width, lines):
    assert wrapped(text, width).splitlines() == (lines if text else [])
    assert wrapped(text, width).replace("\n", "").replace(" ", "") == text.replace(" ", "")


def test_numbers_are_written_as_people_do():
    assert text_of(0.1 + 0.2) == "0.3"
    assert text_of(3) == "3"
    assert text_of("half") == "half"


@pytest.mark.parametrize("count", [2, 5, 20])
def test_a_legend_leaves_the_axes_their_height(count):
    bare, (plain,) = canvas()
    figure, (ax,) = canvas()
    legend(figure, "Arm", looks([f"a rather long name of an arm {number}" for number in range(count)]))
    bare.canvas.draw()
    figure.canvas.draw()
    # a few pixels: the layout pads the legend
    assert ax.get_window_extent().height == pytest.approx(plain.get_window_extent().height, abs=15)
    (box,) = [drawn.get_window_extent() for drawn in figure.legends]
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width


@pytest.mark.parametrize(("panels", "rows"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_panels_stand_two_in_a_row(panels, rows):
    _, axes = canvas(range(panels))
    assert len(axes) == panels
    assert axes[-1].get_subplotspec().get_gridspec().nrows == rows


@pytest.mark.parametrize("panels", [1, 2, 3])
def test_long_names_of_axes_fit(panels):
    figure, axes = canvas(range(panels))
    name_axes(axes, "what lies along x " * 6, "what lies along y " * 5)
    figure.canvas.draw()
    for ax in axes:
        for label in filter(lambda label: label.get_text(), (ax.xaxis.label, ax.yaxis.label)):
            box = label.get_window_extent()
            assert box.x0 >= 0
            assert box.y0 >= 0
            assert box.x1 <= figure.bbox.width
            assert box.y1 <= figure.bbox.height
