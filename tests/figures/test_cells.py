import numpy as np
import pytest
from matplotlib.patches import Rectangle

from artneuro.figures.canvas import canvas
from artneuro.figures.cells import NAMED, Run, box, name_cells, runs


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


def test_runs_are_named_in_their_middle_and_too_many_names_are_left_out():
    figure, (ax,) = canvas()
    name_cells(figure, ax, [Run("a", 0, 2), Run("b", 2, 5)], ["x", "y"])
    assert ax.get_yticks().tolist() == [0.5, 3.0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["x", "y"]
    name_cells(figure, ax, range(NAMED + 1), range(NAMED))
    assert len(ax.get_yticks()) == 0
    assert len(ax.get_xticks()) == NAMED
