"""Matrices: means over subjects, rows and columns in one order, boxes and trees where they belong."""

import itertools

import numpy as np
import pytest
import xarray as xr
from matplotlib.patches import Rectangle
from scipy.cluster import hierarchy

from artneuro.errors import DesignError, SpecificationError
from artneuro.fields import conform
from artneuro.figures import Plot, matrix
from artneuro.seeds import Stream

KINDS = np.array(["dog", "cat", "dog", "owl", "cat", "dog"])


def about(meaning):
    return {"long_name": meaning, "units": "1"}


@pytest.fixture
def record():
    """Dissimilarities of six stimuli of three kinds: 0, 1 within a kind, 3 or more between; subjects differ."""
    rng = Stream(3).child("matrix").numpy()
    between = 1 + 2.0 * (KINDS[:, None] != KINDS) + np.triu(rng.random((4, 6, 6)), 1)
    rdm = np.triu(between, 1)
    sites, subjects = ["conv1", "conv2"], [f"{arm}-{seed}" for arm in ("a", "b") for seed in (0, 1)]
    return xr.Dataset(
        {
            "rdm": (("subject", "stimulus", "other_stimulus"), rdm + rdm.transpose(0, 2, 1), about("dissimilarity")),
            "cka": (("subject", "site", "other", "other_site"), rng.random((4, 2, 4, 2)), about("linear CKA")),
            "fit": (("subject", "unit", "predictor"), rng.normal(size=(4, 5, 3)), about("correlation")),
        },
        {
            "subject": subjects,
            "other": subjects,
            "arm": ("subject", ["a", "a", "b", "b"]),
            "site": sites,
            "other_site": sites,
            "predictor": ["edges", "class", "hue"],
            "target": ("stimulus", KINDS),
        },
        {"title": "Recordings"},
    )


STIMULI = (["stimulus"], ["other_stimulus"])


def drawn(figure):
    return [np.ma.filled(ax.images[0].get_array(), np.nan) for ax in figure.axes if ax.images]


def names(ax, axis="y"):
    return [label.get_text() for label in getattr(ax, f"get_{axis}ticklabels")()]


def test_a_cell_is_the_mean_over_subjects(record):
    found = drawn(matrix(record, "rdm", *STIMULI, panels="arm"))
    np.testing.assert_allclose(found, record["rdm"].values.reshape(2, 2, 6, 6).mean(1), rtol=1e-12)
    figure = matrix(record, "rdm", *STIMULI, panels="arm")
    assert [ax.get_title() for ax in figure.axes[:2]] == ["arm: a", "arm: b"]
    assert len({ax.images[0].get_clim() for ax in figure.axes[:2]}) == 1


def test_blocks_order_rows_and_columns_and_box_each_kind(record):
    figure = matrix(record, "rdm", *STIMULI, blocks="target", where={"arm": "a"})
    order = [0, 2, 5, 1, 4, 3]
    expected = record["rdm"].values[:2].mean(0)[np.ix_(order, order)]
    np.testing.assert_allclose(drawn(figure)[0], expected, rtol=1e-12)
    ax = figure.axes[0]
    assert names(ax) == names(ax, "x") == ["dog", "cat", "owl"]
    corners = [patch.get_bbox().extents.tolist() for patch in ax.patches if isinstance(patch, Rectangle)]
    assert corners == [[-0.5, -0.5, 2.5, 2.5], [2.5, 2.5, 4.5, 4.5], [4.5, 4.5, 5.5, 5.5]]


def test_beside_other_panels_columns_are_named_by_the_rows(record):
    figure = matrix(record, "rdm", *STIMULI, blocks="target", panels="arm")
    assert [names(ax) for ax in figure.axes[:2]] == [["dog", "cat", "owl"], []]
    assert [names(ax, "x") for ax in figure.axes[:2]] == [[], []]
    assert "in the order" in figure.axes[1].get_xlabel()


def test_two_dims_are_rows_of_their_own_and_nothing_is_averaged(record):
    figure = matrix(record, "cka", ["site", "subject"], ["other_site", "other"])
    expected = record["cka"].transpose("site", "subject", "other_site", "other").values.reshape(8, 8)
    np.testing.assert_array_equal(drawn(figure)[0], expected)
    assert names(figure.axes[0]) == ["conv1", "conv2"]
    caption = conform(
        {"matrix": {"of": "R.cka", "rows": ["site", "subject"], "columns": ["other_site", "other"]}}, Plot
    ).caption({"R": record})
    assert "mean over subjects" not in caption
    assert "Boxes: site." in caption


