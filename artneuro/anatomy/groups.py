"""Groups: units of a network that are wired to each other more than to the rest, found in its weights."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from artneuro import measures
from artneuro.anatomy.circuit import INPUT, OUTPUT, Circuit
from artneuro.fields import Spec, between, define_spec, ge, gt, param
from artneuro.seeds import Stream


@final
@define_spec
class Groups(Spec):
    """How the units of a network are told apart into groups, by their connections.

    They are the modules of the graph of all hidden units, by absolute weights without direction (Louvain). Inputs and
    outputs are left out: every module of a network that votes is wired to every output. A unit without connections to
    other hidden units is in no group. All protocols search with the same randomness, so a number names the same group
    in the records of each that tells units apart in the same way.

    Examples
    --------
    >>> import torch
    >>> from artneuro.anatomy import MLP
    >>> model = MLP(widths=(2, 2)).build((1, 1, 3), classes=2)
    >>> weights = {name: torch.ones_like(tensor) for name, tensor in model.named_parameters()}
    >>> weights["hidden2.weight"] = torch.tensor([[0.0, 5.0], [0.001, 0.0]])
    >>> found = Groups().of(Circuit.of(model), weights, Stream(0))
    >>> {layer: numbers.tolist() for layer, numbers in found.items()}
    {'hidden1': [-1, 0], 'hidden2': [0, -1]}
    """

    threshold: float = param(
        0.01, doc="share of the largest absolute weight, up to which there is no connection", check=between(0, 1)
    )
    resolution: float = param(1.0, doc="of modules: the higher, the smaller", check=gt(0))
    runs: int = param(5, doc="searches for modules, of which the best counts", check=ge(1))

    def of(self, circuit: Circuit, weights: Mapping[str, Tensor], stream: Stream) -> dict[str, Tensor]:
        """Return the group of every hidden unit by layer, (unit,): numbered by falling size, -1 where it is in none.

        Parameters
        ----------
        circuit : Circuit
            Of the network.
        weights : mapping of str to Tensor
            Parameters by name.
        stream : Stream
            The subject's; the search draws from its ``child("groups")``.
        """
        layers = [layer for layer in circuit.layers if layer not in (INPUT, OUTPUT)]
        span, end = circuit.spans(layers), sum(circuit.layers[layer] for layer in layers)
        cut = circuit.cut(weights, self.threshold)
        wired = torch.zeros(end, end, dtype=torch.float64)
        for each in circuit.projections:
            if each.source in layers and each.target in layers:
                weight = weights[each.name].detach()
                strong = each.strengths(weight * (weight.abs() > cut)).double().cpu()
                wired[span[each.source], span[each.target]] += strong.T
        wired.fill_diagonal_(0.0)
        numbers = torch.full((end,), -1)
        alive = (wired.sum(0) + wired.sum(1)) > 0
        if alive.any():
            graph = measures.symmetrised(wired[alive][:, alive])
            numbers[alive] = torch.from_numpy(
                measures.louvain(graph, stream.child("groups"), self.resolution, self.runs)
            )
        return {layer: numbers[span[layer]] for layer in layers}
