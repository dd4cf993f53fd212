"""Cut: a network in two at a site, so that what lies below a lesion is computed once.

The model is traced with `torch.fx`: everything that does not depend on the site's activity comes before the cut (the
other branch of a residual block too), everything that does comes after. Where a model cannot be traced, the same
interface re-runs the whole model and substitutes the activity.
"""

from collections.abc import Callable, Iterable
from typing import Any, final

import attrs
import torch
from torch import Tensor, fx, nn

from artneuro.anatomy.recording import hooked, record_activity
from artneuro.errors import Problem, SpecificationError

Carried = tuple[Tensor, ...]


@final
@attrs.frozen
class Cut:
    """A model in evaluation mode, in two at a module's output; it shares the model's weights.

    ``after(*before(x))`` equals ``model(x)`` bit for bit. Every tensor that crosses has the batch as its first dim, so
    lesions can be folded into the batch: repeat `carried` as often as the activity. Neither part changes its
    arguments. Gradients flow where the caller's mode lets them: wrap measurements in ``torch.no_grad()``.

    Parameters
    ----------
    before : callable
        Stimuli -> (activity at the cut, carried: the other tensors that what follows needs).
    after : callable
        (activity, carried) -> logits (batch, class).
    partial : bool
        True where `after` runs only what depends on the activity; False where the model could not be traced and
        `after` re-runs all of it.
    linear : (nn.Linear, callable) or None
        Where the activity, flattened to (batch, unit), goes into one linear layer and nowhere else: that layer, and
        the function from its output to the logits. Then clamping a unit is a rank-one change of that output.
    """

    before: Callable[[Tensor], tuple[Tensor, Carried]]
    after: Callable[[Tensor, Carried], Tensor]
    partial: bool
    linear: tuple[nn.Linear, Callable[[Tensor], Tensor]] | None = None


def cut(model: nn.Module, module_name: str, example: Tensor, whole: Iterable[str] = ()) -> Cut:
    """Cut a model at the output of one of its modules.

    Parameters
    ----------
    model : nn.Module
        In evaluation mode: batch norm uses its running statistics, so stimuli do not depend on each other.
    module_name : str
        Name of the torch module, as `Anatomy.sites` gives it.
    example : Tensor, shape (batch, channel, y, x)
        A few stimuli as presented; the cut is checked on the first two.
    whole : iterable of str
        Names of other modules that both parts call as they are, so that hooks on them act.

    Raises
    ------
    SpecificationError
        Where the model is in training mode, the module does not exist or is not called exactly once, or the logits do
        not depend on its output.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)).eval()
    >>> x = torch.linspace(-1, 1, 15).reshape(5, 3)
    >>> halves = cut(model, "1", x)
    >>> activity, carried = halves.before(x)
    >>> torch.equal(halves.after(activity, carried), model(x)), halves.partial, len(carried)
    (True, True, 0)
    """
    if model.training:
        came = "one in training mode"
        raise SpecificationError([Problem("model", "a model in evaluation mode", came, "Call `model.eval()` first.")])
    few = example[:2]
    with torch.no_grad():
        record_activity(model, {module_name: module_name}, few.clone())  # refuses a module that is no site
        halves = _traced(model, module_name, few, {module_name, *whole}) or _whole(model, module_name)
        activity, carried = halves.before(few)
        # not-a-number spreads through everything that reads it
        if torch.equal(halves.after(torch.full_like(activity, torch.nan), carried), halves.after(activity, carried)):
            advice = "Name a module whose output `forward` goes on with."
            required = f"a module that the logits depend on ({module_name})"
            raise SpecificationError([Problem("module", required, "one without influence", advice)])
    return halves


def _whole(model: nn.Module, module_name: str) -> Cut:
    """Return the cut of a model that cannot be traced."""

    def before(x: Tensor) -> tuple[Tensor, Carried]:
        return record_activity(model, {module_name: module_name}, x.clone())[module_name], (x,)

    def after(activity: Tensor, carried: Carried) -> Tensor:
        with hooked(model, {module_name: lambda module, inputs, output: activity.clone()}):
            logits: Tensor = model(carried[0].clone())
        return logits

    return Cut(before, after, partial=False)


def _traced(model: nn.Module, module_name: str, few: Tensor, leaves: set[str]) -> Cut | None:
    """Return the cut of a model that can be traced, or None; `leaves` are modules that stay whole."""

    class Tracer(fx.Tracer):
        def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
            return module_qualified_name in leaves or super().is_leaf_module(m, module_qualified_name)

    try:
        graph = Tracer().trace(model)
        (place,) = (node for node in graph.nodes if node.op == "call_module" and node.target == module_name)
        pieces = _Pieces.of(graph, place)
        first, rest = fx.GraphModule(model, pieces.first()), fx.GraphModule(model, pieces.rest())
        if not _faithful(model, first, rest, few):
            return None
        before = _untouching(first, (few,))
        activity, carried = before(few)
        after = _untouching(rest, (activity, *carried))
        linear = _linear(model, pieces, after, activity)
    except Exception:  # a user's forward may do anything with the stand-ins of tracing; the whole model still works
        return None
    return Cut(before, lambda activity, carried: after(activity, *carried), partial=True, linear=linear)


