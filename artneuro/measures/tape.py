"""Tape: one forward pass, with what came into each layer and where in the graph its output lies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, Node, get_gradient_edge
from torch.func import functional_call

from artneuro.errors import Problem, SpecificationError
from artneuro.measures.parametrised import laid_out


@final
@dataclass(frozen=True, eq=False)
class Call:
    """One call of a layer.

    Parameters
    ----------
    inputs : Tensor or None
        What came in; None where it was not one tensor.
    edge : GradientEdge or None
        Place of the output in the graph, which a later operation in place does not move; None where it is not one
        tensor.
    """

    inputs: Tensor | None
    edge: GradientEdge | None


@final
@dataclass(frozen=True, eq=False)
class Tape:
    """One forward pass.

    Parameters
    ----------
    logits : Tensor, shape (stimulus, class)
        The answers, with their graph.
    calls : mapping of str to list of Call
        What each layer was called with, in order.
    order : sequence of str
        Names of the layers as they were called, one after another.
    """

    logits: Tensor
    calls: Mapping[str, Sequence[Call]]
    order: Sequence[str]

    @classmethod
    def of(cls, model: nn.Module, weights: Mapping[str, Tensor], stimuli: Tensor, layers: Sequence[str]) -> "Tape":
        """Show stimuli to a network with these weights, and write down what comes into the layers.

        Raises
        ------
        SpecificationError
            Where it does not answer with one number a class, or its answers do not depend on its weights.
        """
        calls: dict[str, list[Call]] = {name: [] for name in layers}
        order: list[str] = []
        handles = [model.get_submodule(name).register_forward_hook(_writing(name, calls, order)) for name in layers]
        try:
            with torch.enable_grad():
                logits = functional_call(model, dict(weights), (laid_out(stimuli),))
        finally:
            for handle in handles:
                handle.remove()
        _check(logits, len(stimuli))
        return cls(logits, calls, order)

    def uses(self, weights: Mapping[str, Tensor]) -> dict[str, int]:
        """Return how many operations read each weight, whoever calls them."""
        leaves = {get_gradient_edge(weight).node: name for name, weight in weights.items()}
        found = dict.fromkeys(weights, 0)
        start = self.logits.grad_fn
        waiting: list[Node] = [] if start is None else [start]
        visited: set[Node] = set(waiting)
        while waiting:
            for node, _ in waiting.pop().next_functions:
                if node is None:
                    continue
                if node in leaves:
                    found[leaves[node]] += 1
                elif node not in visited:
                    visited.add(node)
                    waiting.append(node)
        return found


def _writing(name: str, calls: dict[str, list[Call]], order: list[str]) -> Callable[[nn.Module, Any, Any], None]:
    def hook(module: nn.Module, inputs: Any, output: Any) -> None:
        alone = inputs[0] if len(inputs) == 1 and isinstance(inputs[0], Tensor) else None
        known = isinstance(output, Tensor) and output.requires_grad
        edge = get_gradient_edge(output) if known else None
        order.append(name)
        calls[name].append(Call(None if alone is None else alone.detach(), edge))

    return hook


def _check(logits: object, stimuli: int) -> None:
    required = f"logits ({stimuli}, classes), of two classes or more, for {stimuli} stimuli"
    if not isinstance(logits, Tensor):
        raise SpecificationError([Problem("model", required, type(logits).__name__)])
    if logits.ndim != 2 or len(logits) != stimuli or logits.shape[1] < 2:
        raise SpecificationError([Problem("model", required, f"a tensor {tuple(logits.shape)}")])
    if not logits.requires_grad:
        advice = "Its `forward` must not detach, nor run under `torch.no_grad`."
        raise SpecificationError([Problem("model", "logits that depend on the weights", "logits without", advice)])
