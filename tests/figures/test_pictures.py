"""Pictures: one a subject and place, as they were selected; nothing is averaged, and nothing goes missing unsaid."""

import numpy as np
import pytest

from artneuro.errors import DesignError, SpecificationError
from artneuro.figures.pictures import ACROSS, pictures, sheet


def shown(record, along="epoch", where=None, beside=()):
    return pictures(record, "weight", {"of": "connection"}, along, where or {}, beside)


def test_a_picture_is_one_subject_at_one_place(networks):
    record = networks(2)
    found = shown(record, beside=["module", "position"])
    assert [(one.subject, one.place) for one in found.each] == [
        (f"bimt-{seed}", epoch) for seed in (0, 1) for epoch in (0, 10, 40)
    ]
    for one in found.each:
        at = {"subject": one.subject, "epoch": one.place}
        np.testing.assert_array_equal(one.data["weight"], record["weight"].sel(at))
        np.testing.assert_array_equal(one.data["module"], record["module"].sel(subject=one.subject))
        np.testing.assert_array_equal(one.data["position"], record["position"])
    assert found.by_place() == [[0, 3], [1, 4], [2, 5]]
    assert found.said() == "Subjects, nothing averaged: bimt-0, bimt-1."


def test_a_selection_counts_for_what_stands_beside(networks):
    record = networks(2)
    moving = record["position"].expand_dims(epoch=record["epoch"]) + record["epoch"]
    (one,) = shown(
        record.assign(position=moving), None, {"epoch": "last", "subject": "bimt-1"}, beside=["position"]
    ).each
    np.testing.assert_array_equal(one.data["weight"], record["weight"][1, 2])
    np.testing.assert_array_equal(one.data["position"], record["position"] + 40)


def test_subjects_without_values_have_no_picture_and_are_named(networks):
    record = networks(3)
    record["weight"][1, :] = np.nan
    record["weight"][2, 0] = np.nan
    found = shown(record)
    assert [(one.subject, one.place) for one in found.each if one.subject != "bimt-0"] == [
        ("bimt-2", 10),
        ("bimt-2", 40),
    ]
    assert "Left out because they have no value: bimt-1." in found.said()


def test_rows_of_a_sheet_are_subjects_where_there_are_places(networks):
    found = shown(networks(2))
    figure, axes = sheet(found, range(6), 1.0)
    places = [ax.get_subplotspec() for ax in axes]
    assert [(place.rowspan.start, place.colspan.start) for place in places] == list(np.ndindex(2, 3))
    assert axes[4].get_title() == "bimt-1, epoch 10"
    assert figure.get_figwidth() <= 9
    alone = shown(networks(1, epochs=range(ACROSS + 1)))
    places = [ax.get_subplotspec() for ax in sheet(alone, range(ACROSS + 1), 1.0)[1]]
    assert (places[-1].rowspan.start, places[-1].colspan.start) == (1, 0)


def test_ages_are_not_averaged_and_a_page_is_not_endless(networks):
    with pytest.raises(
        SpecificationError, match=r"came epoch \(3\)\. Choose one with `where: \{epoch: \.\.\.\}` or name"
    ):
        shown(networks(1), None)
    with pytest.raises(DesignError, match="39 pictures, and a page holds 36"):
        shown(networks(13))
