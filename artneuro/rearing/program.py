"""Programs: a computation on tensors as the plain list of torch's operations that it came down to.

A gradient goes through a tree of modules, the autograd tape and the layers of `torch.func` before it reaches the
operations that do the arithmetic, and for small networks most of the time goes there. So the operations are written
down while a batch is computed, and for later batches they alone are run, in the same order: the same bits, sooner.
(`make_fx` of torch does the same; it takes seconds to import, and changes torch's modules while it traces.)
"""

import operator
from collections.abc import Callable
from typing import Any, final

import torch
from torch import Tensor, fx, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

Function = Callable[..., tuple[Tensor, ...]]

aten = torch.ops.aten
_LOOKING = aten._local_scalar_dense.default
_SHAPING = (
    aten.detach.default,
    aten.view.default,
    aten._unsafe_view.default,
    aten.expand.default,
    aten.permute.default,
)


@final
class Program:
    """A function of tensors that learns its own operations.

    It calls the function twice, writing down the first time and comparing the second. From the third call on the
    operations alone are run, if they gave the same bits; otherwise, and where the function looks at values (as in
    ``if x.sum() > 0``), it goes on being called.

    Parameters
    ----------
    function : callable
        Of tensors, returning several of them. It changes none that it is given, and is called with tensors of one
        shape and memory format alone.

    Examples
    --------
    >>> double = Program(lambda tensor: (2 * tensor,))
    >>> [double(torch.tensor(float(number)))[0].item() for number in range(4)]
    [0.0, 2.0, 4.0, 6.0]
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self._operations: Function | None = None
        self._calls = 0

    @property
    def flat(self) -> bool:
        """Whether the operations alone are run."""
        return self._calls >= 2 and self._operations is not None

    @torch.no_grad()
    def __call__(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Return what the function returns."""
        if self._calls >= 2:
            return (self._operations or self._function)(*given)
        self._calls += 1
        if self._calls == 1:
            pen = _Pen(given)
            with pen:
                outcome = self._function(*given)
            self._operations = None if pen.looked else pen.function(outcome)
            return outcome
        outcome = self._function(*given)
        if self._operations is not None and not _same(outcome, self._operations(*given)):
            self._operations = None
        return outcome


def _same(outcome: tuple[Tensor, ...], other: tuple[Tensor, ...]) -> bool:
    pairs = zip(outcome, other, strict=True)
    return all(torch.allclose(ours, theirs, rtol=0, atol=0, equal_nan=True) for ours, theirs in pairs)


@final
class _Pen(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes every operation down as a node of a graph, and does it.

    Attributes
    ----------
    looked : bool
        Whether the value of a tensor was asked for.
    """

    def __init__(self, given: tuple[Tensor, ...]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.looked = False
        self._graph = fx.Graph()
        self._constants = nn.Module()
        self._held = list(given)  # every tensor seen, so that each keeps its identity
        self._nodes = {id(tensor): self._graph.placeholder(f"given{place}") for place, tensor in enumerate(given)}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Decline what torch does by default, since it imports its compiler to make sure that this is not compiled."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        outcome = func(*args, **(kwargs or {}))
        self.looked = self.looked or func is _LOOKING
        if func in _SHAPING and _alike(args[0], outcome):
            self._name(outcome, self._node(args[0]))
        elif isinstance(outcome, Tensor):
            self._name(outcome, self._write(func, args, kwargs))
        elif isinstance(outcome, tuple | list):
            node = self._write(func, args, kwargs)
            for place, tensor in enumerate(outcome):
                if isinstance(tensor, Tensor):
                    self._name(tensor, self._graph.call_function(operator.getitem, (node, place)))
        return outcome

    def function(self, wanted: tuple[Tensor, ...]) -> Function:
        """Return what was written down, as a function of the given tensors."""
        self._graph.output(tuple(map(self._node, wanted)))
        self._graph.eliminate_dead_code()
        forward: Function = fx.GraphModule(self._constants, self._graph).forward
        return forward

    def _write(self, func: Any, args: Any, kwargs: Any) -> fx.Node:
        return self._graph.call_function(func, tree_map(self._node, args), tree_map(self._node, kwargs or {}))

    def _name(self, tensor: Tensor, node: fx.Node) -> None:
        self._held.append(tensor)
        self._nodes.setdefault(id(tensor), node)  # what works in place returns a tensor that has its name already

    def _node(self, value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        if id(value) not in self._nodes:  # made before: the same whatever is given
            name = f"constant{len(self._held)}"
            self._constants.register_buffer(name, value)
            self._name(value, self._graph.get_attr(name))
        return self._nodes[id(value)]


def _alike(before: Tensor, after: Tensor) -> bool:
    return before.shape == after.shape and before.stride() == after.stride()
