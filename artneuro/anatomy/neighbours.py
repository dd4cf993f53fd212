"""Neighbours of a site: the weighted layers that drive its units, and those that its units drive."""

import operator
from collections.abc import Iterable
from typing import TypeGuard

import torch
from torch import fx, nn
from torch.nn import functional as F

Weighted = nn.Linear | nn.Conv2d
Norm = nn.BatchNorm1d | nn.BatchNorm2d

_PASSING = (
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.Identity,
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.AdaptiveMaxPool2d,
    nn.Flatten,
)
_RESHAPING = (torch.flatten, "flatten", "view", "reshape")
_SUMS = (operator.add, operator.iadd, torch.add, "add", "add_")
_NONLINEAR = (torch.relu, F.relu, F.gelu, F.silu, F.leaky_relu, F.elu, torch.tanh, torch.sigmoid, "relu", "relu_")
_NONLINEAR_MODULES = (
    nn.ReLU,
    nn.ReLU6,
    nn.GELU,
    nn.SiLU,
    nn.LeakyReLU,
    nn.ELU,
    nn.SELU,
    nn.Softplus,
    nn.Tanh,
    nn.Sigmoid,
)


def layers_into(model: nn.Module, module_name: str) -> dict[str, Weighted]:
    """Return the linear and convolutional layers whose outputs are the units of a site.

    Between layer and site lie its own nonlinearity and whatever keeps units apart: batch norm, dropout, pooling,
    reshaping. Where a residual sum lies between, both branches count up to the next nonlinearity, so that a bare skip
    connection, which has no weights, adds nothing.

    Parameters
    ----------
    model : nn.Module
        The network.
    module_name : str
        Name of the site's torch module.

    Returns
    -------
    dict of str to nn.Linear or nn.Conv2d
        By module name, in the order of computation. Empty where the network cannot be traced, or something else lies
        between.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    >>> list(layers_into(model, "1")), list(layers_out_of(model, "1"))
    (['0'], ['3'])
    """
    return _in_order(model, _into(model, module_name))


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
        By module name, in the order of computation. Empty where the network cannot be traced, or nothing reads them.
    """
    return _in_order(model, _out_of(model, module_name))


def norms_around(model: nn.Module, module_name: str) -> dict[str, Norm]:
    """Return the batch norms that lie between a site and the layers into it and out of it.

    Parameters
    ----------
    model : nn.Module
        The network.
    module_name : str
        Name of the site's torch module.

    Returns
    -------
    dict of str to nn.BatchNorm1d or nn.BatchNorm2d
        By module name, in the order of computation.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    >>> list(norms_around(model, "2"))
    ['1']
    """
    passed = _into(model, module_name) | _out_of(model, module_name)
    return {
        name: module
        for name, module in model.named_modules()
        if name in passed and isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)
    }


def _into(model: nn.Module, module_name: str) -> set[str]:
    """Return the modules from the weighted layers into a site, these included, up to the site itself."""
    place = _place(model, module_name)
    found: set[str] = set()
    waiting = [] if place is None else [(place, 0)]
    while waiting:
        node, nonlinearities = waiting.pop()
        module = _module(model, node)
        nonlinearities += _is_nonlinear(node, module)
        weighted = _is_weighted(module)
        if weighted or nonlinearities < 2:
            found.add(str(node.target))
        if not weighted and nonlinearities < 2 and (_keeps_units(node, module) or node.target in _SUMS):
            waiting += [(source, nonlinearities) for source in node.all_input_nodes]
    return found


def _out_of(model: nn.Module, module_name: str) -> set[str]:
    """Return the modules that a site's units pass through, up to the weighted layers that read them."""
    place = _place(model, module_name)
    found: set[str] = set()
    waiting = [] if place is None else list(place.users)
    while waiting:
        node = waiting.pop()
        module = _module(model, node)
        found.add(str(node.target))
        if not _is_weighted(module) and _keeps_units(node, module):
            waiting += list(node.users)
    return found


def _place(model: nn.Module, module_name: str) -> fx.Node | None:
    class Tracer(fx.Tracer):
        def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
            return module_qualified_name == module_name or super().is_leaf_module(m, module_qualified_name)

    try:
        nodes = Tracer().trace(model).nodes
    except Exception:  # a user's forward may do anything with the stand-ins of tracing
        return None
    places = [node for node in nodes if node.op == "call_module" and node.target == module_name]
    return places[0] if len(places) == 1 else None


def _module(model: nn.Module, node: fx.Node) -> nn.Module | None:
    return model.get_submodule(str(node.target)) if node.op == "call_module" else None


def _is_weighted(module: nn.Module | None) -> TypeGuard[Weighted]:
    return isinstance(module, nn.Linear | nn.Conv2d)


def _is_nonlinear(node: fx.Node, module: nn.Module | None) -> bool:
    return isinstance(module, _NONLINEAR_MODULES) or node.target in _NONLINEAR


def _keeps_units(node: fx.Node, module: nn.Module | None) -> bool:
    return isinstance(module, _PASSING) or node.target in _RESHAPING or _is_nonlinear(node, module)


def _in_order(model: nn.Module, names: Iterable[str]) -> dict[str, Weighted]:
    wanted = set(names)
    return {name: module for name, module in model.named_modules() if name in wanted and _is_weighted(module)}
