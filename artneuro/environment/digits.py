"""Handwritten digits of 8x8 pixels that scikit-learn brings along: the environment that needs no download."""

from pathlib import Path
from typing import final

import torch

from artneuro.environment import sampling
from artneuro.environment.collection import Collection
from artneuro.environment.environment import Stimuli
from artneuro.fields import between, define_spec, param
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("digits")
@define_spec
class Digits(Collection):
    """1,797 handwritten digits of 8x8 pixels, bundled with scikit-learn (Alpaydin and Kaynak 1998, UCI).

    Pixels are 0..16 in the source and are kept as float32 ``pixel / 16``, which is exact; 0..255 would round.
    The source has no test set; `held_out` images are set apart, with the same share of each class in both sets.
    `Stimuli.index` is the position in scikit-learn's order, in both sets.

    Examples
    --------
    >>> digits = Digits().load()
    >>> len(digits.train), len(digits.test), digits.shape
    (1297, 500, (1, 8, 8))
    """

    held_out: int = param(500, doc="images set apart as test stimuli", check=between(10, 1787))
    split_seed: int = param(0, doc="seed of the choice of test stimuli")

    def _read(self, data_root: Path) -> tuple[Stimuli, Stimuli, tuple[str, ...]]:
        from sklearn.datasets import load_digits  # here, since importing it takes as long as importing torch

        source = load_digits()
        names = tuple(str(name) for name in source.target_names)
        images = torch.tensor(source.images / 16, dtype=torch.float32)[:, None]
        targets = torch.tensor(source.target, dtype=torch.int64)
        parts = sampling.split(targets.numpy(), self.held_out, names, Stream(self.split_seed).child("split"))
        train, test = (Stimuli(images[part], targets[part], torch.from_numpy(part)) for part in parts)
        return train, test, names
