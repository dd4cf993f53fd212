"""Groups: every subject is a dot at its value, in its group's place, none on another."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection

from artneuro.errors import SpecificationError
from artneuro.figures import strip
from artneuro.figures.box import Box
from artneuro.figures.groups import spread
from artneuro.figures.violin import Violin
from artneuro.seeds import Stream


def test_values_that_are_close_go_to_either_side():
    shifts = spread(np.array([0.5, 0.50001, 0.9, 0.49999]), near=0.01, room=0.3)
    assert shifts[2] == 0
    assert sorted(shifts[[0, 1, 3]]) == pytest.approx([-0.1, 0, 0.1])


@pytest.mark.parametrize("n", [1, 2, 50, 1000])
def test_shifts_keep_to_their_room(n):
    shifts = spread(np.zeros(n), near=1.0, room=0.3)
    assert np.abs(shifts).max() <= 0.3 + 1e-12  # rounding
    assert len(set(shifts.tolist())) == n


def test_far_values_stay_in_the_middle():
    np.testing.assert_array_equal(spread(np.array([3.0, 1.0, 2.0]), near=0.5, room=0.3), [0, 0, 0])
    assert spread(np.array([]), near=0.5, room=0.3).size == 0


@pytest.mark.parametrize(("hue", "apart"), [(None, 0.3), ("clamp", 0.15)])
def test_each_subject_is_a_dot_in_its_place(lesions, hue, apart):
    record = lesions(n=5)
    figure = strip(record, "auc", hue=hue, where={} if hue else {"clamp": "zero"})
    dots = [artist.get_offsets().data for artist in figure.axes[0].findobj(PathCollection)]
    auc = record["auc"]
    expected = [
        (place + (shift if hue else 0), auc.sel(clamp=clamp).values[auc["arm"].values == arm])
        for place, arm in enumerate(["clean", "half", "random"])
        for shift, clamp in zip((-0.2, 0.2), ("zero", "mean") if hue else ("zero",), strict=False)
    ]
    assert len(dots) == len(expected)
    for drawn, (at, values) in zip(dots, expected, strict=True):
        np.testing.assert_array_equal(drawn[:, 1], values)
        assert np.abs(drawn[:, 0] - at).max() <= apart


def test_the_same_values_are_drawn_the_same(lesions):
    values = Stream(0).numpy().normal(size=40)
    np.testing.assert_array_equal(spread(values, 0.1, 0.3), spread(values, 0.1, 0.3))


def with_nervous_systems(record):
    along = {"long_name": "area under the curve of the nervous system", "units": "1"}
    values = np.tile([0.25, np.nan, 0.75], (record.sizes["subject"], 1))
    record = record.assign(connectome_auc=(("subject", "connectome"), values, along))
    return {"L": record.assign_coords(connectome=["worm", "fly", "macaque"])}


@pytest.mark.parametrize("kind", [Box, Violin])
def test_nervous_systems_are_lines_across(lesions, kind):
    records = with_nervous_systems(lesions(n=5))
    plot = kind(of="L.auc", where={"clamp": "zero"}, beside="L.connectome_auc")
    ax = plot.draw(records).axes[0]
    dotted = [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == ":"]
    assert dotted == [0.25, 0.75]
    low, high = ax.get_ylim()
    assert low <= 0.25 < 0.75 <= high
    assert [text.get_text() for text in ax.texts] == ["worm", "macaque"]
    assert "(worm 0.25, macaque 0.75)" in plot.caption(records)
    assert plot.addresses() == {"of": "L.auc", "beside": "L.connectome_auc"}
    without = kind(of="L.auc", where={"clamp": "zero"})
    assert "nervous" not in without.caption(records)


def test_what_is_no_nervous_system_is_refused_beside(lesions):
    records = with_nervous_systems(lesions(n=3))
    with pytest.raises(SpecificationError, match="beside: required a variable along connectome"):
        Box(of="L.auc", where={"clamp": "zero"}, beside="L.auc").draw(records)


def test_a_record_beside_which_none_was_asked_for_has_no_lines(lesions):
    records = {"L": with_nervous_systems(lesions(n=3))["L"].isel(connectome=[])}
    figure = Box(of="L.auc", where={"clamp": "zero"}, beside="L.connectome_auc").draw(records)
    assert not figure.axes[0].texts
