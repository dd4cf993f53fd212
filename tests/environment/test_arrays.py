import numpy as np
import pytest
import xarray as xr

from artneuro.environment import Arrays, Environment
from artneuro.errors import DataError, SpecificationError


def save(path, arrays):
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        dims = {name: tuple(f"{name}_{axis}" for axis in range(np.ndim(array))) for name, array in arrays.items()}
        xr.Dataset({name: (dims[name], array) for name, array in arrays.items()}).to_netcdf(path)


@pytest.mark.parametrize("name", ["own.npz", "own.nc"])
def test_a_file_gives_what_the_arrays_give_in_memory(tmp_path, own_arrays, name):
    save(tmp_path / name, own_arrays)
    environment = Arrays(path=name).load(tmp_path)
    assert environment.fingerprint == Environment.from_arrays(**own_arrays).fingerprint


@pytest.mark.parametrize("name", ["own.npz", "own.nc"])
def test_the_file_may_name_the_classes(tmp_path, own_arrays, name):
    save(tmp_path / name, {**own_arrays, "classes": np.array(["left", "right", "up"])})
    environment = Arrays(path=name, classes=("up", "left"), train_size=4).load(tmp_path)
    assert environment.classes == ("up", "left")
    assert np.array_equal(environment.train.images, own_arrays["train_images"][environment.train.index])


def test_a_class_that_is_only_a_name_cannot_be_all_there_is(tmp_path, own_arrays):
    np.savez(tmp_path / "own.npz", **own_arrays, classes=["left", "right", "up", "down"])
    assert len(Arrays(path="own.npz", classes=("down", "up")).load(tmp_path).train) == 4
    with pytest.raises(
        SpecificationError, match=r"arrays\.classes: required classes that have train stimuli; came \['down"
    ):
        Arrays(path="own.npz", classes=("down",)).load(tmp_path)


@pytest.mark.parametrize("name", ["own.npz", "own.nc"])
@pytest.mark.parametrize("part", [0.0, 0.5, 0.98])
def test_a_truncated_file_is_named(tmp_path, own_arrays, name, part):
    path = tmp_path / name
    save(path, own_arrays)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(DataError, match=f"{path}: not a readable"):
        Arrays(path=name).load(tmp_path)


def test_a_flipped_bit_is_noticed(tmp_path, own_arrays):
    path = tmp_path / "own.npz"
    np.savez_compressed(path, **own_arrays)
    content = bytearray(path.read_bytes())
    content[300] ^= 16
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"{path}: not a readable"):
        Arrays(path="own.npz").load(tmp_path)


def test_pickles_are_refused(tmp_path, own_arrays):
    own_arrays["train_targets"] = np.array([{"class": 0}] * 12, dtype=object)
    np.savez(tmp_path / "own.npz", **own_arrays)
    with pytest.raises(DataError, match=r"not a readable \.npz file of plain arrays .*allow_pickle"):
        Arrays(path="own.npz").load(tmp_path)


def test_what_is_wrong_in_a_file_is_said_with_its_name(tmp_path, own_arrays):
    own_arrays["test_images"] = own_arrays["test_images"].transpose(0, 2, 3, 1)
    np.savez(tmp_path / "own.npz", **own_arrays)
    with pytest.raises(DataError, match=f"{tmp_path}/own.npz: test_images: .*transpose"):
        Arrays(path="own.npz").load(tmp_path)


@pytest.mark.parametrize("name", ["own.npz", "o" * 300 + ".npz", "own.npz/own.npz"])
def test_a_missing_file_is_named_with_what_to_do(tmp_path, name):
    with pytest.raises(DataError, match=f"looked for {tmp_path}/{name}, .*numpy.savez, or name another data root"):
        Arrays(path=name).load(tmp_path)


@pytest.mark.parametrize(
    ("path", "message"),
    [("own.npy", r"ends in \.npz or \.nc; came 'own\.npy'"), ("a/../../own.npz", r"without `\.\.`")],
)
def test_other_files_are_refused_before_anything_is_read(path, message):
    with pytest.raises(SpecificationError, match=message):
        Arrays(path=path)
