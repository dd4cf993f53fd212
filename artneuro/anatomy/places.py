"""Places: which place each unit of an embedded network has."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn


@final
class Places(nn.Module):
    """Which place each unit of a network has; it passes on what it is given.

    It holds one buffer a layer, by the layer's name: the number of the place of every unit, (unit,), int64. Where two
    units change places, the buffer changes and no weight does: what the network computes stays the same to the last
    bit, and units keep their numbers.
    """

    def __init__(self, units: Mapping[str, int]) -> None:
        super().__init__()
        for layer, count in units.items():
            self.register_buffer(layer, torch.arange(count))

    def forward(self, x: Tensor) -> Tensor:
        """Return what came."""
        return x
