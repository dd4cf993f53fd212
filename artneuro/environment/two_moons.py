"""Two interleaved half circles, to be told apart."""

from pathlib import Path
from typing import final

import torch

from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.environment.formula import computed, stimuli_of
from artneuro.fields import define_spec, ge, param
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("two_moons")
@define_spec
class TwoMoons(EnvironmentSource):
    """Points on two interleaved half circles, with Gaussian noise: scikit-learn's `make_moons`; nothing is normalised.

    Examples
    --------
    >>> place = TwoMoons().load()
    >>> place.shape, len(place.train), place.train.targets.bincount().tolist()
    ((1, 1, 2), 200, [100, 100])
    """

    train_size: int = param(200, doc="stimuli to learn from, half of each class", check=ge(2))
    test_size: int = param(200, doc="stimuli to be tested on, half of each class", check=ge(2))
    noise: float = param(0.1, doc="standard deviation of what is added to both coordinates", check=ge(0))
    seed: int = param(1, doc="seed of the noise and the order")

    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Compute the stimuli; nothing is read."""
        from sklearn.datasets import make_moons  # here, since importing it takes as long as importing torch

        parts = []
        for name, size in (("train", self.train_size), ("test", self.test_size)):
            draw = int(Stream(self.seed).child(name).numpy().integers(2**31))
            parts.append(make_moons(size, noise=self.noise, random_state=draw))
        (x, y), (asked, truth) = ([torch.from_numpy(array) for array in part] for part in parts)
        whole = stimuli_of(torch.cat([x, asked])[:, None, None], torch.cat([y, truth]).long(), {})
        order = torch.arange(len(whole))
        train, test = order[: self.train_size], order[self.train_size :]
        return computed(self, whole, train, test, classes=("upper", "lower"), device=device)
