import numpy as np
import pytest
import torch

from artneuro.environment import CIFAR10, CIFAR100


def test_images_and_targets_are_those_of_the_files(cifar10):
    environment = CIFAR10().load(cifar10.root)
    for part in ("train", "test"):
        stimuli = getattr(environment, part)
        assert np.array_equal(stimuli.images.numpy(), cifar10.images[part])
        assert np.array_equal(stimuli.targets.numpy(), cifar10.targets[part])
        assert stimuli.images.is_contiguous()
    assert environment.classes == tuple(f"class{k}" for k in range(10))


def test_cifar100_has_100_fine_classes(tmp_path, monkeypatch):
    import hashlib
    import pickle

    from artneuro._torchvision import torchvision

    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (200, 3, 32, 32), dtype=np.uint8)
    fine = np.arange(200) % 100
    batch = {"data": images.reshape(200, -1), "fine_labels": fine.tolist(), "coarse_labels": (fine // 5).tolist()}
    contents = {"train": batch, "test": batch, "meta": {"fine_label_names": [f"thing{k}" for k in range(100)]}}
    md5 = {}
    for name, content in contents.items():
        (folder / name).write_bytes(pickle.dumps(content))
        md5[name] = hashlib.md5((folder / name).read_bytes(), usedforsecurity=False).hexdigest()
    dataset = torchvision.datasets.CIFAR100
    monkeypatch.setattr(dataset, "train_list", [["train", md5["train"]]])
    monkeypatch.setattr(dataset, "test_list", [["test", md5["test"]]])
    monkeypatch.setattr(dataset, "meta", {**dataset.meta, "md5": md5["meta"]})
    environment = CIFAR100().load(tmp_path)
    assert environment.classes[99] == "thing99"
    assert np.array_equal(environment.test.images.numpy(), images)
    assert environment.test.targets.tolist() == fine.tolist()


@pytest.mark.data
def test_the_published_set(data_root):
    environment = CIFAR10().load(data_root)
    assert environment.train.images.shape == (50_000, 3, 32, 32)
    assert environment.test.images.shape == (10_000, 3, 32, 32)
    assert torch.bincount(environment.train.targets).tolist() == [5000] * 10
    assert torch.bincount(environment.test.targets).tolist() == [1000] * 10
    assert environment.classes == (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
    # channel means as published by many, to the digits they give
    assert environment.mean.tolist() == pytest.approx([0.49140, 0.48216, 0.44653], abs=6e-6)


@pytest.mark.data
def test_a_declared_part_of_the_published_set(data_root):
    environment = CIFAR10(classes=("dog", 3), train_size=400, test_size=50, normalise="half").load(data_root)
    assert environment.classes == ("dog", "cat")
    assert torch.bincount(environment.train.targets).tolist() == [200, 200]
    whole = CIFAR10().load(data_root)
    assert torch.equal(whole.train.images[environment.train.index], environment.train.images)
    numbers = torch.tensor([5, 3])
    assert torch.equal(whole.test.targets[environment.test.index], numbers[environment.test.targets])
