import numpy as np
import pytest

from artneuro.errors import SpecificationError
from artneuro.figures import curve, curve_pair


def test_each_panel_is_the_curve_of_its_variable_on_its_own_scale(history):
    record = history(n=4)
    figure = curve_pair(record, "train_accuracy", record, "test_loss")
    assert [ax.get_ylabel() for ax in figure.axes] == ["Train accuracy", "Test loss (nat)"]
    assert figure.axes[0].get_ylim() != figure.axes[1].get_ylim()
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()
    for ax, name in zip(figure.axes, ("train_accuracy", "test_loss"), strict=True):
        alone = curve(record, name, "epoch").axes[0]
        assert len(ax.lines) == len(alone.lines) == 3
        for line, other in zip(ax.lines, alone.lines, strict=True):
            np.testing.assert_array_equal(line.get_ydata(), other.get_ydata())
            assert line.get_color() == other.get_color()


def test_each_record_is_selected_by_what_it_has(lesions, history):
    both = curve_pair(
        lesions(n=3),
        "accuracy",
        lesions(n=3, clamps=["zero"]).drop_vars("clamp").isel(clamp=0),
        "accuracy",
        "fraction",
        where={"clamp": "mean", "arm": ["clean", "half"]},
    )
    assert [len(ax.lines) for ax in both.axes] == [2, 2]
    expected = lesions(n=3)["accuracy"].sel(clamp="mean").mean("repeat")[:3].mean("subject")
    np.testing.assert_allclose(both.axes[0].lines[0].get_ydata(), expected, rtol=1e-12)


def test_a_selection_that_neither_has_is_refused(history):
    with pytest.raises(SpecificationError, match="required the name of a dim or coordinate with values; came 'clamp'"):
        curve_pair(history(), "train_accuracy", history(), "test_loss", where={"clamp": "zero"})