@attrs.frozen
class _Pieces:
    """The nodes of a traced model, seen from one of them.

    `constant` nodes depend on parameters alone, and each side computes them for itself; `dependent` nodes depend on
    the output of the place.
    """

    graph: fx.Graph
    place: fx.Node
    constant: frozenset[fx.Node]
    dependent: frozenset[fx.Node]

    @classmethod
    def of(cls, graph: fx.Graph, place: fx.Node) -> "_Pieces":
        constant: set[fx.Node] = set()
        dependent: set[fx.Node] = set()
        for node in graph.nodes:  # in the order of computation
            inputs = node.all_input_nodes
            if node.op not in ("placeholder", "output") and constant.issuperset(inputs):
                constant.add(node)
            if place in inputs or not dependent.isdisjoint(inputs):
                dependent.add(node)
        return cls(graph, place, frozenset(constant), frozenset(dependent))

    @property
    def carried(self) -> list[fx.Node]:
        """Nodes other than the place whose output crosses the cut."""
        crossing = {source for node in self.dependent for source in node.all_input_nodes}
        return [node for node in self.graph.nodes if node in crossing - self.dependent - self.constant - {self.place}]

    def first(self) -> fx.Graph:
        """Return the graph: stimuli -> (activity, carried)."""
        piece = fx.Graph()
        copied = _copy(piece, {}, (node for node in self.graph.nodes if node not in self.dependent))
        piece.output((copied[self.place], tuple(copied[node] for node in self.carried)))
        return piece

    def rest(self) -> fx.Graph:
        """Return the graph: activity, *carried -> logits."""
        piece = fx.Graph()
        copied = {node: piece.placeholder(f"given_{i}") for i, node in enumerate((self.place, *self.carried))}
        needed = set(self.dependent)
        for node in reversed(self.graph.nodes):
            if node in needed:
                needed |= self.constant.intersection(node.all_input_nodes)
        _copy(piece, copied, (node for node in self.graph.nodes if node in needed))
        return piece


def _copy(piece: fx.Graph, copied: dict[fx.Node, fx.Node], nodes: Iterable[fx.Node]) -> dict[fx.Node, fx.Node]:
    for node in nodes:
        copied[node] = piece.node_copy(node, copied.__getitem__)
    return copied


def _faithful(model: nn.Module, first: nn.Module, rest: nn.Module, few: Tensor) -> bool:
    """Tell whether the pieces give the model's own bits, with the batch as the first dim of all that crosses."""
    for batch in (few, torch.cat([few, few])):  # twice, so that a dim of that size by chance does not pass as the batch
        activity, carried = first(batch.clone())
        if not all(
            isinstance(tensor, Tensor) and tensor.shape[:1] == batch.shape[:1] for tensor in (activity, *carried)
        ):
            return False
        if not torch.equal(rest(activity, *carried), model(batch.clone())):
            return False
    return True


def _untouching(piece: nn.Module, given: tuple[Tensor, ...]) -> Callable[..., Any]:
    """Return the piece such that it leaves its arguments as they are, even where it works in place."""
    copies = [tensor.clone() for tensor in given]
    versions = [tensor._version for tensor in copies]
    piece(*copies)
    if versions == [tensor._version for tensor in copies]:
        return piece
    return lambda *tensors: piece(*(tensor.clone() for tensor in tensors))


_PASSING = (nn.Flatten, nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
_RESHAPING = (torch.flatten, "flatten", "view", "reshape")


def _linear(
    model: nn.Module, pieces: _Pieces, after: Callable[..., Tensor], activity: Tensor
) -> tuple[nn.Linear, Callable[[Tensor], Tensor]] | None:
    """Return the linear layer that alone reads the flattened activity, and what follows it; None where there is none.

    What only reshapes, or does nothing in evaluation, may stand between.
    """
    node = pieces.place
    while True:
        readers = [user for user in node.users if user.target not in ("size", "dim", getattr)]
        if len(readers) != 1 or readers[0].args[:1] != (node,):
            return None
        (reader,) = readers
        module = model.get_submodule(str(reader.target)) if reader.op == "call_module" else None
        if type(module) is nn.Linear:
            break
        if not isinstance(module, _PASSING) and reader.target not in _RESHAPING:
            return None
        node = reader
    behind = _Pieces.of(pieces.graph, reader)
    if behind.carried or activity.shape[1:].numel() != module.in_features:
        return None
    head = _untouching(fx.GraphModule(model, behind.rest()), (module(activity.flatten(1)),))
    signed = torch.linspace(-1, 1, activity.numel(), dtype=activity.dtype, device=activity.device).view_as(activity)
    return (module, head) if torch.equal(head(module(signed.flatten(1))), after(signed)) else None
