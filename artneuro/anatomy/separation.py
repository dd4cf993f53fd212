"""Separation: which steps of a network keep the units of a site apart, and what to say of one that may not."""

import operator
from collections.abc import Callable
from typing import Any

from torch import fx, nn

Norm = nn.BatchNorm1d | nn.BatchNorm2d | nn.InstanceNorm1d | nn.InstanceNorm2d | nn.PReLU
"""Modules that may hold numbers of each unit's own: a scale and a shift, running statistics, a slope."""

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.PReLU)
_PASSING = (
    *_NORMS,
    *(nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout, nn.FeatureAlphaDropout),
    *(nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d, nn.LPPool1d, nn.LPPool2d),
    *(nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d),
    *(nn.ZeroPad2d, nn.ConstantPad2d, nn.ReflectionPad2d, nn.ReplicationPad2d, nn.Upsample),
    *(nn.Identity, nn.Flatten, nn.Unflatten),
)
_NONLINEAR = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish),
    *(nn.Softplus, nn.Softsign, nn.Tanh, nn.Sigmoid, nn.LogSigmoid, nn.Hardswish, nn.Hardsigmoid, nn.Hardtanh),
    *(nn.Hardshrink, nn.Softshrink, nn.Tanhshrink, nn.Threshold),
)

# Functions and methods, by name: `relu` is torch.relu, torch.nn.functional.relu and Tensor.relu_ alike
_NONLINEAR_NAMES = frozenset(
    {
        *("relu", "relu6", "leaky_relu", "rrelu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus"),
        *("softsign", "tanh", "sigmoid", "log_sigmoid", "hardswish", "hardsigmoid", "hardtanh", "hardshrink"),
        *("softshrink", "tanhshrink", "threshold", "clamp", "clamp_min", "clamp_max", "clip", "abs"),
        *("absolute", "exp", "log1p", "square", "sqrt", "pow"),
    }
)
_PASSING_NAMES = frozenset(
    {
        *("dropout", "dropout1d", "dropout2d", "alpha_dropout", "feature_alpha_dropout", "max_pool1d"),
        *("max_pool2d", "avg_pool1d", "avg_pool2d", "lp_pool1d", "lp_pool2d", "adaptive_avg_pool1d"),
        *("adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "interpolate", "pad", "flatten"),
        *("unflatten", "view", "reshape", "squeeze", "unsqueeze", "contiguous", "clone", "detach", "to"),
        *("float", "neg"),
    }
)
_REDUCING_NAMES = frozenset({"mean", "sum", "amax", "amin", "std", "var"})
_SUM_NAMES = frozenset({"add", "iadd"})
_POINTWISE_NAMES = _SUM_NAMES | frozenset(
    {
        *("sub", "isub", "mul", "imul", "div", "truediv", "itruediv", "pow", "maximum", "minimum", "where"),
        *("gt", "ge", "lt", "le"),
    }
)
_MEASURING = frozenset({"size", "dim", "numel", "shape", "ndim", "dtype", "device"})

_ADVICE = (
    (
        (nn.LayerNorm, nn.GroupNorm, nn.LocalResponseNorm, nn.RMSNorm),
        "It computes with many units at once: nn.BatchNorm2d or nn.InstanceNorm2d would keep them apart.",
    ),
    (
        (nn.Conv1d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d, nn.Bilinear),
        "Its weights are not known here: nn.Conv2d (of an image one pixel high, for one) and nn.Linear are.",
    ),
)


def keeps_units(model: nn.Module, node: fx.Node) -> bool:
    """Tell whether a step of a network gives every unit what is made of that unit alone.

    Arithmetic between tensors does, where both are made of the same units: ``x * torch.sigmoid(x)``.
    """
    if node.op == "call_module":
        return isinstance(model.get_submodule(str(node.target)), (*_PASSING, *_NONLINEAR))
    name, inputs = _name(node), data_inputs(model, node)
    if name in _POINTWISE_NAMES:
        return bool(inputs) and len({_origin(model, source) for source in inputs}) == 1
    if len(inputs) != 1:
        return False
    if name in _REDUCING_NAMES:
        dims = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else None)
        each = dims if isinstance(dims, tuple | list) else (dims,)
        return all(dim in (2, 3, -1, -2) for dim in each)
    if node.target is operator.getitem:
        index: Any = node.args[1]
        return isinstance(index, tuple) and len(index) > 2 and index[:2] == (slice(None), slice(None))
    return name in _NONLINEAR_NAMES or name in _PASSING_NAMES


