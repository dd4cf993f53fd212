"""Lesions of connections: cutting single weights into a site while the network sees one block of stimuli."""

from collections.abc import Sequence
from typing import Any, final

import attrs
import torch
from torch import Tensor, nn
from torch.func import functional_call

from artneuro.anatomy.cut import Carried, Cut, cut
from artneuro.anatomy.lesion import lesion_connections
from artneuro.anatomy.neighbours import Weighted
from artneuro.anatomy.recording import hooked


@final
@attrs.frozen(eq=False)
class Afferents:
    """The connections into a site: the weights of the one layer that drives it.

    Parameters
    ----------
    model : nn.Module
        The network, in evaluation mode.
    layer : nn.Linear or nn.Conv2d
        The layer. A connection is one entry of its weight: of a convolution, one position of one kernel.
    name : str
        Name of the layer's torch module.
    cut : Cut
        The model in two behind the layer.
    """

    model: nn.Module
    layer: Weighted
    name: str
    cut: Cut

    @classmethod
    def of(cls, model: nn.Module, layer: Weighted, name: str, example: Tensor) -> "Afferents":
        """Cut a model behind a layer of it; `example` is a few stimuli as presented."""
        return cls(model, layer, name, cut(model, name, example))

    def expose(self, x: Tensor) -> "Drive":
        """Show stimuli as presented, (stimulus, channel, y, x)."""
        received: list[Tensor] = []

        def keep(module: nn.Module, inputs: Any, output: Any) -> None:
            received.append(inputs[0].clone())

        with hooked(self.model, {self.name: keep}):
            _, carried = self.cut.before(x)
        return Drive(self, received[0], carried)


@final
@attrs.frozen(eq=False)
class Drive:
    """One block of stimuli on its way through connections into a site.

    Parameters
    ----------
    afferents : Afferents
        The connections.
    received : Tensor
        What the layer gets.
    carried : tuple of Tensor
        What else crosses the cut.
    """

    afferents: Afferents
    received: Tensor
    carried: Carried

    @property
    def nbytes(self) -> int:
        """Memory that it holds."""
        return sum(tensor.nbytes for tensor in (self.received, *self.carried))

    def nested(self, order: Tensor, counts: Sequence[int]) -> Tensor:
        """Return the logits (count, stimulus, class) with ever more connections cut.

        Parameters
        ----------
        order : Tensor, shape (connection,), int64
            Every connection, numbered in the order of the weight's entries; the first one is cut first.
        counts : sequence of int
            How many are cut. None gives the intact logits bit for bit.
        """
        layer = self.afferents.layer
        order = order.to(self.received.device)
        rank = torch.empty_like(order)
        rank[order] = torch.arange(len(order), device=order.device)
        logits = []
        for count in counts:
            lesioned = lesion_connections(
                dict(layer.named_parameters()), "weight", (rank < count).view_as(layer.weight)
            )
            driven = functional_call(layer, lesioned, (self.received,))
            logits.append(self.afferents.cut.after(driven, self.carried))
        return torch.stack(logits)
