"""A folder of images, one folder a class."""

import os
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from artneuro.environment import sampling
from artneuro.environment.collection import Collection
from artneuro.environment.data_root import inside
from artneuro.environment.environment import Stimuli
from artneuro.errors import DataError
from artneuro.fields import define_spec, ge, param
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("image_folder")
@define_spec
class ImageFolder(Collection):
    """A folder of images, read by torchvision's ImageFolder: one folder a class, named by it.

    Either ``path/train/<class>/*`` and ``path/test/<class>/*`` with the same classes, or ``path/<class>/*`` and
    `held_out`. Images are colour (RGB), uint8; with `grey` they have one channel. They count in the order of class and
    file name, and `Stimuli.index` is the position in it.
    """

    path: str = param(doc="the folder, in the data root", check=inside())
    size: int | None = param(
        None,
        units="pixel",
        doc="side of the square to which each image is cropped about its centre and scaled (bilinear); "
        "left out, all images must be of one size",
        check=ge(1),
    )
    held_out: int | None = param(
        None, doc="images set apart as test stimuli, where there are no folders train and test", check=ge(1)
    )
    split_seed: int = param(0, doc="seed of the choice of test stimuli")

    def _read(self, data_root: Path) -> tuple[Stimuli, Stimuli, tuple[str, ...]]:
        folder = data_root / self.path
        if not os.path.isdir(folder):  # False, and no error, also where a name is too long or may not be looked at
            raise DataError(
                f"image_folder: looked for {folder}, and there is no such folder. Put the images into "
                f"{folder}/train/CLASS and {folder}/test/CLASS, or name another data root (--data-root, ARTNEURO_DATA)."
            )
        parted = [(folder / part).is_dir() for part in ("train", "test")]
        if all(parted):
            return self._two_folders(folder)
        if any(parted):
            there, lacking = ("train", "test") if parted[0] else ("test", "train")
            raise DataError(
                f"{folder}: there is a folder {there} but no folder {lacking}; both are needed, or neither."
            )
        return self._one_folder(folder)

    def _two_folders(self, folder: Path) -> tuple[Stimuli, Stimuli, tuple[str, ...]]:
        if self.held_out is not None:
            came = f"{self.held_out}, where {folder} has folders train and test"
            raise self._refuse("held_out", "nothing", came, "Leave it out.")
        train, test = _listing(folder / "train"), _listing(folder / "test")
        if train.classes != test.classes:
            odd = ", ".join(sorted(set(train.classes) ^ set(test.classes)))
            raise DataError(f"{folder}: train and test must have the same classes; only one of them has {odd}.")
        pixels = self._pixels([*train.samples, *test.samples])
        images = torch.split(pixels, [len(train.samples), len(test.samples)])
        sets = [Stimuli.of(images[i], torch.tensor(part.targets)) for i, part in enumerate((train, test))]
        return sets[0], sets[1], tuple(train.classes)

    def _one_folder(self, folder: Path) -> tuple[Stimuli, Stimuli, tuple[str, ...]]:
        listing = _listing(folder)
        count = len(listing.samples)
        if self.held_out is None or self.held_out >= count:
            required = f"how many of the {count} images are test stimuli, since {folder} has no folders train and test"
            raise self._refuse("held_out", required, "nothing" if self.held_out is None else str(self.held_out))
        images, targets = self._pixels(listing.samples), torch.tensor(listing.targets)
        stream = Stream(self.split_seed).child("split")
        parts = sampling.split(targets.numpy(), self.held_out, listing.classes, stream)
        train, test = (Stimuli(images[part], targets[part], torch.from_numpy(part)) for part in parts)
        return train, test, tuple(listing.classes)

    def _pixels(self, samples: list[tuple[str, int]]) -> Tensor:
        """Read every image, (stimulus, channel, y, x), uint8."""
        first = self._image(samples[0][0])
        pixels = np.empty((len(samples), *first.shape), dtype=np.uint8)
        for place, (path, _) in enumerate(samples):
            image = self._image(path)
            if image.shape != first.shape:
                raise DataError(
                    f"{path}: {image.shape[1]}x{image.shape[0]} pixels, but {samples[0][0]} has "
                    f"{first.shape[1]}x{first.shape[0]}. Declare `size`, so that all get the same."
                )
            pixels[place] = image
        return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()

    def _image(self, path: str) -> "np.ndarray[Any, np.dtype[np.uint8]]":
        try:
            with Image.open(path) as opened:
                image = opened.convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise DataError(f"{path}: not a readable image ({error}). Replace or remove it.") from error
        if self.size is not None:
            side = min(image.size)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            square = image.crop((left, top, left + side, top + side))
            image = square.resize((self.size, self.size), Image.Resampling.BILINEAR)
        return np.asarray(image)


def _listing(folder: Path) -> Any:
    """Return torchvision's listing of a folder: classes, samples, targets; no image is read yet."""
    from artneuro._torchvision import torchvision

    try:
        return torchvision.datasets.ImageFolder(folder)
    except OSError as error:
        raise DataError(f"{folder}: not a folder of classes ({error}). Required: {folder}/CLASS/IMAGE.") from error
