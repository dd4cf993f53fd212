import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import FillBetweenPolyCollection

from artneuro.errors import DesignError, SpecificationError
from artneuro.figures import stack


def edges(ax):
    """Lower and upper edge of each area, at each place along x."""
    found = []
    for area in ax.findobj(FillBetweenPolyCollection):
        outline = area.get_paths()[0].vertices
        places = np.unique(outline[:, 0])
        found.append([[outline[outline[:, 0] == x, 1].min(), outline[outline[:, 0] == x, 1].max()] for x in places])
    return np.array(found)


def test_areas_are_means_over_subjects_one_above_the_other(lesions):
    record = lesions(n=5)
    axes = stack(record, "accuracy", "fraction", "clamp").axes
    assert [ax.get_title() for ax in axes] == ["arm: clean", "arm: half", "arm: random"]
    means = record["accuracy"].mean("repeat").values.reshape(3, 5, 2, 11).mean(1)
    for ax, arm in zip(axes, means, strict=True):
        found = edges(ax)
        np.testing.assert_allclose(found[0, :, 0], 0.0)
        np.testing.assert_allclose(found[0, :, 1], arm[0], rtol=1e-12)
        np.testing.assert_allclose(found[1, :, 0], arm[0], rtol=1e-12)
        np.testing.assert_allclose(found[1, :, 1], arm.sum(0), rtol=1e-12)


def test_areas_are_told_apart_without_colour(lesions):
    patches = stack(lesions(clamps=[f"c{place}" for place in range(9)]), "accuracy", "fraction", "clamp").legends[0]
    hatches = [patch.get_hatch() for patch in patches.get_patches()]
    assert len(set(hatches)) == len(hatches) == 9


def test_areas_too_thin_to_be_seen_are_one(lesions):
    record = lesions(n=3, clamps=["a", "thin", "b", "thinner", "late"])
    shares = xr.DataArray([0.5, 0.004, 0.486, 0.003, 0.007], dims="clamp", coords={"clamp": record.clamp})
    accuracy = xr.ones_like(record["accuracy"]) * shares
    accuracy[{"fraction": -1, "clamp": 4}] = 0.1  # seen at one place: an area of its own
    figure = stack(
        record.assign(accuracy=accuracy.assign_attrs(record.accuracy.attrs)), "accuracy", "fraction", "clamp"
    )
    names = [text.get_text() for text in figure.legends[0].texts]
    assert names == ["a", "b", "late", "2 others, none above 1%"]
    found = edges(figure.axes[0])
    np.testing.assert_allclose(found[-1, 0, 1] - found[-1, 0, 0], 0.007)


def test_what_cannot_be_stacked_is_refused(lesions):
    record = lesions(n=3)
    with pytest.raises(DesignError, match="a stack needs two places along fraction; there is 1"):
        stack(record.isel(fraction=[0]), "accuracy", "fraction", "clamp")
    with pytest.raises(DesignError, match="some values are negative. Use `curve`"):
        stack(record.assign(accuracy=record["accuracy"] - 0.5), "accuracy", "fraction", "clamp")
    with pytest.raises(SpecificationError, match="arms that are told apart"):
        stack(record, "accuracy", "fraction", "clamp", panels=None)
