"""Small stand-ins for published data sets, in torchvision's layout, with their archives on a server."""

import gzip
import hashlib
import pickle
import struct
import tarfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import attrs
import numpy as np
import pytest
from PIL import Image

from artneuro._torchvision import torchvision
from artneuro.environment import MNIST


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def origin(tmp_path, monkeypatch) -> Iterator[tuple[Path, str]]:
    """A folder and the address of a server of its files, from which torchvision can download."""
    folder = tmp_path / "origin"
    folder.mkdir()
    monkeypatch.setenv("no_proxy", "*")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        serving.join()


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


@attrs.frozen
class Small:
    """A small data set: where its files lie, where an archive of it lies, and what is in it."""

    root: Path
    folder: Path
    images: dict[str, np.ndarray]
    targets: dict[str, np.ndarray]


def labelled(seed: int, count: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, *shape), dtype=np.uint8), rng.permutation(np.arange(count) % 10)


@pytest.fixture
def cifar10(tmp_path, monkeypatch, origin) -> Small:
    """CIFAR-10 with 40 + 20 images in `root`; torchvision expects these very files."""
    folder = tmp_path / "root" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    images, targets = {}, {}
    for part, count in (("train", 40), ("test", 20)):
        images[part], targets[part] = labelled(count, count, (3, 32, 32))
    names = [f"class{k}" for k in range(10)]
    batches = {
        "data_batch_1": {"data": images["train"][:20].reshape(20, -1), "labels": targets["train"][:20].tolist()},
        "data_batch_2": {"data": images["train"][20:].reshape(20, -1), "labels": targets["train"][20:].tolist()},
        "test_batch": {"data": images["test"].reshape(20, -1), "labels": targets["test"].tolist()},
        "batches.meta": {"label_names": names},
    }
    for name, batch in batches.items():
        (folder / name).write_bytes(pickle.dumps(batch))
    archive = origin[0] / "cifar-10-python.tar.gz"
    with tarfile.open(archive, "w:gz") as opened:
        opened.add(folder, "cifar-10-batches-py")
    dataset = torchvision.datasets.CIFAR10
    monkeypatch.setattr(dataset, "train_list", [[name, md5(folder / name)] for name in batches if "data" in name])
    monkeypatch.setattr(dataset, "test_list", [["test_batch", md5(folder / "test_batch")]])
    meta = {"filename": "batches.meta", "key": "label_names", "md5": md5(folder / "batches.meta")}
    monkeypatch.setattr(dataset, "meta", meta)
    monkeypatch.setattr(dataset, "url", f"{origin[1]}{archive.name}")
    monkeypatch.setattr(dataset, "tgz_md5", md5(archive))
    return Small(tmp_path / "root", folder, images, targets)


@pytest.fixture
def mnist(tmp_path, monkeypatch, origin) -> Small:
    """MNIST with 30 + 10 images of 28x28 in `root`; torchvision expects these very files."""
    folder = tmp_path / "root" / "MNIST" / "raw"
    folder.mkdir(parents=True)
    images, targets, contents, resources = {}, {}, {}, []
    for part, prefix, count in (("train", "train", 30), ("test", "t10k", 10)):
        images[part], targets[part] = labelled(count, count, (28, 28))
        idx = {
            f"{prefix}-images-idx3-ubyte": struct.pack(">4i", 2051, count, 28, 28) + images[part].tobytes(),
            f"{prefix}-labels-idx1-ubyte": struct.pack(">2i", 2049, count) + targets[part].astype(np.uint8).tobytes(),
        }
        for name, data in idx.items():
            (folder / name).write_bytes(data)
            (origin[0] / f"{name}.gz").write_bytes(gzip.compress(data, mtime=0))
            contents[name] = md5(folder / name)
            resources.append((f"{name}.gz", md5(origin[0] / f"{name}.gz")))
    monkeypatch.setattr(MNIST, "contents", contents)
    monkeypatch.setattr(torchvision.datasets.MNIST, "resources", resources)
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [origin[1]])
    return Small(tmp_path / "root", folder, images, targets)


@pytest.fixture
def own_arrays() -> dict[str, np.ndarray]:
    """Arrays as a user would hand them over: 12 + 6 colour images of 6x5 pixels in 3 classes."""
    rng = np.random.default_rng(5)
    return {
        "train_images": rng.integers(0, 256, (12, 3, 6, 5), dtype=np.uint8),
        "train_targets": np.arange(12) % 3,
        "test_images": rng.integers(0, 256, (6, 3, 6, 5), dtype=np.uint8),
        "test_targets": np.arange(6) % 3,
    }


@pytest.fixture
def photographs(tmp_path) -> Path:
    """A folder of 9x7 PNG images, train and test, with 6 + 3 of class "cat" and 6 + 3 of class "dog"."""
    rng = np.random.default_rng(8)
    for part, count in (("train", 6), ("test", 3)):
        for name in ("cat", "dog"):
            folder = tmp_path / "root" / "photographs" / part / name
            folder.mkdir(parents=True)
            for place in range(count):
                pixels = rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{place}.png")
    return tmp_path / "root" / "photographs"
