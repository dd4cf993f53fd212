"""One input at a time: the environment of tasks whose stimuli are names and nothing else."""

from pathlib import Path
from typing import final

import torch

from artneuro.environment.environment import Environment, EnvironmentSource, Stimuli
from artneuro.fields import define_spec, ge, param
from artneuro.registry import register


@final
@register("one_hot")
@define_spec
class OneHot(EnvironmentSource):
    """As many stimuli as inputs, each with one input at 1 and all others at 0; its class is its number.

    What a linear network answers to stimulus i is row i of its matrix, so this is where matrices are learnt
    (`MatrixCompletion`). Training and test stimuli are the same; nothing is normalised.

    Examples
    --------
    >>> OneHot(n=3).load().train.images[:, 0, 0]
    tensor([[1., 0., 0.],
            [0., 1., 0.],
            [0., 0., 1.]])
    """

    n: int = param(100, doc="inputs, stimuli and classes", check=ge(2))

    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Make the stimuli; nothing is read."""
        stimuli = Stimuli.of(torch.eye(self.n)[:, None, None], torch.arange(self.n))
        names = tuple(str(number) for number in range(self.n))
        return Environment(self, stimuli, stimuli, names, mean=torch.zeros(1), std=torch.ones(1)).to(device)
