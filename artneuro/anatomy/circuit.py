"""Circuit: a network as layers of units and the projections between them, so that units can have places in space."""

import typing
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import final

import attrs
from torch import Tensor, nn

from artneuro.anatomy.places import Places
from artneuro.errors import Problem, SpecificationError

KEEPING = (nn.Flatten, nn.Identity, nn.ReLU, nn.SiLU, nn.GELU, nn.Tanh, nn.Sigmoid, nn.Dropout, Places)
"""What may stand between two linear layers: units stay apart on their way through it."""

INPUT, OUTPUT = "input", "output"


@final
@attrs.frozen
class Projection:
    """The weights by which one layer of units drives another.

    Parameters
    ----------
    name : str
        Of the parameter, shape (target * target_folds, source * source_folds).
    target, source : str
        Names of the layers.
    target_folds, source_folds : int
        How many entries of that dim belong to each unit: entry ``fold * units + unit``. Where two tokens of 32
        dims are put side by side, a unit of the token layer owns two entries, one of each half.
    """

    name: str
    target: str
    source: str
    target_folds: int = 1
    source_folds: int = 1

    def strengths(self, weight: Tensor) -> Tensor:
        """Return how strongly each pair of units is connected, (target, source): absolute weights, folds summed.

        Examples
        --------
        >>> import torch
        >>> Projection("w", "b", "a", source_folds=2).strengths(torch.tensor([[1.0, -2.0, 3.0, 4.0]]))
        tensor([[4., 6.]])
        """
        return self.folded(weight.abs()).sum((0, 2))

    def folded(self, weight: Tensor) -> Tensor:
        """Return the weight by folds and units, (target fold, target, source fold, source)."""
        rows, columns = weight.shape
        targets, sources = rows // self.target_folds, columns // self.source_folds
        return weight.reshape(self.target_folds, targets, self.source_folds, sources)


@final
@attrs.frozen
class Circuit:
    """Layers of units, and what connects them.

    Parameters
    ----------
    layers : mapping of str to int
        Name of a layer -> its units, from input to output. Inputs and outputs are units too.
    projections : tuple of Projection
        In the order of computation.
    biases : mapping of str to str
        Name of the parameter -> layer.
    tables : mapping of str to str
        Name of a parameter of shape (unit * folds, token) -> layer: learnt vectors of tokens, which have no place. Each
        entry costs what a connection without length does.
    blocks : mapping of str to int
        Layer -> how many blocks its units lie in, one after the other, such as the heads of attention. Units change
        places within their block, and blocks as a whole; a layer that is not named is one block.
    """

    layers: Mapping[str, int]
    projections: tuple[Projection, ...]
    biases: Mapping[str, str]
    tables: Mapping[str, str] = attrs.field(factory=dict)
    blocks: Mapping[str, int] = attrs.field(factory=dict)

    @classmethod
    def of(cls, model: nn.Module) -> "Circuit":
        """Return the circuit that a model tells, or find that of a plain sequence of linear layers.

        A model that has a method ``circuit`` (`Wired`) is asked. Otherwise it is linear layers with nonlinearities
        between them. A hidden layer is named after its torch module; the first and the last are ``input`` and
        ``output``.

        Raises
        ------
        SpecificationError
            Where the model is anything else.

        Examples
        --------
        >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.SiLU(), nn.Linear(3, 2))
        >>> circuit = Circuit.of(model)
        >>> circuit.layers, [(each.target, each.source) for each in circuit.projections]
        ({'input': 4, '1': 3, 'output': 2}, [('1', 'input'), ('output', '1')])
        """
        if isinstance(model, Wired):
            return model.circuit()
        found = list(_strangers(model))
        linear = [(name, child) for name, child in model.named_children() if isinstance(child, nn.Linear)]
        if not found and not linear:
            found = [Problem("anatomy", "a network with linear layers", type(model).__name__)]
        if found:
            raise SpecificationError(found)
        layers, projections, biases = {INPUT: linear[0][1].in_features}, [], {}
        source = INPUT
        for number, (name, layer) in enumerate(linear, start=1):
            target = OUTPUT if number == len(linear) else name
            layers[target] = layer.out_features
            projections.append(Projection(f"{name}.weight", target, source))
            if layer.bias is not None:
                biases[f"{name}.bias"] = target
            source = target
        return cls(layers, tuple(projections), biases)

    def beside(self, layer: str) -> Iterator[tuple[Projection, str, bool]]:
        """Yield the projections of a layer: each with the layer at its other end, and whether it comes in from there.

        A projection of a layer to itself is yielded once, as coming in.
        """
        for projection in self.projections:
            if projection.target == layer:
                yield projection, projection.source, True
            elif projection.source == layer:
                yield projection, projection.target, False

    def cut(self, weights: Mapping[str, Tensor], threshold: float) -> float:
        """Return a share of the largest absolute weight between units: up to there, there is no connection."""
        return threshold * max(float(weights[each.name].abs().max()) for each in self.projections)

    def spans(self, layers: Iterable[str]) -> dict[str, slice]:
        """Return where the units of each of these layers stand in the row of all of theirs.

        Examples
        --------
        >>> Circuit({"input": 4, "hidden": 3, "output": 2}, (), {}).spans(["hidden", "output"])
        {'hidden': slice(0, 3, None), 'output': slice(3, 5, None)}
        """
        span, end = {}, 0
        for layer in layers:
            span[layer] = slice(end, end + self.layers[layer])
            end += self.layers[layer]
        return span


@typing.runtime_checkable
class Wired(typing.Protocol):
    """A model that knows its circuit."""

    def circuit(self) -> Circuit:
        """Return its circuit."""


@final
class WiredSequence(nn.Sequential):
    """A sequence of layers that is told its circuit, where the layers alone do not tell it."""

    def __init__(self, layers: Mapping[str, nn.Module], circuit: Circuit) -> None:
        super().__init__(OrderedDict(layers))
        self._circuit = circuit

    def circuit(self) -> Circuit:
        """Return the circuit it was told."""
        return self._circuit


def _strangers(model: nn.Module) -> Iterator[Problem]:
    """Yield what keeps a model from being a plain sequence of linear layers."""
    required = "a plain sequence of linear layers, such as mlp"
    if not isinstance(model, nn.Sequential):
        yield Problem("anatomy", required, type(model).__name__, "The places of its units cannot be told.")
        return
    for name, child in model.named_children():
        if not isinstance(child, (nn.Linear, *KEEPING)):
            advice = "It mixes units, or shares weights between them: leave it out, or choose another anatomy."
            yield Problem("anatomy", required, f"{type(child).__name__} ({name})", advice)
