import shutil

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from artneuro._torchvision import torchvision
from artneuro.environment import ImageFolder
from artneuro.errors import DataError, SpecificationError


def pixels(path):
    return torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1)


def test_train_and_test_folders(photographs):
    environment = ImageFolder(path="photographs").load(photographs.parent)
    assert environment.classes == ("cat", "dog")
    assert environment.shape == (3, 7, 9)
    assert environment.train.targets.tolist() == [0] * 6 + [1] * 6
    assert environment.test.targets.tolist() == [0] * 3 + [1] * 3
    assert torch.equal(environment.train.images[7], pixels(photographs / "train" / "dog" / "1.png"))
    assert torch.equal(environment.test.images[2], pixels(photographs / "test" / "cat" / "2.png"))


def test_a_link_in_the_data_root(photographs, tmp_path):
    (tmp_path / "own").symlink_to(photographs)
    assert len(ImageFolder(path="own").load(tmp_path).train) == 12


def test_one_folder_is_split_as_declared(photographs):
    environment = ImageFolder(path="photographs/train", held_out=4).load(photographs.parent)
    assert torch.bincount(environment.train.targets).tolist() == [4, 4]
    assert torch.bincount(environment.test.targets).tolist() == [2, 2]
    assert sorted([*environment.train.index.tolist(), *environment.test.index.tolist()]) == list(range(12))
    everything = ImageFolder(path="photographs").load(photographs.parent).train.images
    assert torch.equal(environment.test.images, everything[environment.test.index])
    other = ImageFolder(path="photographs/train", held_out=4, split_seed=1).load(photographs.parent)
    assert other.test.index.tolist() != environment.test.index.tolist()


def test_size_crops_about_the_centre_and_scales(photographs):
    environment = ImageFolder(path="photographs", size=4).load(photographs.parent)
    assert environment.shape == (3, 4, 4)
    transforms = torchvision.transforms.functional
    image = Image.open(photographs / "train" / "cat" / "0.png")
    expected = np.asarray(transforms.resize(transforms.center_crop(image, 7), [4, 4]))
    assert np.array_equal(environment.train.images[0].permute(1, 2, 0).numpy(), expected)


def test_grey(photographs):
    environment = ImageFolder(path="photographs", grey=True).load(photographs.parent)
    expected = np.asarray(Image.open(photographs / "train" / "cat" / "0.png").convert("L"))
    assert np.array_equal(environment.train.images[0, 0].numpy(), expected)


def test_images_of_several_sizes_need_a_size(photographs):
    odd = photographs / "train" / "dog" / "3.png"
    ImageOps.expand(Image.open(odd), 2).save(odd)
    with pytest.raises(DataError, match=f"{odd}: 13x11 pixels, but .*0.png has 9x7. Declare `size`"):
        ImageFolder(path="photographs").load(photographs.parent)
    assert len(ImageFolder(path="photographs", size=5).load(photographs.parent).train) == 12


def truncate(path):
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize(
    "spoil", [truncate, lambda path: path.write_text("not an image"), lambda path: path.write_bytes(b"")]
)
def test_a_damaged_image_is_named(photographs, spoil):
    path = photographs / "test" / "dog" / "2.png"
    spoil(path)
    with pytest.raises(DataError, match=f"{path}: not a readable image .*Replace or remove it"):
        ImageFolder(path="photographs").load(photographs.parent)


@pytest.mark.parametrize("name", ["nothing", "n" * 300])
def test_a_missing_folder_is_named_with_what_to_do(tmp_path, name):
    with pytest.raises(DataError, match=rf"looked for {tmp_path}/{name}, .*Put the images into .*data root"):
        ImageFolder(path=name).load(tmp_path)


def test_a_missing_test_folder(photographs):
    shutil.rmtree(photographs / "test")
    with pytest.raises(DataError, match="a folder train but no folder test"):
        ImageFolder(path="photographs").load(photographs.parent)


def test_classes_must_agree(photographs):
    (photographs / "test" / "dog").rename(photographs / "test" / "dogs")
    with pytest.raises(DataError, match="same classes; only one of them has dog, dogs"):
        ImageFolder(path="photographs").load(photographs.parent)


@pytest.mark.parametrize("empty", [False, True])
def test_a_folder_without_images(tmp_path, empty):
    (tmp_path / "folder" / "class").mkdir(parents=True)
    if empty:
        (tmp_path / "folder" / "class").rmdir()
    with pytest.raises(DataError, match=f"{tmp_path}/folder: not a folder of classes .*CLASS/IMAGE"):
        ImageFolder(path="folder", held_out=1).load(tmp_path)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"path": "photographs", "held_out": 2}, "image_folder.held_out: required nothing; came 2.*Leave it out"),
        ({"path": "photographs/train"}, "held_out: required how many of the 12 images .*; came nothing"),
        ({"path": "photographs/train", "held_out": 12}, "came 12"),
        ({"path": "../photographs"}, r"ImageFolder\.path.*without `\.\.`; came '\.\./photographs'"),
    ],
)
def test_declarations_that_do_not_fit_are_refused(photographs, parameters, message):
    with pytest.raises(SpecificationError, match=message):
        ImageFolder(**parameters).load(photographs.parent)
