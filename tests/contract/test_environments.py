"""What holds for every registered environment. One without a case fails."""

import hashlib
import pickle
import struct

import numpy as np
import pytest
import torch
from PIL import Image

from artneuro import registry
from artneuro._torchvision import torchvision
from artneuro.environment import MNIST, Environment, FashionMNIST, environment
from artneuro.errors import DataError, SpecificationError

REGISTERED = [name for name, cls in registry.members("environment").items() if cls.__module__.startswith("artneuro.")]

# name: (parameters, what makes another environment of it)
CASES = {
    "arrays": ({"path": "own.npz"}, {"normalise": "half"}),
    "cifar10": ({}, {"classes": (3, 4)}),
    "cifar100": ({}, {"grey": True}),
    "digits": ({"train_size": 200, "test_size": 100}, {"subset_seed": 1}),
    "fashion_mnist": ({}, {"pad": 2}),
    "image_folder": ({"path": "photographs"}, {"size": 4}),
    "in_context_regression": ({"size": 20}, {"seed": 1}),
    "mazes": ({"train_size": 16, "test_size": 8}, {"noise": 0.1}),
    "mnist": ({}, {"train_size": 10}),
    "modular_addition": ({"p": 7, "train_share": 0.5}, {"split_seed": 1}),
    "one_hot": ({"n": 5}, {"n": 6}),
    "permutation_group": ({"n": 3, "train_share": 0.5}, {"split_seed": 1}),
    "symbolic": ({"formula": "independence"}, {"formula": "compositionality"}),
    "two_moons": ({}, {"noise": 0.2}),
    "validation": ({"of": {"digits": {"train_size": 200}}}, {"split_seed": 1}),
}
# where data are looked for, and the ways to get them: let artneuro fetch them, put them there, look elsewhere
SOUGHT = {
    "arrays": ("own.npz", ("Save train_images, ", "--data-root, ARTNEURO_DATA")),
    "cifar10": ("cifar-10-batches-py", ("`download: true`", "put the files there yourself", "https://")),
    "cifar100": ("cifar-100-python", ("`download: true`", "put the files there yourself", "https://")),
    "fashion_mnist": ("FashionMNIST/raw", ("`download: true`", "put the files there yourself", "https://")),
    "image_folder": ("photographs", ("Put the images into ", "--data-root, ARTNEURO_DATA")),
    "mnist": ("MNIST/raw", ("`download: true`", "put the files there yourself", "https://")),
}
REVISITS = {"one_hot"}  # shows in test what it showed in training, and says so


def drawn(seed, count, classes, *shape):
    """Images that are all different, and as many of each class."""
    images = np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)
    return images, np.arange(count) % classes


