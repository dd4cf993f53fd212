"""Heat maps: each cell the mean of its subjects; an empty one stays empty."""

import itertools

import numpy as np
import pytest
from matplotlib.collections import QuadMesh

from artneuro.figures import heat_map


def cells(figure) -> QuadMesh:
    (mesh,) = figure.axes[0].findobj(QuadMesh)
    return mesh


def test_cells_are_means_of_subjects(lesions):
    record = lesions(n=4)
    figure = heat_map(record, "accuracy", x="fraction")
    expected = record["accuracy"].mean(("clamp", "repeat")).values.reshape(3, 4, 11).mean(1)
    np.testing.assert_allclose(cells(figure).get_array(), expected, rtol=1e-12)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["clean", "half", "random"]


def test_few_cells_carry_numbers(lesions):
    record = lesions(n=4)
    numbers = [text.get_text() for text in heat_map(record, "auc", x="clamp").axes[0].texts]
    means = record["auc"].values.reshape(3, 4, 2).mean(1).ravel()
    assert numbers == [f"{mean:.2f}" for mean in means]
    assert len(heat_map(record, "importance", x="unit").axes[0].texts) == 3 * 12
    many = record.isel(fraction=np.arange(22) % 11).assign_coords(fraction=np.arange(22))
    assert len(heat_map(many, "accuracy", x="fraction").axes[0].texts) == 0


def test_all_cells_have_equally_many_decimals(lesions):
    record = lesions(n=2).copy(deep=True)
    record["auc"][:] = [[0.9, 0.894]] * 6
    numbers = [text.get_text() for text in heat_map(record, "auc", x="clamp").axes[0].texts]
    assert numbers == ["0.90", "0.89"] * 3


def test_colours_part_evenly_from_the_centre(lesions):
    mesh = cells(heat_map(lesions(), "auc", x="clamp", centre=0.5))
    low, high = mesh.get_clim()
    assert (low + high) / 2 == pytest.approx(0.5)
    values = np.asarray(mesh.get_array())
    assert high == pytest.approx(0.5 + np.abs(values - 0.5).max())


def test_a_cell_without_values_stays_empty(lesions):
    record = lesions(n=2).copy(deep=True)
    record["auc"][2:4, 1] = np.nan
    np.testing.assert_array_equal(
        np.ma.getmaskarray(cells(heat_map(record, "auc", x="clamp")).get_array()),
        [[False, False], [False, True], [False, False]],
    )


def test_names_of_columns_fit(lesions, texts):
    arms = (
        "control_without_any_intervention",
        "label corruption, half of them, permuted",
        "x",
        "dropout in all layers",
    )
    figure = heat_map(lesions(arms, n=2), "auc", x="arm", y="clamp")
    columns = [text for text in texts(figure).items() if text[0].startswith(("control", "label", "x#", "dropout"))]
    assert len(columns) == 4
    for (_, (_, bottom, right, _)), (_, (left, *_)) in itertools.pairwise(columns):
        assert right < left
        assert bottom >= 0


def test_what_values_are_read_against_stands_below(lesions):
    record = lesions(n=4)
    ceiling = (
        record["auc"].isel(clamp=0, drop=True).expand_dims(clamp=record.clamp.values).transpose("subject", "clamp")
    )
    record = record.assign(ceiling=ceiling.assign_attrs(long_name="the ceiling", units="1"))
    figure = heat_map(record, "auc", x="clamp", below=("ceiling",), where={"arm": "half"})
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["half", "The ceiling"]
    values = np.asarray(cells(figure).get_array()).reshape(2, 2)
    expected = record["auc"].values[record["arm"].values == "half"].mean(axis=0)
    np.testing.assert_allclose(values, [expected, [expected[0]] * 2], rtol=1e-12)
