"""One animal in several runs is one animal."""

import json

import pytest
import xarray as xr

from artneuro.errors import DesignError
from artneuro.statistics.copies import without_copies


def record(animals, values=None, provenance=True):
    """Return a record of animals, each named by its weights; the values follow from the weights or are given."""
    given = values or [0.1 * sum(map(ord, animal)) for animal in animals]
    weights = {f"only-{place}": animal for place, animal in enumerate(animals)}
    return xr.Dataset(
        {"auc": ("subject", given)},
        {"subject": list(weights)},
        {"provenance": json.dumps({"weights": weights})} if provenance else {},
    )


def kept(**runs):
    own, notes = without_copies(runs, ["auc"])
    return {run: part["subject"].values.tolist() for run, part in own.items()}, notes


def test_runs_of_animals_of_their_own_stay_as_they_are():
    assert kept(a=record("xy"), b=record("zw")) == ({"a": ["only-0", "only-1"], "b": ["only-0", "only-1"]}, [])


def test_an_animal_that_an_earlier_run_has_is_left_out_and_named():
    own, (note,) = kept(a=record("xy"), b=record("wyz"))
    assert own == {"a": ["only-0", "only-1"], "b": ["only-0", "only-2"]}
    assert note == "Counted once, because weights and values are equal: b/only-1 is a/only-1."


def test_a_run_of_copies_alone_is_left_out_where_two_others_are_left():
    own, (note,) = kept(a=record("xy"), copy=record("xy"), b=record("zw"))
    assert list(own) == ["a", "b"]
    assert "copy/only-0 is a/only-0 and copy/only-1 is a/only-1" in note


def test_where_everybody_is_a_copy_there_is_nothing_to_compare():
    with pytest.raises(DesignError, match=r"every subject is in a already.*b/only-0 is a/only-1.*first_seed"):
        kept(a=record("xy"), b=record("yx"))


def test_one_animal_measured_otherwise_stays_and_is_called_no_stranger():
    own, (note,) = kept(a=record("xy", [0.5, 0.6]), b=record("xy", [0.7, 0.8]))
    assert own == {"a": ["only-0", "only-1"], "b": ["only-0", "only-1"]}
    assert "no strangers: b/only-0 and a/only-0 and b/only-1 and a/only-1." in note


def test_twins_at_birth_are_told_apart_by_what_became_of_them():
    # a study of twins names the weights of the newborn, which its arms share
    twins = record("xx", [0.5, 0.6])
    own, (note,) = kept(a=twins, b=record("xxz", [0.6, 0.5, 0.9]), c=record("w"))
    assert own == {"a": ["only-0", "only-1"], "b": ["only-2"], "c": ["only-0"]}
    assert note.endswith("b/only-0 is a/only-1 and b/only-1 is a/only-0.")


def test_missing_values_are_equal_to_each_other():
    own, _ = kept(a=record("xy", [float("nan"), 0.6]), b=record("xz", [float("nan"), 0.8]))
    assert own["b"] == ["only-1"]


def test_of_a_record_without_provenance_nothing_is_known():
    same = record("xy", provenance=False)
    assert kept(a=same, b=same)[1] == []
