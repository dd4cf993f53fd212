"""What people answer to the test images of CIFAR-10."""

from pathlib import Path
from typing import final

import numpy as np

from artneuro.brains.brain import Brain, BrainSource
from artneuro.brains.making import brain_of
from artneuro.brains.reading import npy
from artneuro.environment.promised import as_promised, files_of
from artneuro.fields import define_spec
from artneuro.registry import register

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
"""In the order of its columns, which is that of CIFAR-10."""


@final
@register("cifar10h")
@define_spec
class CIFAR10H(BrainSource):
    """Answers of about 51 people to each of the 10,000 test images of CIFAR-10 (Peterson et al. 2019).

    It has no images: stimuli are the test set of the environment ``cifar10``. doi 10.1109/ICCV.2019.00971.
    """

    def load(self, data_root: Path | str | None = None) -> Brain:
        """Read it from the folder ``cifar10h``."""
        paths = files_of("cifar10h", data_root, "cifar10h", "cifar10h-counts.npy")
        with as_promised("cifar10h", *paths):
            counts = npy(paths[0])
        return brain_of(
            "cifar10h",
            {"answers": counts, "classes": np.array(CLASSES)},
            shares="cifar10",
            source="Peterson, Battleday, Griffiths and Russakovsky 2019 (jcpeterson/cifar-10h)",
            terms="CC BY-NC-SA 4.0: non-commercial",
        )
