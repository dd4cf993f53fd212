import attrs
import numpy as np
import pytest
import torch

from artneuro.environment.environment import Environment, InMemory, Stimuli
from artneuro.errors import DataError, SpecificationError
from artneuro.fields import plain


@pytest.fixture
def own(own_arrays):
    return Environment.from_arrays(**own_arrays)


def test_own_images_in_one_call(own, own_arrays):
    assert own.shape == (3, 6, 5)
    assert own.classes == ("0", "1", "2")
    assert len(own.train) == 12
    assert len(own.test) == 6
    assert torch.equal(own.train.targets, torch.tensor(own_arrays["train_targets"]))
    assert own.train.index.tolist() == list(range(12))


def test_it_prints_in_a_line(own):
    assert repr(own) == "<Environment InMemory: 12 train and 6 test stimuli of 3 x 6 x 5>"
    assert repr(own.test) == "<Stimuli: 6 of 3 x 6 x 5>"


def test_positional_with_names(own_arrays):
    own = Environment.from_arrays(*own_arrays.values(), ["a", "b", "c"], normalise="half", name="retina")
    assert own.classes == ("a", "b", "c")
    assert plain(own.source) == {"in_memory": "retina", "normalise": "half"}


def test_presented_training_stimuli_have_mean_0_and_deviation_1(own):
    seen = own.present(own.train.images)
    assert seen.dtype == torch.float32
    assert seen.mean((0, 2, 3)).abs().max() < 1e-6  # float32 sums of 360 numbers of size 1
    assert (seen.std((0, 2, 3), correction=0) - 1).abs().max() < 1e-6


def test_bytes_and_floats_are_presented_alike(own_arrays, own):
    for name in ("train_images", "test_images"):
        own_arrays[name] = own_arrays[name] / 255
    floats = Environment.from_arrays(**own_arrays)
    # two ways to the same number in float32, whose size is up to 2
    assert torch.allclose(floats.present(floats.test.images), own.present(own.test.images), rtol=0, atol=1e-6)


def test_half_maps_black_and_white_to_minus_one_and_one(own_arrays):
    own = Environment.from_arrays(**own_arrays, normalise="half")
    ends = torch.tensor([0, 255], dtype=torch.uint8).reshape(2, 1, 1, 1).expand(2, 3, 1, 1)
    assert own.present(ends)[:, 0].flatten().tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_presenting_leaves_what_is_stored_and_fills_any_memory_format(own, dtype):
    images = own.train.images.to(dtype)
    before = images.clone()
    seen = own.present(images)
    assert torch.equal(images, before)
    out = torch.empty(seen.shape, memory_format=torch.channels_last)
    assert own.present(images, out=out) is out
    assert torch.equal(out, seen)
    assert out.is_contiguous(memory_format=torch.channels_last)


def test_a_litter_is_presented_like_single_images(own):
    litter = torch.stack([own.train.images[:4], own.train.images[4:8]])
    assert torch.equal(own.present(litter)[1], own.present(own.train.images[4:8]))


def changed(stimuli: Stimuli, field: str) -> Stimuli:
    values = getattr(stimuli, field).clone()
    values.view(-1)[-1] = (int(values.view(-1)[-1]) + 1) % 3
    return attrs.evolve(stimuli, **{field: values})


@pytest.mark.parametrize(
    "change",
    [
        lambda own: attrs.evolve(own, train=changed(own.train, "images")),
        lambda own: attrs.evolve(own, train=changed(own.train, "targets")),
        lambda own: attrs.evolve(own, test=changed(own.test, "images")),
        lambda own: attrs.evolve(own, test=changed(own.test, "targets")),
        lambda own: attrs.evolve(own, mean=own.mean.nextafter(torch.tensor(9.0))),
        lambda own: attrs.evolve(own, std=own.std.nextafter(torch.tensor(9.0))),
        lambda own: attrs.evolve(own, classes=("0", "1", "3")),
        lambda own: attrs.evolve(own, train=own.test, test=own.train),
        lambda own: attrs.evolve(own, train=attrs.evolve(own.train, images=own.train.images.view(torch.int8))),
        lambda own: attrs.evolve(own, train=attrs.evolve(own.train, images=own.train.images.view(12, 3, 5, 6))),
    ],
)
def test_the_fingerprint_sees_every_pixel_target_and_the_normalisation(own, change):
    assert change(own).fingerprint != own.fingerprint


def test_the_fingerprint_is_of_the_content(own, own_arrays):
    again = Environment.from_arrays(**own_arrays, name="another name")
    assert again.fingerprint == own.fingerprint
    assert attrs.evolve(own).to("cpu").fingerprint == own.fingerprint


def test_everything_moves_to_a_device(own):
    moved = own.to("meta")
    everything = (moved.train.images, moved.train.targets, moved.train.index, moved.test.images, moved.mean, moved.std)
    assert {tensor.device.type for tensor in everything} == {"meta"}
    assert moved.device.type == "meta"
    assert moved.classes == own.classes


def test_errors_name_the_call(own_arrays):
    with pytest.raises(SpecificationError, match="normalise: required one of standard, half, none; came 'whiten'"):
        Environment.from_arrays(**own_arrays, normalise="whiten")
    own_arrays["train_images"] = own_arrays["train_images"].transpose(0, 2, 3, 1)
    with pytest.raises(DataError, match=r"Environment\.from_arrays: train_images.*transpose"):
        Environment.from_arrays(**own_arrays)


def test_images_that_were_in_memory_cannot_be_loaded_and_the_error_says_what_to_do(own):
    assert isinstance(own.source, InMemory)
    with pytest.raises(DataError, match=r"Hand them over again with Environment\.from_arrays, or save them"):
        own.source.load()


def test_the_arrays_of_the_user_stay_as_they_are(own_arrays):
    before = {name: array.copy() for name, array in own_arrays.items()}
    own = Environment.from_arrays(**own_arrays)
    own.train.images[:] = 0
    assert all(np.array_equal(own_arrays[name], before[name]) for name in before)