def is_nonlinear(model: nn.Module, node: fx.Node) -> bool:
    """Tell whether a step is a nonlinearity of each unit."""
    if node.op == "call_module":
        module = model.get_submodule(str(node.target))
        return isinstance(module, _NONLINEAR)
    return _name(node) in _NONLINEAR_NAMES


def is_sum(model: nn.Module, node: fx.Node) -> bool:
    """Tell whether a step adds tensors, as a skip connection does."""
    return _name(node) in _SUM_NAMES and len(data_inputs(model, node)) > 1


def data_inputs(model: nn.Module, node: fx.Node) -> list[fx.Node]:
    """Return the steps whose values a step reads; shapes and fixed tensors are none."""
    return [source for source in node.all_input_nodes if not is_constant(model, source)]


def is_constant(model: nn.Module, node: fx.Node) -> bool:
    """Tell whether a step gives the same whatever the stimuli are, but for how many: a shape, a buffer."""
    if node.op == "get_attr":
        return not isinstance(_attribute(model, node), nn.Parameter)
    if node.op not in ("call_function", "call_method"):
        return False
    measured = node.args[1] if node.target is getattr else node.target
    return measured in _MEASURING or all(is_constant(model, source) for source in node.all_input_nodes)


def described(model: nn.Module, node: fx.Node) -> str:
    """Return what a person would call a step.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Softmax(1))
    >>> [described(model, node) for node in fx.symbolic_trace(model).graph.nodes]
    ["the network's input", '0 (nn.Flatten)', '1 (nn.Softmax)', "the network's output"]
    """
    if node.op == "call_module":
        kind = type(model.get_submodule(str(node.target)))
        return f"{node.target} ({'nn.' if kind.__module__.startswith('torch.nn.') else ''}{kind.__name__})"
    if isinstance(node.target, str):
        named = {"placeholder": "the network's input", "output": "the network's output"}
        return named.get(node.op, node.target if node.op == "get_attr" else f"Tensor.{node.target}")
    module = str(getattr(node.target, "__module__", None)).replace("torch._C._nn", "torch.nn.functional")
    return f"{module.removeprefix('_')}.{getattr(node.target, '__name__', node.target)}"


def advice(model: nn.Module, node: fx.Node) -> str:
    """Return what to use in place of a step that may mix units; empty where nothing particular is known."""
    if node.op != "call_module":
        return ""
    module = model.get_submodule(str(node.target))
    return next((text for kinds, text in _ADVICE if isinstance(module, kinds)), "")


def _name(node: fx.Node) -> str:
    """Return the name of a torch function, operator or method; empty for anything else."""
    if node.op == "call_method":
        return str(node.target).removesuffix("_")
    if node.op != "call_function":
        return ""
    target: Callable[..., Any] = node.target  # type: ignore[assignment]
    known = str(getattr(target, "__module__", None)).partition(".")[0] in ("torch", "_operator")
    return getattr(target, "__name__", "").strip("_") if known else ""


def _origin(model: nn.Module, node: fx.Node) -> fx.Node:
    """Return the step behind which units have been kept apart up to here."""
    while keeps_units(model, node) and (inputs := data_inputs(model, node)):
        node = inputs[0]
    return node


def _attribute(model: nn.Module, node: fx.Node) -> Any:
    owner, _, name = str(node.target).rpartition(".")
    return getattr(model.get_submodule(owner), name)
