"""The contract of every figure: legible, told apart without colour, nothing cut, nothing left behind."""

import matplotlib as mpl
import matplotlib._pylab_helpers
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure

from artneuro import figures, registry
from artneuro.errors import DesignError, SpecificationError
from artneuro.fields import conform
from artneuro.figures import Plot

CASES: dict[str, dict[str, object]] = {
    "box": {"of": "LesionStudy.auc", "where": {"clamp": "zero"}, "marks": "anova"},
    "violin": {"of": "LesionStudy.auc", "hue": "clamp"},
    "strip": {"of": "LesionStudy.auc", "where": {"clamp": "zero"}, "marks": "anova"},
    "curve": {"of": "LesionStudy.accuracy", "x": "fraction", "where": {"clamp": "zero"}},
    "curve_pair": {
        "of": "LesionStudy.accuracy",
        "other": "LesionStudy.accuracy",
        "x": "fraction",
        "where": {"clamp": "zero"},
    },
    "stack": {"of": "LesionStudy.accuracy", "x": "fraction", "by": "clamp"},
    "learning_curve": {"quantity": "loss"},
    "scatter": {"of": "LesionStudy.auc", "x": "History.test_loss", "where": {"clamp": "zero", "epoch": "last"}},
    "density": {"of": "LesionStudy.selectivity", "over": ["unit"]},
    "matrix": {
        "of": "LesionStudy.accuracy",
        "rows": ["repeat"],
        "columns": ["fraction"],
        "panels": "arm",
        "where": {"clamp": "zero"},
    },
    "heat_map": {"of": "LesionStudy.accuracy", "x": "fraction", "where": {"clamp": "zero"}},
}

LONG = ("control_without_any_intervention", "label corruption, half of them, permuted", "Labels+uniform-1.0", "x")
LONG += ("an arm whose label goes on and on until no line of any figure on paper could ever hold all of it",)
DESIGNS = {"two": (("clean", "half"), 2), "long": (LONG, 4)}
DESIGNS |= {"lone": (("clean",), 1), "many": (tuple(f"dose {dose}" for dose in range(12)), 3)}


@pytest.fixture(params=list(DESIGNS))
def records(request, lesions, history) -> dict[str, xr.Dataset]:
    arms, n = DESIGNS[request.param]
    return {"LesionStudy": lesions(arms, n), "History": history(arms, n)}


def plot(name: str) -> Plot:
    return conform({name: CASES[name]}, Plot)


def comparisons(records: dict[str, xr.Dataset]) -> dict[str, pd.DataFrame]:
    arms = list(dict.fromkeys(records["LesionStudy"].arm.values.tolist()))
    pairs = [(a, b, 0.03 / (place + 1)) for place, b in enumerate(arms) for a in arms[:place]]
    return {"anova": pd.DataFrame(pairs, columns=["a", "b", "p"])}


def test_every_registered_figure_has_a_case():
    # they show trials, arms that are pairs, or single networks, and have tests of their own
    of_their_own = {"tuning", "cayley", "combinations", "connections", "montage", "network", "point_map"}
    assert set(CASES) | of_their_own == set(registry.members("figure"))


@pytest.mark.parametrize("name", CASES)
def test_every_text_can_be_read(name, records, check_legible):
    figure = plot(name).draw(records, comparisons(records))
    check_legible(figure)
    labels = " ".join(ax.get_xlabel() + ax.get_ylabel() for ax in figure.axes)
    assert ("(nat)" in labels) is any("loss" in address for address in plot(name).addresses().values())
    assert all(any(label(ax) for ax in figure.axes) for label in (mpl.axes.Axes.get_xlabel, mpl.axes.Axes.get_ylabel))


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_left_behind_and_no_setting_of_the_users_counts(name, lesions, history):
    records = {"LesionStudy": lesions(n=3), "History": history(n=3)}
    usual = plot(name).draw(records, comparisons(records))
    before = dict(mpl.rcParams)
    with mpl.rc_context({"font.size": 3, "lines.linewidth": 9, "axes.facecolor": "pink", "figure.dpi": 30}):
        odd = plot(name).draw(records, comparisons(records))
    assert mpl._pylab_helpers.Gcf.figs == {}
    assert dict(mpl.rcParams) == before
    assert isinstance(usual, Figure)
    usual.canvas.draw()
    odd.canvas.draw()
    np.testing.assert_array_equal(usual.canvas.buffer_rgba(), odd.canvas.buffer_rgba())


@pytest.mark.parametrize("name", CASES)
def test_captions_name_subjects_selection_and_losses(name, lesions, history):
    records = {"LesionStudy": lesions(), "History": history()}
    caption = plot(name).caption(records)
    lost = "History" in " ".join(plot(name).addresses().values())
    assert ("Subjects: clean 9, half 10, random 10." if lost else "n = 10 subjects an arm.") in caption
    assert ("Left out: clean-2 (diverged at epoch 4)." in caption) is lost
    if plot(name).where:
        assert "clamp zero" in caption
    assert "  " not in caption
    assert caption.endswith(".")


def test_captions_say_what_was_averaged(lesions):
    records = {"LesionStudy": lesions()}
    caption = conform({"curve": {"of": "LesionStudy.accuracy", "x": "fraction"}}, Plot).caption(records)
    assert "Averaged within each subject over clamp (2) and repeat (4)." in caption
    assert "over" not in conform({"strip": {"of": "LesionStudy.auc", "hue": "clamp"}}, Plot).caption(records)
    units = conform({"density": {"of": "LesionStudy.selectivity", "over": ["unit"]}}, Plot).caption(records)
    assert "Each value is one unit of one subject; values of one subject are not independent." in units


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_address_is_answered_with_the_nearest(name, lesions, history):
    records = {"LesionStudy": lesions(), "Histori": history()}
    if name == "learning_curve":
        message = 'Did you mean "Histori.test_loss"'
        wrong = CASES[name]
    else:
        message = 'Did you mean "(auc|accuracy|selectivity)"'
        wrong = {**CASES[name], "of": f"{CASES[name]['of']}x"}
    with pytest.raises(SpecificationError, match=message):
        conform({name: wrong}, Plot).draw(records, comparisons(records))


@pytest.mark.parametrize("name", sorted(set(CASES) - {"learning_curve"}))
def test_nobody_left_to_draw_is_said(name, lesions, history):
    empty = lesions().map(lambda variable: variable * np.nan if variable.dtype.kind == "f" else variable)
    with pytest.raises(DesignError, match="no subject has a value to draw"):
        plot(name).draw({"LesionStudy": empty, "History": history()}, comparisons({"LesionStudy": empty}))


@pytest.mark.parametrize("name", CASES)
def test_a_figure_survives_the_way_through_plain_data(name):
    assert conform(plot(name).named(), Plot) == plot(name)


def test_the_public_names_are_the_plots():
    named = {name for name in figures.__all__ if isinstance(getattr(figures, name), type)}
    assert named == {"Plot", "MovingPlot", *(cls.__name__ for cls in registry.members("figure").values())}
