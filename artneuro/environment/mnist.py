"""MNIST and Fashion-MNIST."""

from abc import ABC
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, final

from torch.nn import functional as F

from artneuro.environment.environment import Stimuli
from artneuro.environment.published import Published
from artneuro.fields import define_spec, ge, param
from artneuro.registry import register


@define_spec
class _Idx(Published, ABC):
    """Data in four IDX files. torchvision publishes the MD5 of the archives only; these are of what is in them."""

    pad: int = param(0, units="pixel", doc="black pixels added on every side; 2 make 32 x 32 pixels", check=ge(0))

    contents: ClassVar[Mapping[str, str]]

    @final
    def _md5(self, dataset: Any) -> Mapping[str, str]:
        return self.contents

    @final
    def _decode(self, dataset: Any, data_root: Path) -> tuple[Stimuli, Stimuli, tuple[str, ...]]:
        from artneuro._torchvision import torchvision

        # its readers, not its constructor: that would prefer a `processed` folder of older versions, which has no MD5
        reader = torchvision.datasets.mnist
        place = data_root / self.folder
        train, test = (
            Stimuli.of(
                F.pad(reader.read_image_file(place / f"{part}-images-idx3-ubyte")[:, None], (self.pad,) * 4),
                reader.read_label_file(place / f"{part}-labels-idx1-ubyte"),
            )
            for part in ("train", "t10k")
        )
        return train, test, tuple(name.split(" - ")[0] for name in dataset.classes)


@final
@register("mnist")
@define_spec
class MNIST(_Idx):
    """60,000 + 10,000 handwritten digits, 28x28, grey (LeCun et al. 1998).

    Its classes are named "0" to "9", as those of `digits` are.
    """

    torchvision_name = "MNIST"
    folder = "MNIST/raw"
    origin = "https://ossci-datasets.s3.amazonaws.com/mnist/"
    contents: ClassVar[Mapping[str, str]] = {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    }


@final
@register("fashion_mnist")
@define_spec
class FashionMNIST(_Idx):
    """60,000 + 10,000 pictures of clothes, 28x28, grey (Xiao et al. 2017, arXiv 1708.07747)."""

    torchvision_name = "FashionMNIST"
    folder = "FashionMNIST/raw"
    origin = "https://github.com/zalandoresearch/fashion-mnist"
    contents: ClassVar[Mapping[str, str]] = {
        "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
        "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
        "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
    }