def test_rows_alike_stand_together_with_their_tree(record):
    figure = matrix(record, "rdm", *STIMULI, order="cluster", where={"arm": "a"})
    means = record["rdm"].values[:2].mean(0)
    order = [int(name) for name in names(figure.axes[0].child_axes[0])]
    np.testing.assert_allclose(drawn(figure)[0], means[np.ix_(order, order)], rtol=1e-12)
    kinds = KINDS[order].tolist()
    assert sum(one != other for one, other in itertools.pairwise(kinds)) == 2  # each kind in one run
    tree = figure.axes[0].child_axes[0]
    heights = sorted(max(line.get_xdata()) for line in tree.lines)
    apart = [[np.linalg.norm(one - other) for other in means] for one in means]
    condensed = [apart[i][j] for i in range(6) for j in range(i + 1, 6)]
    np.testing.assert_allclose(heights, np.sort(hierarchy.average(condensed)[:, 2]), rtol=1e-12)
    leaves = {y for line in tree.lines for x, y in zip(*line.get_data(), strict=True) if x == 0}
    assert leaves == set(range(6))
    figure.canvas.draw()
    boxes = [ax.get_window_extent() for ax in (tree, figure.axes[0])]
    assert boxes[0].y0 == pytest.approx(boxes[1].y0)  # so that leaves are beside their rows
    assert boxes[0].y1 == pytest.approx(boxes[1].y1)


def test_only_rows_are_clustered_where_columns_are_other_things(record):
    one = matrix(record, "fit", ["unit"], ["predictor"], order="cluster", centre=0, where={"subject": ("a-0",)})
    assert names(one.axes[0], "x") == ["edges", "class", "hue"]
    order = [int(name) for name in names(one.axes[0].child_axes[0])]
    np.testing.assert_array_equal(drawn(one)[0], record["fit"].values[0][order])
    low, high = one.axes[0].images[0].get_clim()
    assert -low == high == abs(record["fit"].values[0]).max()


@pytest.mark.parametrize(
    ("of", "sides", "options"),
    [
        ("rdm", STIMULI, {"blocks": "target", "panels": "arm"}),
        ("rdm", STIMULI, {"order": "cluster", "where": {"arm": "a"}, "title": "Clustered"}),
        ("cka", (["site", "subject"], ["other_site", "other"]), {}),
        ("fit", (["unit"], ["predictor"]), {"panels": "subject", "centre": 0}),
    ],
)
def test_every_text_can_be_read(record, check_legible, of, sides, options):
    check_legible(matrix(record, of, *sides, **options))


def test_rows_without_any_value_are_left_out_of_clusters_and_counted(record):
    silent = record.copy(deep=True)
    silent["fit"][0, 1] = np.nan
    silent["rdm"][:, 3] = np.nan
    silent["rdm"][:, :, 3] = np.nan
    spec = {"of": "R.fit", "rows": ["unit"], "columns": ["predictor"], "order": "cluster", "where": {"subject": "a-0"}}
    plot = conform({"matrix": spec}, Plot)
    figure = plot.draw({"R": silent})
    order = [int(name) for name in names(figure.axes[0].child_axes[0])]
    assert sorted(order) == [0, 2, 3, 4]
    np.testing.assert_array_equal(drawn(figure)[0], silent["fit"].values[0][order])
    assert "Left out: 1 rows without a value." in plot.caption({"R": silent})
    (square,) = drawn(matrix(silent, "rdm", *STIMULI, order="cluster", where={"arm": "a"}))
    assert square.shape == (5, 5)
    assert not np.isnan(square).any()


def test_what_cannot_be_drawn_is_refused(record):
    with pytest.raises(SpecificationError, match="the units of 2 subjects, which are not the same"):
        matrix(record, "fit", ["unit"], ["predictor"], where={"arm": "a"})
    with pytest.raises(SpecificationError, match="Leave one out"):
        matrix(record, "rdm", *STIMULI, blocks="target", order="cluster", where={"arm": "a"})
    with pytest.raises(SpecificationError, match=r"a coordinate along stimulus \(target\); came 'targets'"):
        matrix(record, "rdm", *STIMULI, blocks="targets", where={"arm": "a"})
    with pytest.raises(SpecificationError, match=r"rows\[0\]: required a dim"):
        matrix(record, "rdm", ["arm"], ["other_stimulus"])
    holed = record.copy(deep=True)
    holed["rdm"][:, 3, 0] = np.nan
    with pytest.raises(DesignError, match="1 rows lack a value, and cannot be clustered"):
        matrix(holed, "rdm", *STIMULI, order="cluster", where={"arm": "a"})
