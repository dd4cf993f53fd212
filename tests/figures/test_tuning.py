"""The figure of a search: legible for any number of parameters, and every trial is where its values say."""

import itertools
import json
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

from artneuro.errors import DesignError, SpecificationError
from artneuro.fields import conform
from artneuro.figures import Plot, tuning

STATES = ["complete", "complete", "pruned", "diverged", "complete", "refused"]
PATHS = {
    "cohort.rearing.optimizer.sgd.lr": (np.geomspace(1e-4, 1, 6), "log"),
    "cohort.rearing.epochs": (np.array([3, 5, 7, 9, 11, 13]), "linear"),
    "cohort.rearing.schedule": (np.array(["cosine", "constant"] * 3), "choices"),
    "cohort.arms.an_arm_with_a_long_name.ActivityNoise.sd": (np.linspace(0, 1, 6), "linear"),
}


@pytest.fixture
def search() -> Callable[..., xr.Dataset]:
    """Give a maker of the record of a search of six trials over the first `count` paths."""

    def make(count: int = 4, states: list[str] = STATES) -> xr.Dataset:
        about = {"long_name": "validation loss, mean over subjects, in the last epoch", "units": "nat"}
        reached = np.array([0.9, 0.5, 0.8, np.nan, 0.4, np.nan])
        objective = np.where(np.array(states) == "complete", reached, np.nan)
        reached = np.where(np.isin(states, ["complete", "pruned"]), reached, np.nan)
        along = {"objective": objective, "reached": reached, "best_objective": np.fmin.accumulate(objective)}
        record = xr.Dataset(
            {name: ("trial", values, about) for name, values in along.items()},
            {"trial": np.arange(6), "subject": ["a-1", "a-2"], "state": ("trial", states)},
        )
        for path in list(PATHS)[:count]:
            values, scale = PATHS[path]
            units = "epoch" if path.endswith("epochs") else "1"
            record[path] = ("trial", values, {"long_name": path, "units": units, "scale": scale})
        record.attrs = {"searched": json.dumps(list(PATHS)[:count]), "direction": "minimize"}
        return record.set_coords(list(PATHS)[:count])

    return make


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_text_can_be_read(search, texts, count):
    figure = tuning(search(count), title="a search")
    width, height = figure.bbox.size
    boxes = list(texts(figure).items())
    for place, (text, (left, bottom, right, top)) in enumerate(boxes):
        assert left >= -0.5 and bottom >= -0.5 and right <= width + 0.5 and top <= height + 0.5, f"{text!r} is cut"  # noqa: PT018
        for other, two in boxes[:place]:
            across, along = min(right, two[2]) - max(left, two[0]), min(top, two[3]) - max(bottom, two[1])
            assert across <= 1 or along <= 2, f"{text!r} lies on {other!r}"
    sizes = [text.get_fontsize() for text in figure.findobj(mpl.text.Text) if text.get_text().strip()]
    assert min(sizes) >= 10
    assert figure.get_figwidth() <= 9.0
    assert len(figure.axes) == count + 1


@pytest.mark.parametrize(("low", "high"), [(2e-4, 4e-3), (1e-3, 2e-3), (1e-6, 1.0), (0.03, 30.0)])
def test_places_on_a_logarithmic_axis_do_not_run_into_each_other(search, low, high):
    record = search(4)
    rate = "cohort.rearing.optimizer.sgd.lr"
    record[rate] = record[rate].copy(data=np.geomspace(low, high, 6))
    figure = tuning(record)
    figure.canvas.draw()
    axis = figure.axes[1].xaxis
    inside = axis.get_view_interval()
    places = [tick for tick in axis.get_major_ticks() if inside[0] <= tick.get_loc() <= inside[1]]
    assert len(places) >= 2, "two places tell the scale"
    boxes = sorted((tick.label1.get_window_extent().intervalx for tick in places), key=lambda box: box[0])
    assert all(before[1] < after[0] for before, after in itertools.pairwise(boxes))
    assert not any(label.get_text() for label in axis.get_minorticklabels())


def test_every_trial_stands_where_its_values_say(search):
    first, rate, epochs, schedule, _ = tuning(search()).axes
    assert first.get_ylabel().replace("\n", " ") == "Validation loss, mean over subjects, in the last epoch (nat)"
    best, complete, pruned, diverged, refused = first.lines
    assert best.get_ydata().tolist() == [0.9, 0.5, 0.5, 0.5, 0.4, 0.4]
    assert complete.get_xydata().tolist() == [[0, 0.9], [1, 0.5], [4, 0.4]]
    assert pruned.get_xydata().tolist() == [[2, 0.8]]
    edge = first.get_ylim()[1]
    assert diverged.get_xydata().tolist() == [[3, edge]]
    assert refused.get_xydata().tolist() == [[5, edge]]
    assert (rate.get_xscale(), rate.lines[0].get_xdata().tolist()) == (
        "log",
        PATHS["cohort.rearing.optimizer.sgd.lr"][0][[0, 1, 4]].tolist(),
    )
    assert (epochs.get_xscale(), epochs.get_xlabel()) == ("linear", "epochs (epoch)")
    assert [label.get_text() for label in schedule.get_xticklabels()] == ["constant", "cosine"]
    assert schedule.lines[0].get_xdata().tolist() == [1, 0, 1]


def test_what_was_cut_short_far_from_the_others_stands_on_the_edge(search):
    record = search(1)
    record["reached"][2] = 70.0
    first, rate = tuning(record).axes
    low, high = first.get_ylim()
    assert low < 0.4 < 0.9 < high < 1.1  # the completed trials fill the axes
    assert first.lines[2].get_ydata().tolist() == rate.lines[1].get_ydata().tolist() == [high]


def test_nothing_is_left_behind_and_no_setting_of_the_users_counts(search):
    usual = tuning(search())
    with mpl.rc_context({"font.size": 3, "lines.linewidth": 9, "axes.facecolor": "pink", "figure.dpi": 30}):
        odd = tuning(search())
    for figure in (usual, odd):
        figure.canvas.draw()
    np.testing.assert_array_equal(usual.canvas.buffer_rgba(), odd.canvas.buffer_rgba())


def test_the_declared_figure_says_what_it_shows(search):
    plot = conform({"tuning": {}}, Plot)
    caption = plot.caption({"Tuning": search(1)})
    assert "6 trials: 3 complete, 1 pruned, 1 diverged, 1 refused." in caption
    assert "mean of 2 subjects" in caption
    assert "against cohort.rearing.optimizer.sgd.lr." in caption
    kept = conform({"tuning": {"where": {"state": ["complete"]}}}, Plot)
    assert "3 trials: 3 complete." in kept.caption({"Tuning": search(1)})
    assert len(kept.draw({"Tuning": search(1)}).axes[0].lines) == 2
    assert conform(kept.named(), Plot) == kept


def test_what_is_not_there_is_said(search):
    with pytest.raises(SpecificationError, match="a variable of the record Tuning"):
        conform({"tuning": {}}, Plot).draw({"Tuning": search()[["reached"]]})
    with pytest.raises(DesignError, match="no trial has an objective"):
        tuning(search(states=["diverged"] * 6))
