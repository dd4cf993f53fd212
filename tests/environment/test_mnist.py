import numpy as np
import pytest
import torch

from artneuro._torchvision import torchvision
from artneuro.environment import MNIST, FashionMNIST
from artneuro.errors import DataError


def test_images_and_targets_are_those_of_the_files(mnist):
    environment = MNIST().load(mnist.root)
    for part in ("train", "test"):
        stimuli = getattr(environment, part)
        assert np.array_equal(stimuli.images[:, 0].numpy(), mnist.images[part])
        assert np.array_equal(stimuli.targets.numpy(), mnist.targets[part])
    assert environment.classes == tuple("0123456789")


@pytest.mark.parametrize("pad", [0, 2])
def test_padding_adds_black_pixels_on_every_side(mnist, pad):
    environment = MNIST(pad=pad).load(mnist.root)
    expected = np.pad(mnist.images["test"], ((0, 0), (pad, pad), (pad, pad)))
    assert np.array_equal(environment.test.images[:, 0].numpy(), expected)
    assert environment.shape == (1, 28 + 2 * pad, 28 + 2 * pad)
    # they count as pixels that are presented
    share = 28**2 / (28 + 2 * pad) ** 2
    assert environment.mean.item() == pytest.approx(share * mnist.images["train"].mean() / 255, rel=1e-5)


def test_a_processed_folder_of_older_versions_is_not_read(mnist):
    processed = mnist.root / "MNIST" / "processed"
    processed.mkdir()
    for name in ("training.pt", "test.pt"):
        torch.save((torch.zeros(5, 28, 28, dtype=torch.uint8), torch.zeros(5, dtype=torch.int64)), processed / name)
    assert len(torchvision.datasets.MNIST(mnist.root).data) == 5  # torchvision itself prefers it
    assert np.array_equal(MNIST().load(mnist.root).train.images[:, 0].numpy(), mnist.images["train"])


def test_fashion_mnist_lies_in_its_own_folder(mnist, monkeypatch):
    monkeypatch.setattr(FashionMNIST, "contents", MNIST.contents)
    with pytest.raises(DataError, match="FashionMNIST/raw and did not find"):
        FashionMNIST().load(mnist.root)
    (mnist.root / "MNIST").rename(mnist.root / "FashionMNIST")
    environment = FashionMNIST().load(mnist.root)
    assert environment.classes[0] == "T-shirt/top"
    assert np.array_equal(environment.train.images[:, 0].numpy(), mnist.images["train"])


def test_the_files_are_those_that_torchvision_fetches():
    for source in (MNIST, FashionMNIST):
        dataset = getattr(torchvision.datasets, source.torchvision_name)
        archives = {name.removesuffix(".gz") for name, _ in dataset.resources}
        assert set(source.contents) == archives


@pytest.mark.data
def test_the_published_set(data_root):
    environment = MNIST().load(data_root)
    assert (len(environment.train), len(environment.test)) == (60_000, 10_000)
    # counts of each class, LeCun's page and Keras' documentation
    assert torch.bincount(environment.train.targets).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    # mean and deviation that torch's MNIST example has always used
    assert environment.mean.item() == pytest.approx(0.1307, abs=5e-5)
    assert environment.std.item() == pytest.approx(0.3081, abs=5e-5)
