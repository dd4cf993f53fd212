"""CIFAR-10 and CIFAR-100."""

from abc import ABC
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import torch

from artneuro.environment.environment import Stimuli
from artneuro.environment.published import Published
from artneuro.fields import define_spec
from artneuro.registry import register


@define_spec
class _Cifar(Published, ABC):
    """Data in pickles, which can execute code: the base has verified every MD5 before `_decode` unpickles anything."""

    @final
    def _md5(self, dataset: Any) -> Mapping[str, str]:
        return dict([*dataset.train_list, *dataset.test_list, (dataset.meta["filename"], dataset.meta["md5"])])

    @final
    def _decode(self, dataset: Any, data_root: Path) -> tuple[Stimuli, Stimuli, tuple[str, ...]]:
        parts = [dataset(data_root, train=train) for train in (True, False)]
        train, test = (
            Stimuli.of(torch.from_numpy(part.data).permute(0, 3, 1, 2), torch.tensor(part.targets)) for part in parts
        )
        return train, test, tuple(parts[0].classes)


@final
@register("cifar10")
@define_spec
class CIFAR10(_Cifar):
    """50,000 + 10,000 colour photographs of 10 kinds of things, 32x32 (Krizhevsky 2009)."""

    torchvision_name = "CIFAR10"
    folder = "cifar-10-batches-py"
    origin = "cifar-10-python.tar.gz at https://www.cs.toronto.edu/~kriz/cifar.html"


@final
@register("cifar100")
@define_spec
class CIFAR100(_Cifar):
    """50,000 + 10,000 colour photographs of 100 kinds of things, 32x32, by fine label (Krizhevsky 2009)."""

    torchvision_name = "CIFAR100"
    folder = "cifar-100-python"
    origin = "cifar-100-python.tar.gz at https://www.cs.toronto.edu/~kriz/cifar.html"
