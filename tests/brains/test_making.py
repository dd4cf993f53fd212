"""Arrays of a user become a brain, or are refused in words."""

import numpy as np
import pytest

import artneuro as an
from artneuro.brains import brain_of
from artneuro.errors import DataError
from artneuro.labels import check_schema

SQUARE = np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0)))
TRIALS = np.array(
    [[[1.0, 0.0], [2.0, 1.0], [3.0, 1.0], [4.0, 5.0]], [[3.0, 0.0], [np.nan] * 2, [3.0, 3.0], [4.0, 5.0]]]
)


def test_dissimilarities_come_as_matrix_matrices_or_pairs():
    pairs = SQUARE[np.triu_indices(5, 1)]
    made = [brain_of("it", {"dissimilarity": values}).rdms() for values in (SQUARE, SQUARE[None], pairs, pairs[None])]
    for rdms in made:
        assert rdms.tolist() == [pairs.tolist()]
    two = brain_of("it", {"dissimilarity": np.stack([SQUARE, 2 * SQUARE]), "subjects": ["anna", "ben"]})
    assert two.record.subject.values.tolist() == ["anna", "ben"]
    assert two.rdms()[1].tolist() == (2 * pairs).tolist()
    check_schema(two.record)


def test_trials_are_averaged_over_those_that_there_were():
    made = brain_of("cells", {"trial_activity": TRIALS, "site": ["V4", "IT"]})
    assert made.record.activity.values.tolist() == [[2, 0], [2, 1], [3, 2], [4, 5]]
    assert made.record.unit_site.values.tolist() == ["V4", "IT"]
    expected = an.measures.rdm(made.record.activity.values, "euclidean")
    assert made.rdms("euclidean")[0].tolist() == expected.tolist()


def test_what_only_people_said_has_no_rdm():
    made = brain_of("people", {"answer": [[0, 1, 1, -1]], "classes": ["cat", "dog"]})
    assert made.record["class"].values.tolist() == ["cat", "dog"]
    with pytest.raises(DataError, match="people: required dissimilarities or responses"):
        made.rdms()


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({}, "required at least one of dissimilarity, activity"),
        ({"images": np.zeros((4, 2, 2), np.uint8)}, "came images"),
        ({"dissimilarity": np.arange(25.0).reshape(5, 5)}, "required a symmetric matrix; came one that differs by 16"),
        ({"dissimilarity": np.arange(4.0)}, r"or \(subject, pair\); came \(4,\)"),
        ({"dissimilarity": SQUARE.astype(str)}, "required numbers; came <U"),
        ({"dissimilarity": SQUARE[:3, :3]}, "required at least 4 stimuli; came 3"),
        ({"dissimilarity": SQUARE * np.nan}, "symmetric"),
        ({"activity": np.full((4, 2), np.inf)}, "activity: required finite numbers; 8 of 8 are not"),
        ({"activity": np.arange(4.0)}, r"activity: required numbers of shape \(stimulus, unit\); came float64"),
        (
            {"activity": SQUARE, "dissimilarity": SQUARE[:4, :4]},
            "activity: required 4 along stimulus, as elsewhere; came 5",
        ),
        ({"trial_activity": TRIALS * np.nan}, "never presented"),
        ({"answers": -np.ones((4, 2))}, "answers: required counts >= 0; came -1"),
        ({"answer": np.full((1, 4), 0.5)}, "answer: required whole numbers"),
        ({"answer": np.full((1, 4), 2), "classes": ["cat", "dog"]}, "places among 2 classes, or -1; came 2 to 2"),
        ({"activity": SQUARE, "names": list("aabcd")}, "a name of its own for each stimulus"),
        ({"activity": SQUARE, "category": list("abc")}, "category: required 5 names; came <U1"),
        (
            {"activity": SQUARE, "images": np.zeros((5, 3, 8, 8), np.uint8)},
            r"images: required bytes of shape \(5, y, x\)",
        ),
        ({"activity": SQUARE, "images": np.zeros((5, 8, 8))}, "came float64"),
    ],
)
def test_other_arrays_are_refused_in_words(arrays, said):
    with pytest.raises(DataError, match=said):
        brain_of("mine", arrays)
