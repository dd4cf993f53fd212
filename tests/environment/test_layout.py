import numpy as np
import pytest
import torch

from artneuro.environment.layout import labelled
from artneuro.errors import DataError


def test_bytes_are_kept_and_numbered_classes_are_named_by_their_numbers(own_arrays):
    tensors, names = labelled(own_arrays, None, "here")
    assert names == ["0", "1", "2"]
    for name, array in own_arrays.items():
        assert np.array_equal(tensors[name].numpy(), array)
    assert tensors["train_images"].dtype == torch.uint8
    assert tensors["train_targets"].dtype == torch.int64


def test_arrays_are_copied(own_arrays):
    tensors, _ = labelled(own_arrays, None, "here")
    before = tensors["train_images"].clone()
    own_arrays["train_images"][:] = 0
    assert torch.equal(tensors["train_images"], before)


@pytest.mark.parametrize("kind", [np.int64, np.int16, np.uint16, ">i4"])
def test_whole_numbers_in_the_range_of_bytes_become_bytes(own_arrays, kind):
    expected = own_arrays["train_images"]
    for name in ("train_images", "test_images"):
        own_arrays[name] = own_arrays[name].astype(kind)
    tensors, _ = labelled(own_arrays, None, "here")
    assert tensors["train_images"].dtype == torch.uint8
    assert np.array_equal(tensors["train_images"].numpy(), expected)


@pytest.mark.parametrize("kind", [np.float64, np.float16, ">f4"])
def test_floats_are_taken_as_they_are(own_arrays, kind):
    for name in ("train_images", "test_images"):
        own_arrays[name] = (own_arrays[name] / 7 - 3).astype(kind)
    tensors, _ = labelled(own_arrays, None, "here")
    assert tensors["train_images"].dtype == torch.float32
    assert np.array_equal(tensors["train_images"].numpy(), own_arrays["train_images"].astype(np.float32))


def test_tensors_lists_and_grey_images_without_a_channel_will_do(own_arrays):
    given = {
        "train_images": torch.tensor(own_arrays["train_images"][:, 0]),
        "train_targets": own_arrays["train_targets"].tolist(),
        "test_images": own_arrays["test_images"][:, 0].tolist(),
        "test_targets": torch.tensor(own_arrays["test_targets"], dtype=torch.int32),
    }
    tensors, _ = labelled(given, ["a", "b", "c"], "here")
    assert tensors["train_images"].shape == (12, 1, 6, 5)
    assert np.array_equal(tensors["test_images"][:, 0].numpy(), own_arrays["test_images"][:, 0])


BAD = {
    "channel last": ("train_images", lambda a: a.transpose(0, 2, 3, 1), r"transpose\(0, 3, 1, 2\)"),
    "ragged": ("train_images", lambda a: [[1, 2], [3]], "required an array; came what NumPy cannot"),
    "one image": ("train_images", lambda a: a[0, 0], r"shape \(stimulus, y, x\).*came uint8 of shape \(6, 5\)"),
    "no image": ("train_images", lambda a: a[:0], r"came uint8 of shape \(0, 3, 6, 5\)"),
    "objects": ("train_images", lambda a: a.astype(object), "required numbers.*came object"),
    "truth": ("train_images", lambda a: a > 7, "required numbers.*came bool"),
    "too bright": ("train_images", lambda a: a.astype(int) * 2, r"in 0\.\.255; came 0\.\.\d+. Scale them"),
    "negative": ("train_images", lambda a: a.astype(int) - 1, r"in 0\.\.255; came -1\.\."),
    "not a number": ("train_images", lambda a: np.where(a == a[0, 0, 0, 0], np.nan, a), "finite"),
    "other size": ("test_images", lambda a: a[..., :4], r"one shape.*\(3, 6, 5\) and \(3, 6, 4\)"),
    "other kind": ("test_images", lambda a: a / 255, "one kind of number; came uint8 and float32"),
    "too few targets": ("train_targets", lambda a: a[:-1], "12 train_images, but 11 train_targets"),
    "one-hot": ("train_targets", lambda a: np.eye(3)[a], r"argmax\(1\)"),
    "targets of floats": ("train_targets", lambda a: a / 1.0, "whole numbers of shape .*came float64"),
    "negative target": ("train_targets", lambda a: a - 1, "counted from 0; came -1"),
    "gap": ("train_targets", lambda a: a * 2, "every class; came classes 0, 2, 4. Number them 0, 1, 2"),
    "only in test": ("test_targets", lambda a: a + 1, "highest came 3"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_fit_is_refused_with_the_place_and_what_to_do(own_arrays, case):
    name, spoil, message = BAD[case]
    own_arrays[name] = spoil(own_arrays[name])
    with pytest.raises(DataError, match=message) as caught:
        labelled(own_arrays, None, "some.npz")
    assert str(caught.value).startswith("some.npz: ")


def test_a_missing_array_is_named(own_arrays):
    del own_arrays["test_targets"]
    with pytest.raises(DataError, match=r"no test_targets\. Required: train_images, train_targets"):
        labelled(own_arrays, None, "here")


@pytest.mark.parametrize(
    ("names", "message"), [(["a", "b"], "target is 2, but 2 class names"), (["a", "b", "a"], "same name: a, b, a")]
)
def test_names_must_fit_the_targets(own_arrays, names, message):
    with pytest.raises(DataError, match=message):
        labelled(own_arrays, names, "here")


@pytest.mark.parametrize(
    "names", [np.array(["a", "b", "ü"]), np.array([b"a", b"b", "ü".encode()]), [["a"], ["b"], ["ü"]]]
)
def test_names_may_come_as_a_file_holds_them(own_arrays, names):
    assert labelled(own_arrays, names, "here")[1] == ["a", "b", "ü"]


def test_a_class_that_is_named_may_lack_stimuli(own_arrays):
    _, names = labelled(own_arrays, ["a", "b", "c", "d"], "here")
    assert names == ["a", "b", "c", "d"]
