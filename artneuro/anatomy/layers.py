"""Hidden layers: what the anatomies are put together from, with one way of naming modules and sites.

The layer ``conv1`` is the modules ``conv1``, ``conv1_norm`` (an option), ``conv1_relu`` and ``conv1_dropout`` (an
option), in this order. The site ``conv1`` is the output of ``conv1_relu``. With another activation, its name stands in
the place of ``relu``.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal

from torch import nn

from artneuro.errors import Problem, SpecificationError

Layers = dict[str, nn.Module]
Activation = Literal["relu", "silu", "gelu", "tanh"]

ACTIVATIONS: Final[Mapping[Activation, Callable[[], nn.Module]]] = {
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
}
"""Nonlinearities by name: max(0, x), x sigmoid(x), x Phi(x) and tanh(x)."""


def dense(
    name: str,
    inputs: int,
    outputs: int,
    *,
    batch_norm: bool = False,
    dropout: float = 0.0,
    activation: Activation = "relu",
) -> Layers:
    """Return a fully connected hidden layer; with batch norm it has no bias, which the norm would take away again."""
    linear = nn.Linear(inputs, outputs, bias=not batch_norm)
    return _hidden(name, linear, nn.BatchNorm1d(outputs) if batch_norm else None, dropout, activation)


def convolution(
    name: str,
    inputs: int,
    outputs: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    batch_norm: bool = False,
    dropout: float = 0.0,
) -> Layers:
    """Return a convolutional hidden layer, padded so that only the stride makes the image smaller.

    With batch norm it has no bias, which the norm would take away again.
    """
    conv = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=not batch_norm)
    return _hidden(name, conv, nn.BatchNorm2d(outputs) if batch_norm else None, dropout)


def _hidden(
    name: str, linear: nn.Module, norm: nn.Module | None, dropout: float, activation: Activation = "relu"
) -> Layers:
    layers: Layers = {name: linear}
    if norm is not None:
        layers[f"{name}_norm"] = norm
    layers[f"{name}_{activation}"] = ACTIVATIONS[activation]()
    if dropout > 0:
        layers[f"{name}_dropout"] = nn.Dropout(dropout)
    return layers


def sequential(layers: Layers) -> nn.Sequential:
    """Return the flat model of named layers, in order."""
    return nn.Sequential(OrderedDict(layers))


def active_sites(model: nn.Module) -> dict[str, str]:
    """Return the sites of a flat model of such layers: name of the layer -> name of its nonlinearity.

    Examples
    --------
    >>> active_sites(sequential({"flatten": nn.Flatten(), **dense("hidden1", 4, 3)}))
    {'hidden1': 'hidden1_relu'}
    """
    ends = [name.rpartition("_") for name, _ in model.named_children()]
    return {layer: f"{layer}_{end}" for layer, _, end in ends if layer and end in ACTIVATIONS}


def scaled(channels: int, width: float) -> int:
    """Return a number of channels times a width multiplier, at least one.

    Examples
    --------
    >>> scaled(96, 0.25), scaled(3, 0.1)
    (24, 1)
    """
    return max(1, round(channels * width))


def require_side(shape: tuple[int, ...], side: int, anatomy: str) -> None:
    """Refuse stimuli that are too small for the pooling of an anatomy.

    Raises
    ------
    SpecificationError
        Where a side of the image has fewer than `side` pixels.
    """
    if min(shape[1:]) < side:
        came = " x ".join(map(str, shape[1:]))
        advice = "Its pooling would leave nothing of smaller ones: choose an anatomy with fewer poolings."
        raise SpecificationError([Problem(anatomy, f"stimuli of at least {side} x {side} pixels", came, advice)])


def all_convolutional(
    shape: tuple[int, ...],
    classes: int,
    layout: Iterable[tuple[int, int, int]],
    *,
    width: float,
    batch_norm: bool,
    dropout: float,
) -> nn.Sequential:
    """Return convolutions ``conv1``, ``conv2``, ..., then one to the classes and its mean over positions.

    Parameters
    ----------
    layout : iterable of (channels, stride, kernel)
        Layer by layer, from the input.
    width : float
        Factor on the channels.
    dropout : float
        After each layer with a stride.
    """
    layers: Layers = {}
    inputs = shape[0]
    for number, (channels, stride, kernel) in enumerate(layout, start=1):
        outputs = scaled(channels, width)
        layers |= convolution(
            f"conv{number}",
            inputs,
            outputs,
            kernel=kernel,
            stride=stride,
            batch_norm=batch_norm,
            dropout=dropout if stride > 1 else 0.0,
        )
        inputs = outputs
    end = {"output": nn.Conv2d(inputs, classes, 1), "average": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten()}
    return sequential({**layers, **end})
