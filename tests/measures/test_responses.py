import numpy as np
import pytest
import torch

from artneuro.errors import ActivityError
from artneuro.measures.responses import responses, same_stimuli, tensor_of


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
