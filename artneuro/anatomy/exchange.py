"""Exchange: whether the units of a layer can change numbers and nothing that is computed changes.

That is what makes the place of a unit free. It fails where a circuit forgets a weight that belongs to a unit, or takes
one stream of units for two: the residual stream of a transformer can be renumbered everywhere at once, and nowhere
alone.
"""

import copy
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call

from artneuro.anatomy.circuit import INPUT, OUTPUT, Circuit
from artneuro.errors import Problem

_ROUNDING = 1e-9  # of the largest answer: sums come in another order, in double precision


def renumbered(circuit: Circuit, weights: Mapping[str, Tensor], layer: str, order: Tensor) -> dict[str, Tensor]:
    """Return weights by name in which unit ``order[j]`` of a layer is unit j: in all that it receives, is and gives.

    Examples
    --------
    >>> circuit = Circuit.of(nn.Sequential(nn.Linear(1, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False)))
    >>> weights = {"0.weight": torch.tensor([[1.0], [2.0]]), "2.weight": torch.tensor([[3.0, 4.0]])}
    >>> [weight.flatten().tolist() for weight in renumbered(circuit, weights, "0", torch.tensor([1, 0])).values()]
    [[2.0, 1.0], [4.0, 3.0]]
    """
    found = dict(weights)

    def along(name: str, dim: int) -> None:
        folds = found[name].shape[dim] // len(order)
        entries = torch.cat([fold * len(order) + order for fold in range(folds)])
        found[name] = found[name].index_select(dim, entries)

    for projection in circuit.projections:
        if projection.target == layer:
            along(projection.name, 0)
        if projection.source == layer:
            along(projection.name, 1)
    for name, own in (*circuit.biases.items(), *circuit.tables.items()):
        if own == layer:
            along(name, 0)
    return found


def unexchangeable(model: nn.Module, circuit: Circuit, example: Tensor) -> Iterator[Problem]:
    """Yield which layers of a circuit do not fit a model, or have units that cannot change numbers; inputs may.

    Parameters
    ----------
    example : Tensor, shape (stimulus, channel, y, x)
        What the model is tried with.
    """
    weights = {name: tensor.detach().double() for name, tensor in model.named_parameters()}
    misfit = list(_misfits(circuit, weights))
    if misfit:
        yield from misfit
        return
    tried = copy.deepcopy(model).double().eval()
    with torch.no_grad():
        expected = functional_call(tried, weights, (example.double(),))
        for layer, units in circuit.layers.items():
            if layer in (INPUT, OUTPUT):
                continue
            blocks = circuit.blocks.get(layer, 1)
            turned = (
                torch.arange(units).view(blocks, -1).roll((1, 1), dims=(0, 1)).flatten()
            )  # no unit stays, if it can
            answers = functional_call(tried, renumbered(circuit, weights, layer, turned), (example.double(),))
            if (answers - expected).abs().max() > _ROUNDING * expected.abs().max():
                advice = "Name all weights of these units in the circuit, and call what is one stream one layer."
                required = "a layer whose units can change numbers in all weights that the circuit names"
                yield Problem("circuit", required, f"{layer}, where that changes what is computed", advice)


def _misfits(circuit: Circuit, weights: Mapping[str, Tensor]) -> Iterator[Problem]:
    """Yield what a circuit names that the model does not have, or not in such a shape."""
    shapes: dict[str, tuple[int | None, int | None]] = {}
    for each in circuit.projections:
        units = circuit.layers.get(each.target, 0), circuit.layers.get(each.source, 0)
        shapes[each.name] = units[0] * each.target_folds, units[1] * each.source_folds
    for name, (rows, columns) in shapes.items():
        if name not in weights or tuple(weights[name].shape) != (rows, columns):
            came = str(tuple(weights[name].shape)) if name in weights else "nothing"
            yield Problem(f"circuit.{name}", f"a parameter of shape ({rows}, {columns})", came)
    for name, layer in (*circuit.biases.items(), *circuit.tables.items()):
        units_ = circuit.layers.get(layer, 0)
        if name not in weights or not units_ or len(weights[name]) % units_:
            came = str(tuple(weights[name].shape)) if name in weights else "nothing"
            yield Problem(f"circuit.{name}", f"a parameter with entries for each of the {units_} units", came)
    for layer, blocks in circuit.blocks.items():
        units_ = circuit.layers.get(layer, 0)
        if units_ == 0 or units_ % blocks:
            yield Problem(f"circuit.{layer}", f"a multiple of {blocks} units, as it has blocks", str(units_))
        if blocks > 1 and any(other == layer for _, other, _ in circuit.beside(layer)):
            yield Problem(f"circuit.{layer}", "one block, where a layer is connected to itself", str(blocks))