def written(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def lay_cifar(root, patch, dataset, folder, label, classes):
    """Write a small data set as torchvision's pickles, and let torchvision expect these very files."""
    train, test, meta = dataset.train_list[0][0], dataset.test_list[0][0], dataset.meta
    parts = {}
    for name, seed in ((train, 1), (test, 2)):
        images, targets = drawn(seed, 2 * classes, classes, 3, 32, 32)
        content = {"data": images.reshape(len(images), -1), label: targets.tolist()}
        parts[name] = written(root / folder / name, pickle.dumps(content))
    names = {meta["key"]: [f"thing{number}" for number in range(classes)]}
    md5 = written(root / folder / meta["filename"], pickle.dumps(names))
    patch.setattr(dataset, "train_list", [[train, parts[train]]])
    patch.setattr(dataset, "test_list", [[test, parts[test]]])
    patch.setattr(dataset, "meta", {**meta, "md5": md5})


def lay_idx(root, patch, cls):
    """Write a small data set as IDX files, and let artneuro expect these very files."""
    contents = {}
    for part, seed in (("train", 3), ("t10k", 4)):
        images, targets = drawn(seed, 20, 10, 28, 28)
        files = {
            f"{part}-images-idx3-ubyte": struct.pack(">4i", 2051, 20, 28, 28) + images.tobytes(),
            f"{part}-labels-idx1-ubyte": struct.pack(">2i", 2049, 20) + targets.astype(np.uint8).tobytes(),
        }
        contents |= {name: written(root / cls.folder / name, content) for name, content in files.items()}
    patch.setattr(cls, "contents", contents)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A data root that has something of everything."""
    root = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        lay_cifar(root, patch, torchvision.datasets.CIFAR10, "cifar-10-batches-py", "labels", 10)
        lay_cifar(root, patch, torchvision.datasets.CIFAR100, "cifar-100-python", "fine_labels", 100)
        lay_idx(root, patch, MNIST)
        lay_idx(root, patch, FashionMNIST)
        arrays = {}
        for part, seed in (("train", 5), ("test", 6)):
            arrays[f"{part}_images"], arrays[f"{part}_targets"] = drawn(seed, 12, 3, 3, 6, 5)
            for number, image in enumerate(drawn(seed, 8, 2, 7, 9, 3)[0]):
                place = root / "photographs" / part / ("cat", "dog")[number % 2]
                place.mkdir(parents=True, exist_ok=True)
                Image.fromarray(image).save(place / f"{number}.png")
        np.savez(root / "own.npz", **arrays)
        yield root


@pytest.fixture
def load(root):
    def load(name, **changes) -> Environment:
        return environment(name, root, **{**CASES[name][0], **changes})

    return load


@pytest.mark.parametrize("name", REGISTERED)
def test_it_has_a_case(name):
    assert name in CASES


@pytest.mark.parametrize("name", REGISTERED)
def test_one_declaration_is_one_environment_and_another_is_another(name, load):
    place = load(name)
    assert load(name).fingerprint == place.fingerprint
    assert load(name).source == place.source
    assert load(name, **CASES[name][1]).fingerprint != place.fingerprint


@pytest.mark.parametrize("name", REGISTERED)
def test_stimuli_and_targets_are_what_the_contract_says(name, load):
    place = load(name)
    channels = place.shape[0]
    assert place.mean.shape == place.std.shape == (channels,)
    assert (place.std > 0).all()
    assert len(set(place.outputs)) == len(place.outputs)
    assert all(isinstance(label, str) for label in place.outputs)
    assert (len(place.classes) >= 2) is not bool(place.values)
    for stimuli in (place.train, place.test):
        assert stimuli.images.shape == (len(stimuli), *place.shape)
        assert stimuli.images.ndim == 4
        assert stimuli.images.dtype in (torch.uint8, torch.float32)
        assert stimuli.index.shape == (len(stimuli),)
        assert stimuli.index.dtype == torch.int64
        assert len(stimuli.index.unique()) == len(stimuli)
        if place.classes:
            assert (stimuli.targets.shape, stimuli.targets.dtype) == ((len(stimuli),), torch.int64)
            assert stimuli.targets.unique().tolist() == list(range(len(place.classes)))
        else:
            assert (stimuli.targets.shape, stimuli.targets.dtype) == ((len(stimuli), len(place.values)), torch.float64)
            assert stimuli.targets.isfinite().all()
        assert stimuli.quantities.keys() == place.train.quantities.keys()
        for name, values in stimuli.quantities.items():
            assert (values.shape, values.dtype) == ((len(stimuli),), torch.float64), name
        presented = place.present(stimuli.images)
        assert presented.dtype == torch.float32
        assert presented.shape == stimuli.images.shape
        assert presented.isfinite().all()


@pytest.mark.parametrize("name", REGISTERED)
def test_train_and_test_are_apart(name, load):
    place = load(name)
    train, test = ({image.numpy().tobytes() for image in part.images} for part in (place.train, place.test))
    assert len(train & test) == (len(test) if name in REVISITS else 0)


@pytest.mark.parametrize("name", REGISTERED)
def test_an_unknown_parameter_is_refused_by_name(name, load):
    with pytest.raises(SpecificationError, match=rf"environment\.{name}\.colour: .*unknown name 'colour'"):
        load(name, colour=True)


@pytest.mark.parametrize("name", REGISTERED)
def test_missing_data_are_answered_with_the_folder_and_the_ways_to_get_them(name, tmp_path):
    if name not in SOUGHT:  # it comes with artneuro, or is made
        assert len(environment(name, tmp_path, **CASES[name][0]).train)
        return
    folder, ways = SOUGHT[name]
    with pytest.raises(DataError) as missing:
        environment(name, tmp_path, **CASES[name][0])
    assert str(tmp_path / folder) in str(missing.value)
    assert [way for way in ways if way not in str(missing.value)] == []
