import numpy as np
import pytest
from matplotlib.patches import Rectangle

from artneuro.figures.canvas import canvas
from artneuro.figures.cells import Run, box, name_cells, runs


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        (["a", "a", "b"], [("a", 0, 2), ("b", 2, 3)]),
        (["a", "b", "a"], [("a", 0, 1), ("b", 1, 2), ("a", 2, 3)]),
        ([None, "a", None], [("a", 1, 2)]),
        ([], []),
    ],
)
def test_runs_are_neighbours_of_one_kind(levels, found):
    assert runs(levels) == [Run(*each) for each in found]


def test_a_box_holds_the_rows_and_columns_of_its_level():
    _, (ax,) = canvas()
    box(ax, [Run("a", 0, 2), Run("b", 2, 5)], [Run("b", 0, 3), Run("c", 3, 4)])
    (drawn,) = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    np.testing.assert_array_equal(drawn.get_bbox().extents, [-0.5, 1.5, 2.5, 4.5])


def ticks(ax, axis):
    places, labels = getattr(ax, f"get_{axis}ticks")(), getattr(ax, f"get_{axis}ticklabels")()
    return dict(zip(places.tolist(), [label.get_text() for label in labels], strict=True))


def test_runs_are_named_in_their_middle():
    _, (ax,) = canvas()
    ax.set(xlim=(-0.5, 4.5), ylim=(4.5, -0.5))
    name_cells(ax, [Run("a", 0, 2), Run("b", 2, 5)], [Run("a", 0, 5)], 3.0)
    assert ticks(ax, "y") == {0.5: "a", 3.0: "b"}
    assert ticks(ax, "x") == {2.0: "a"}
    name_cells(ax, ["v"], [], 3.0, first=False)
    assert ticks(ax, "y") == {}


def test_names_without_room_are_left_out():
    """Three inches hold 15 lines: each of 15 rows, none of 16; a narrow run stays without a name."""
    _, (ax,) = canvas()
    for count in (15, 16):
        ax.set(xlim=(-0.5, count - 0.5), ylim=(count - 0.5, -0.5))
        name_cells(ax, range(count), range(count), 3.0)
        assert len(ticks(ax, "y")) == len(ticks(ax, "x")) == (15 if count == 15 else 0)
    name_cells(ax, [Run("a", 0, 1), Run("b", 1, 2), Run("c", 2, 16)], [], 3.0)
    assert list(ticks(ax, "y").values()) == ["a", "c"]


def test_names_wider_than_their_columns_stand_upright():
    _, (ax,) = canvas()
    ax.set(xlim=(-0.5, 3.5), ylim=(3.5, -0.5))
    for name, angle in (("short", 0), ("too long for an inch", 90)):
        name_cells(ax, [], [name] * 4, 4.0)
        assert {label.get_rotation() for label in ax.get_xticklabels()} == {angle}
