"""Connection matrices: every weight in its cell, units of one module side by side and in one box."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from artneuro.errors import DesignError, SpecificationError
from artneuro.fields import conform
from artneuro.figures import Plot, connections
from artneuro.figures.network import SIGNS


def matrices(figure):
    return [np.asarray(ax.images[0].get_array()) for ax in figure.axes if ax.images]


def boxes(ax):
    return [patch.get_bbox().extents.tolist() for patch in ax.patches if isinstance(patch, Rectangle)]


def test_a_weight_stands_in_the_row_of_its_source_and_the_column_of_its_target(networks):
    record = networks(2)
    found = matrices(connections(record, "weight", modules="unit_site", along="epoch"))
    expected = np.zeros((2, 3, 12, 12))  # units come by layer, so in the order of the record
    expected[:, :, record.connection_source.values, record.connection_target.values] = record.weight.values
    np.testing.assert_array_equal(found, expected.reshape(6, 12, 12))


def test_units_of_a_module_stand_together_in_a_box(networks):
    record = networks(1)
    figure = connections(record, "weight", where={"epoch": 40})
    order = np.argsort(record.module.values[0], kind="stable")
    expected = np.zeros((12, 12))
    expected[record.connection_source.values, record.connection_target.values] = record.weight.values[0, 2]
    np.testing.assert_array_equal(matrices(figure)[0], expected[np.ix_(order, order)])
    first = int((record.module.values[0] == 0).sum()) - 0.5
    assert boxes(figure.axes[0]) == [[-0.5, -0.5, first, first], [first, first, 11.5, 11.5]]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["0", "1"]


def test_units_without_a_module_come_last_and_have_no_box(networks):
    record = networks(1)
    module = record.module.astype(float)
    module[0, [0, 5]] = np.nan
    figure = connections(record.assign(module=module), "weight", where={"epoch": 0})
    assert max(corner for one in boxes(figure.axes[0]) for corner in one) == 9.5


def test_layers_of_which_no_unit_is_in_a_module_are_left_out(networks):
    record = networks(2)
    sites = record.unit_site.values
    module = record.module.astype(float).where(record.unit_site != sites[0])
    module[0, -1] = np.nan  # a unit alone, of a layer that others are in modules of
    found = matrices(connections(record.assign(module=module), "weight", where={"epoch": 0}))
    kept = np.flatnonzero(sites != sites[0])
    assert [matrix.shape for matrix in found] == [(len(kept), len(kept))] * 2
    whole = np.zeros((2, 12, 12))
    whole[:, record.connection_source.values, record.connection_target.values] = record.weight.values[:, 0]
    for matrix, all_of_it in zip(found, whole, strict=True):
        assert sorted(matrix.ravel()) == sorted(all_of_it[np.ix_(kept, kept)].ravel())
    of_no_module = matrices(connections(record.assign(module=module * np.nan), "weight", where={"epoch": 0}))
    np.testing.assert_array_equal(of_no_module, whole)


def test_several_connections_of_two_units_are_added_up_and_missing_ones_are_none(networks):
    record = networks(1, epochs=(0,))
    record["connection_target"][1] = record["connection_target"][0]
    record["weight"][0, 0, 2] = np.nan
    values = record.weight.values[0, 0]
    found = matrices(connections(record, "weight", modules="unit_site", where={"epoch": 0}))[0]
    source, target = record.connection_source.values, record.connection_target.values
    assert found[source[0], target[0]] == values[0] + values[1]
    assert found[source[2], target[2]] == 0


def test_colours_part_from_zero_on_one_scale(networks):
    record = networks(2)
    images = [ax.images[0] for ax in connections(record, "weight", along="epoch").axes if ax.images]
    reach = float(abs(record.weight).max())
    assert {image.get_clim() for image in images} == {(-reach, reach)}
    colours = images[0].cmap
    assert colours(0.0)[:3] == pytest.approx(to_rgb(SIGNS["negative"]))
    assert colours(1.0)[:3] == pytest.approx(to_rgb(SIGNS["positive"]))
    assert colours(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.01)  # 256 steps have no middle one


@pytest.mark.parametrize("options", [{"along": "epoch"}, {"where": {"epoch": "last"}, "modules": "unit_site"}])
def test_every_text_can_be_read(networks, check_legible, options):
    check_legible(connections(networks(), "weight", **options))


def test_the_caption_says_what_boxes_are_and_a_wrong_name_is_refused(networks):
    record = networks(2)
    plot = conform({"connections": {"of": "Wiring.weight", "along": "epoch"}}, Plot)
    caption = plot.caption({"Wiring": record})
    assert caption.startswith(
        "Weight from row to column, on one scale for all; boxes: module. Subjects, nothing averaged"
    )
    with pytest.raises(SpecificationError, match="modules: required a variable along unit"):
        connections(record, "weight", modules="modul", along="epoch")
    with pytest.raises(DesignError, match="every connection is 0"):
        connections(record.assign(weight=0 * record.weight), "weight", along="epoch")
