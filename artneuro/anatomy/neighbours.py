"""Neighbours of a site: the weighted layers that drive its units, and those that its units drive."""

import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TypeGuard, final

import attrs
import torch
from torch import fx, nn

from artneuro.anatomy.separation import (
    Norm,
    advice,
    data_inputs,
    described,
    is_constant,
    is_nonlinear,
    is_sum,
    keeps_units,
)

Weighted = nn.Linear | nn.Conv2d

_UNTRACED = "`forward` has to do the same whatever the values are, so that torch.fx can trace it."


@final
@attrs.frozen
class Stop:
    """Where the search for layers ended without one.

    Parameters
    ----------
    place : str
        The step of the network, in words.
    lost : bool
        Whether layers may lie behind it all the same, since it may mix units, or read them in a way of its own. The end
        of the network, a skip connection and a second nonlinearity are where units end.
    advice : str
        What to do about it; may be empty.
    """

    place: str
    lost: bool
    advice: str = ""


@final
@attrs.frozen
class Side:
    """What lies on one side of a site.

    Parameters
    ----------
    layers : dict of str to nn.Linear or nn.Conv2d
        The weighted layers next to it, by module name, in the order of the model's modules.
    norms : dict of str to nn.Module
        What lies between and holds numbers of each unit's own: batch and instance norms, and each PReLU whose slopes
        are not one for all.
    stops : tuple of Stop
        Where the search ended without a layer.
    """

    layers: dict[str, Weighted]
    norms: dict[str, Norm]
    stops: tuple[Stop, ...]


def layers_into(model: nn.Module, module_name: str) -> dict[str, Weighted]:
    """Return the linear and convolutional layers whose outputs are the units of a site.

    Between layer and site lie its own nonlinearity and whatever keeps units apart: batch norm, dropout, pooling, means
    over positions, reshaping, arithmetic with numbers. Where a residual sum lies between, both branches count up to the
    next nonlinearity, so that a bare skip connection, which has no weights, adds nothing.

    Parameters
    ----------
    model : nn.Module
        The network.
    module_name : str
        Name of the site's torch module.

    Returns
    -------
    dict of str to nn.Linear or nn.Conv2d
        By module name. Empty where the network cannot be traced, or something else lies between; `side_into` tells
        what.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    >>> list(layers_into(model, "1")), list(layers_out_of(model, "1"))
    (['0'], ['3'])
    """
    return side_into(model, module_name).layers


def layers_out_of(model: nn.Module, module_name: str) -> dict[str, Weighted]:
    """Return the linear and convolutional layers that read the units of a site.

    What keeps units apart (see `layers_into`) may lie between. What a skip connection carries on is not followed.

    Parameters
    ----------
    model : nn.Module
        The network.
    module_name : str
        Name of the site's torch module.

    Returns
    -------
    dict of str to nn.Linear or nn.Conv2d
        By module name. Empty where the network cannot be traced, or nothing reads them; `side_out_of` tells why.
    """
    return side_out_of(model, module_name).layers


def side_into(model: nn.Module, module_name: str) -> Side:
    """Return what drives the units of a site; see `layers_into`.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Softmax(1))
    >>> side = side_into(model, "2")
    >>> list(side.layers), list(side.norms), side.stops
    (['0'], ['1'], ())
    """
    place = _place(model, module_name)
    if isinstance(place, Stop):
        return Side({}, {}, (place,))
    found: set[str] = set()
    stops: list[Stop] = []
    waiting, seen = [(place, 0)], set[tuple[fx.Node, int]]()
    while waiting:
        node, nonlinearities = step = waiting.pop()
        if step in seen:
            continue
        seen.add(step)
        own = node is place and _is_own(model.get_submodule(module_name))
        nonlinearities += own or is_nonlinear(model, node)
        if nonlinearities == 2 or node.op == "placeholder":
            stops.append(Stop(described(model, node), lost=False))
        elif _is_weighted(_module(model, node)):
            found.add(str(node.target))
        elif own or keeps_units(model, node) or is_sum(model, node):
            found.add(str(node.target))
            waiting += [(source, nonlinearities) for source in data_inputs(model, node)]
        else:
            stops.append(Stop(described(model, node), lost=True, advice=advice(model, node)))
    return _side(model, found, stops)


def side_out_of(model: nn.Module, module_name: str) -> Side:
    """Return what the units of a site drive; see `layers_out_of`.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Softmax(1))
    >>> [stop.place for stop in side_out_of(model, "2").stops]
    ['4 (nn.Softmax)']
    """
    place = _place(model, module_name)
    if isinstance(place, Stop):
        return Side({}, {}, (place,))
    found: set[str] = set()
    stops: list[Stop] = []
    carrying, waiting = {place}, list(place.users)
    while waiting:
        node = waiting.pop()
        if node in carrying or is_constant(model, node):
            continue
        if _is_weighted(_module(model, node)):
            found.add(str(node.target))
        elif keeps_units(model, node):
            found.add(str(node.target))
            carrying.add(node)
            waiting += node.users
        else:
            lost = node.op != "output" and not is_sum(model, node)
            stops.append(Stop(described(model, node), lost, advice(model, node)))
    return _side(model, found, stops)


def _place(model: nn.Module, module_name: str) -> fx.Node | Stop:
    """Return the step that is the site, or why it cannot be found."""

    class Tracer(fx.Tracer):
        def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
            return module_qualified_name == module_name or super().is_leaf_module(m, module_qualified_name)

    try:
        nodes = Tracer().trace(model).nodes
    except Exception as error:  # a user's forward may do anything with the stand-ins of tracing
        return Stop(_where(error), lost=True, advice=_UNTRACED)
    places: list[fx.Node] = [node for node in nodes if node.op == "call_module" and node.target == module_name]
    if len(places) == 1:
        return places[0]
    return Stop(f"a forward pass that calls it {len(places)} times", lost=True, advice="Give each use its own module.")


def _where(error: Exception) -> str:
    """Return where tracing failed: the last line that is not torch's."""
    torch_itself = Path(torch.__file__).parent
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    own = [frame for frame in lines if torch_itself not in Path(frame.filename).parents]
    said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    return f"`{own[-1].line}` in `{own[-1].name}`, which cannot be traced ({said})" if own else f"tracing ({said})"


def _is_own(module: nn.Module) -> bool:
    """Tell whether a module is a user's own without weights, such as a nonlinearity; tracing does not look into it."""
    return not type(module).__module__.startswith("torch.") and next(module.parameters(), None) is None


def _module(model: nn.Module, node: fx.Node) -> nn.Module | None:
    return model.get_submodule(str(node.target)) if node.op == "call_module" else None


def _is_weighted(module: nn.Module | None) -> TypeGuard[Weighted]:
    return isinstance(module, nn.Linear | nn.Conv2d)


def _side(model: nn.Module, found: set[str], stops: Iterable[Stop]) -> Side:
    modules = {name: module for name, module in model.named_modules() if name in found}
    layers = {name: module for name, module in modules.items() if _is_weighted(module)}
    norms = {name: module for name, module in modules.items() if _is_norm(module)}
    return Side(layers, norms, tuple(dict.fromkeys(stops)))


def _is_norm(module: nn.Module) -> TypeGuard[Norm]:
    shared = isinstance(module, nn.PReLU) and module.num_parameters == 1
    return isinstance(module, Norm) and not shared
