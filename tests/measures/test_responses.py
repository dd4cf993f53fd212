import numpy as np
import pytest
import torch

from artneuro.errors import ActivityError
from artneuro.measures.information import mutual_information
from artneuro.measures.responses import labelled_responses, responses, same_stimuli, tensor_of
from artneuro.measures.selectivity import class_means, class_selectivity, preferred_class


def test_arrays_and_tensors_become_float64_and_lose_their_gradients():
    ones = np.ones((4, 2), dtype=np.float32)
    assert torch.equal(responses(ones), torch.ones(4, 2, dtype=torch.float64))
    assert not responses(torch.ones(4, 2, requires_grad=True)).requires_grad


@pytest.mark.parametrize(
    ("activity", "message"),
    [
        (torch.ones(3, 2), r"x: required at least 4 stimuli .* came 3 and 2"),
        (torch.ones(4, 0), r"came 4 and 0"),
        (torch.ones(4, 2, 3, 3), r"came \(4, 2, 3, 3\).*spatial_mean"),
        (
            torch.tensor([[0.0], [1.0], [torch.nan], [torch.inf]]),
            r"2 of 4 values are not finite, .* at \(2, 0\)",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(activity, message):
    with pytest.raises(ActivityError, match=message):
        responses(activity, "x")


def test_other_stimuli_are_refused():
    same_stimuli(torch.ones(4, 2), torch.ones(4, 9))
    with pytest.raises(ActivityError, match="came 4 and 5 rows"):
        same_stimuli(torch.ones(4, 2), torch.ones(5, 2))


def test_arrays_as_files_have_them_are_taken_without_a_warning():
    array = np.arange(8.0).reshape(4, 2)
    locked = array.copy()
    locked.flags.writeable = False
    for one in (locked, array.astype(">f8"), np.asfortranarray(array), array[::-1][::-1], array.tolist()):
        np.testing.assert_array_equal(tensor_of(one), array)
    np.testing.assert_array_equal(responses(array[::-1]), array[::-1])


@pytest.mark.parametrize(
    ("activity", "targets", "message"),
    [
        (np.zeros((3, 2, 4)), np.zeros(3, int), r"came \(3, 2, 4\) and \(3,\).*spatial_mean"),
        (np.zeros((3, 2)), np.zeros(4, int), r"came \(3, 2\) and \(4,\)"),
        (np.array([[0.0], [np.nan]]), np.zeros(2, int), "activity: 1 of 2 values are not finite"),
    ],
)
def test_classes_of_other_stimuli_and_missing_activity_are_refused(activity, targets, message):
    with pytest.raises(ActivityError, match=message):
        labelled_responses(activity, targets)


def test_a_recording_and_its_classes_are_taken_as_they_are():
    activity = np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 0.0]], dtype=np.float32)
    targets = np.array([0, 0, 1], dtype=np.int32)
    means = class_means(activity, targets, 2)
    assert means.tolist() == [[1.0, 1.0], [4.0, 0.0]]
    assert class_selectivity(means.numpy()).tolist() == pytest.approx([0.6, 1.0])  # (4 - 1) / (4 + 1), (1 - 0) / 1
    assert preferred_class(means.numpy()).tolist() == [1, 0]
    tensors = mutual_information(torch.from_numpy(activity), torch.from_numpy(targets), 2, bins=2)
    assert torch.equal(mutual_information(activity, targets, 2, bins=2), tensors)
