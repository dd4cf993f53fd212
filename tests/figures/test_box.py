"""Boxes: quartiles, median and whiskers where Tukey puts them."""

import itertools

import numpy as np
from matplotlib.patches import PathPatch

from artneuro.figures import box


def test_boxes_are_quartiles_of_subjects(lesions):
    record = lesions(n=9)
    figure = box(record, "auc", where={"clamp": "mean"})
    patches = figure.axes[0].findobj(PathPatch)
    assert len(patches) == 3
    for arm, patch in zip(["clean", "half", "random"], patches, strict=True):
        values = record["auc"].sel(clamp="mean").values[record["arm"].values == arm]
        heights = patch.get_path().vertices[:, 1]
        np.testing.assert_allclose([heights.min(), heights.max()], np.quantile(values, [0.25, 0.75]), rtol=1e-12)


def test_pairs_that_differ_carry_stars(lesions):
    figure = box(
        lesions(), "auc", where={"clamp": "zero"}, compared=[("clean", "half", 0.0002), ("half", "random", 0.4)]
    )
    assert [text.get_text() for text in figure.axes[0].texts] == ["***"]


def test_groups_stand_in_the_order_of_the_selection(lesions):
    figure = box(lesions(), "auc", where={"arm": ("random", "clean"), "clamp": "zero"})
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["random", "clean"]


def test_a_colour_that_repeats_the_place_needs_no_legend(lesions):
    record = lesions()
    assert box(record, "auc", hue="arm", where={"clamp": "zero"}).legends == []
    (legend,) = box(record, "auc", hue="clamp").legends
    assert [text.get_text() for text in legend.get_texts()] == ["zero", "mean"]


def test_words_of_many_arms_are_never_broken(lesions, texts):
    single = ["control", "turnover", "dropout", "decay", "noise"]
    arms = [*single, *(f"{one}+{other}" for one, other in itertools.combinations(single[1:], 2))]
    figure = box(lesions(tuple(arms), 3), "auc", where={"clamp": "zero"})
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert [label.replace("\n", "") for label in labels] == arms
    assert all(line in single or line[:-1] in single or line in arms for label in labels for line in label.split("\n"))
    boxes = list(texts(figure).items())
    for place, (text, (left, bottom, right, top)) in enumerate(boxes):
        assert left >= -0.5 and bottom >= -0.5 and right <= figure.bbox.width + 0.5, f"{text!r} is cut"  # noqa: PT018
        for other, two in boxes[:place]:
            across, along = min(right, two[2]) - max(left, two[0]), min(top, two[3]) - max(bottom, two[1])
            assert across <= 1 or along <= 2, f"{text!r} lies on {other!r}"
