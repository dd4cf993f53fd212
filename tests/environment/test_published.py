import pickle
import shutil

import pytest

from artneuro.environment import CIFAR10, MNIST
from artneuro.errors import DataError


class Bomb:
    """Unpickling it leaves a mark."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (str(self.mark), "w"))


def test_missing_files_are_answered_with_the_folder_and_two_ways(cifar10):
    (cifar10.folder / "data_batch_2").unlink()
    with pytest.raises(DataError) as caught:
        CIFAR10().load(cifar10.root)
    text = str(caught.value)
    assert f"looked in {cifar10.folder} and did not find data_batch_2." in text
    assert "write `download: true` under `cifar10`" in text
    assert "put the files there yourself, unpacked, under these names, from cifar-10-python.tar.gz" in text
    assert "ARTNEURO_DATA" in text


def test_a_data_root_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(DataError, match="did not find train-images-idx3-ubyte"):
        MNIST().load(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("data_set", ["cifar10", "mnist"])
def test_a_download_happens_where_it_is_declared_and_leaves_only_the_files(data_set, request):
    small = request.getfixturevalue(data_set)
    source = {"cifar10": CIFAR10, "mnist": MNIST}[data_set]
    expected = source().load(small.root).fingerprint
    names = sorted(path.name for path in small.folder.iterdir())
    shutil.rmtree(small.root)
    assert source(download=True).load(small.root).fingerprint == expected
    assert sorted(path.name for path in small.folder.iterdir()) == names
    assert [path.name for path in small.root.iterdir()] == [small.folder.relative_to(small.root).parts[0]]
    assert source().load(small.root).fingerprint == expected


def test_a_download_that_fails_leaves_nothing_and_says_what_to_do(cifar10, tmp_path):
    shutil.rmtree(tmp_path / "origin")
    shutil.rmtree(cifar10.folder)
    with pytest.raises(DataError, match=r"cifar10: fetching it into .* failed .*put data_batch_1, .* there yourself"):
        CIFAR10(download=True).load(cifar10.root)
    assert not any(path.is_file() for path in cifar10.root.rglob("*"))


def test_a_download_of_something_else_is_not_kept(mnist, tmp_path):
    shutil.rmtree(mnist.root)
    archive = next((tmp_path / "origin").glob("train-images*"))
    archive.write_bytes(archive.read_bytes()[:-8])
    with pytest.raises(DataError, match=r"mnist: fetching it into .* failed"):
        MNIST(download=True).load(mnist.root)
    assert not any(path.is_file() for path in mnist.root.rglob("*"))


def test_complete_files_are_not_fetched_again(mnist, tmp_path):
    shutil.rmtree(tmp_path / "origin")
    assert len(MNIST(download=True).load(mnist.root).train) == 30


@pytest.mark.parametrize("data_set", ["cifar10", "mnist"])
@pytest.mark.parametrize("download", [False, True])
def test_a_damaged_file_is_named_and_left_for_the_user_to_remove(data_set, download, request):
    small = request.getfixturevalue(data_set)
    source = {"cifar10": CIFAR10, "mnist": MNIST}[data_set]
    for path in sorted(small.folder.iterdir()):
        sound = path.read_bytes()
        path.write_bytes(sound[:-1])
        with pytest.raises(DataError, match=f"{path}: damaged.*Delete it"):
            source(download=download).load(small.root)
        assert path.read_bytes() == sound[:-1]
        path.write_bytes(sound)


def test_nothing_is_unpickled_before_it_is_verified(cifar10, tmp_path):
    for path in sorted(cifar10.folder.iterdir()):
        sound = path.read_bytes()
        path.write_bytes(pickle.dumps(Bomb(tmp_path / "mark")))
        with pytest.raises(DataError, match=f"{path}: damaged"):
            CIFAR10().load(cifar10.root)
        assert not (tmp_path / "mark").exists()
        path.write_bytes(sound)
    with pickle_of(Bomb(tmp_path / "mark"), tmp_path) as bomb:
        pickle.load(bomb).close()
    assert (tmp_path / "mark").exists()  # the bomb is live


def pickle_of(thing, folder):
    (folder / "pickle").write_bytes(pickle.dumps(thing))
    return (folder / "pickle").open("rb")
